"""The matching engine: plain Python and NumPy. Records in, scored and explained pairs out."""

from .allot import allot
from .board import Board
from .builder import begin_building, give_back, read_need, read_technologies
from .calibrate import Fit, calibrate, log_loss
from .criteria import VERDICT_KEYS
from .encoder import Encoder
from .encoding import ENCODING, decode_supply, encode_supply
from .evaluate import Report, calibration_error, evaluate, ndcg
from .explain import score_alone, score_pair
from .feedback import likeness
from .folder import read_folder
from .index import Catalogue
from .native import load as load_kernels
from .pivot import Glossary
from .policy import DEFAULT, Policy
from .records import (
    CRITERIA,
    DEMAND_FIELDS,
    EVIDENCE_LEVELS,
    SUPPLY_FIELDS,
    WORLDWIDE,
    Demand,
    Price,
    Quantity,
    Scale,
    Supply,
    Text,
)
from .score import RAISE_KEYS, Raise, Scored, SharedTerm, Shortlist, Verdict, log_odds_at
from .snapshot import SnapshotError
from .text import LANGUAGES, analyse
from .units import LESS_IS_BETTER, METRICS, UNITS
from .vectors import Context

__all__ = [
    "CRITERIA",
    "DEFAULT",
    "DEMAND_FIELDS",
    "ENCODING",
    "EVIDENCE_LEVELS",
    "LANGUAGES",
    "LESS_IS_BETTER",
    "METRICS",
    "RAISE_KEYS",
    "SUPPLY_FIELDS",
    "UNITS",
    "VERDICT_KEYS",
    "WORLDWIDE",
    "Board",
    "Catalogue",
    "Context",
    "Demand",
    "Encoder",
    "Fit",
    "Glossary",
    "Policy",
    "Price",
    "Quantity",
    "Raise",
    "Report",
    "Scale",
    "Scored",
    "SharedTerm",
    "Shortlist",
    "SnapshotError",
    "Supply",
    "Text",
    "Verdict",
    "allot",
    "analyse",
    "begin_building",
    "calibrate",
    "calibration_error",
    "decode_supply",
    "encode_supply",
    "evaluate",
    "give_back",
    "likeness",
    "load_kernels",
    "log_loss",
    "log_odds_at",
    "ndcg",
    "read_folder",
    "read_need",
    "read_technologies",
    "score_alone",
    "score_pair",
]
