"""The matching engine: plain Python and NumPy. Records in, scored and explained pairs out."""

from .allot import allot
from .criteria import VERDICT_KEYS
from .evaluate import Report, evaluate, read_folder
from .explain import score_pair
from .index import Board, Catalogue
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
from .score import RAISE_KEYS, Raise, Scored, SharedTerm, Shortlist, Verdict
from .text import LANGUAGES, analyse
from .units import LESS_IS_BETTER, METRICS, UNITS
from .vectors import Context

__all__ = [
    "CRITERIA",
    "DEFAULT",
    "DEMAND_FIELDS",
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
    "Supply",
    "Text",
    "Verdict",
    "allot",
    "analyse",
    "evaluate",
    "read_folder",
    "score_pair",
]
