"""A sentence model that an operator brings: a folder with model.onnx and tokenizer.json, read with
onnxruntime and tokenizers where these are installed. Engine, site and benchmarks take it as it is.

`encoder.json` beside them may say `languages` (["en"] if it does not), `pooling` ("mean" or "cls"),
`max_tokens` (256), and `query_prefix` and `passage_prefix` as some models want them.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b, file_digest
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine import LANGUAGES

logger = logging.getLogger(__name__)
Singles = NDArray[np.float32]
CHARACTERS_OF_A_TOKEN = 20  # a text is cut before the tokenizer reads it
POOLINGS = ("mean", "cls")
FILES = ("model.onnx", "tokenizer.json")
LIBRARIES = ("onnxruntime", "tokenizers")


class EncoderError(Exception):
    """Why the model cannot be used, for the operator."""


class Said(NamedTuple):
    """encoder.json."""

    languages: tuple[str, ...] = ("en",)
    pooling: str = "mean"
    max_tokens: int = 256
    query_prefix: str = ""
    passage_prefix: str = ""


def read_said(folder: Path) -> Said:
    """What encoder.json says, or what is usual. Raises EncoderError."""
    path = folder / "encoder.json"
    if not path.exists():
        return Said()
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        unknown = ", ".join(sorted(given.keys() - Said._fields))
        if unknown:
            raise ValueError(f"does not know {unknown}")
        most = int(given.get("max_tokens", 256))
        spoken = tuple(map(str, given.get("languages", ("en",))))
        said = Said(**{**given, "languages": spoken, "max_tokens": most})
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise EncoderError(f"{path}: {error}") from error
    if not said.languages or not set(said.languages) <= set(LANGUAGES):
        raise EncoderError(f"{path}: languages are some of {', '.join(LANGUAGES)}")
    if not all(isinstance(text, str) for text in (said.query_prefix, said.passage_prefix)):
        raise EncoderError(f"{path}: query_prefix and passage_prefix are texts")
    if said.pooling not in POOLINGS:
        raise EncoderError(f"{path}: pooling is one of {', '.join(POOLINGS)}")
    if not 8 <= said.max_tokens <= 8192:
        raise EncoderError(f"{path}: max_tokens is a number from 8 to 8192")
    return said


class OnnxEncoder:
    """The model of a folder. One text at a time: companions in a batch would change its vector."""

    def __init__(self, folder: Path) -> None:
        """Raises EncoderError when a file or a library is missing or does not fit."""
        if problem := problem_with(folder):
            raise EncoderError(problem)
        self.said = read_said(folder)
        self.languages: Sequence[str] = self.said.languages
        self._tokenizer, self._session = _opened(folder, self.said.max_tokens)
        self._inputs = {given.name for given in self._session.get_inputs()}
        self._folder = folder
        try:
            self.dimension = len(self._vector("GreenMatch"))
        except Exception as error:  # whatever a model that does not fit raises
            raise EncoderError(f"{folder / 'model.onnx'}: {error}") from error

    @property
    def mark(self) -> str:
        """A name for the vectors of this very model, tokenizer and settings."""
        found = blake2b(repr(self.said).encode(), digest_size=8)
        for name in FILES:
            with (self._folder / name).open("rb") as file:
                found.update(file_digest(file, "sha256").digest())
        return found.hexdigest()

    def encode(self, texts: Sequence[str], language: str, *, asking: bool = False) -> Singles:
        """(n, d) vectors of length 1."""
        before = self.said.query_prefix if asking else self.said.passage_prefix
        most = self.said.max_tokens * CHARACTERS_OF_A_TOKEN
        made = [self._vector(before + text[:most]) for text in texts]
        return np.array(made, dtype=np.float32).reshape(len(made), self.dimension)

    def _vector(self, text: str) -> Singles:
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        fed = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        given = self._session.run(None, {k: v for k, v in fed.items() if k in self._inputs})[0]
        tokens = np.asarray(given, dtype=np.float32)[0]
        if tokens.ndim == 2:
            tokens = tokens[0] if self.said.pooling == "cls" else tokens.mean(axis=0)
        length = float(np.linalg.norm(tokens))
        if tokens.ndim != 1 or not np.isfinite(length) or length == 0:
            raise ValueError(f"no vector of a sentence but {tokens.shape}")
        vector: Singles = (tokens / length).astype(np.float32)
        return vector


def _opened(folder: Path, most: int) -> tuple[Any, Any]:
    """(tokenizer, session); the optional libraries are imported here and nowhere else."""
    try:
        onnxruntime, tokenizers = map(import_module, LIBRARIES)
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length=most)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # threads of it would spin, and round differently
        session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # both libraries raise exceptions of their own
        raise EncoderError(f"{folder}: {error}") from error
    return tokenizer, session


class Remembering:
    """An encoder whose vectors stay in a file that all processes of a machine share.

    The file is a cache: where it cannot be read or written, texts are encoded again.
    """

    def __init__(self, encoder: OnnxEncoder, folder: Path) -> None:
        self.encoder = encoder
        self.languages = encoder.languages
        self._path = folder / f"vectors-{encoder.mark}.sqlite3"
        self._lock = Lock()
        self._file = self._opened()

    def encode(self, texts: Sequence[str], language: str, *, asking: bool = False) -> Singles:
        """(n, d) vectors of length 1."""
        made = [self._vector(text, language, asking) for text in texts]
        return np.array(made, dtype=np.float32).reshape(len(made), self.encoder.dimension)

    def _opened(self) -> sqlite3.Connection | None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = sqlite3.connect(
                self._path, timeout=5, isolation_level=None, check_same_thread=False
            )
            file.execute("PRAGMA journal_mode=WAL")
            file.execute("PRAGMA synchronous=NORMAL")
            file.execute("CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB)")
        except (OSError, sqlite3.Error):
            logger.exception("vectors of texts cannot be kept in %s", self._path)
            return None
        return file

    def _vector(self, text: str, language: str, asking: bool) -> Singles:
        key = blake2b(f"{int(asking)} {text}".encode(), digest_size=16).digest()
        rows = self._ask("SELECT vector FROM vectors WHERE text = ?", key)
        if rows and len(rows[0][0]) == 4 * self.encoder.dimension:
            return np.frombuffer(rows[0][0], dtype="<f4")
        vector: Singles = self.encoder.encode([text], language, asking=asking)[0]
        kept = vector.astype("<f4").tobytes()
        self._ask("INSERT OR REPLACE INTO vectors VALUES (?, ?)", key, kept)
        return vector

    def _ask(self, statement: str, *given: bytes) -> list[Any]:
        with self._lock:
            try:
                return self._file.execute(statement, given).fetchall() if self._file else []
            except sqlite3.Error:
                logger.exception("vectors of texts are not kept any more")
                self._file = None
                return []


def problem_with(folder: Path) -> str:
    """What keeps a model from being used, "" if nothing is seen; does not load it."""
    for name in FILES:
        if not (folder / name).is_file():
            return f"{folder} has no {name}"
    lacking = [name for name in LIBRARIES if find_spec(name) is None]
    if lacking:
        return f"{' and '.join(lacking)} not installed: pip install {' '.join(LIBRARIES)}"
    try:
        read_said(folder)
    except EncoderError as error:
        return str(error)
    return ""


def configured(path: str, kept: Path) -> Remembering | None:
    """The model at a path, loaded once in each process; None, and told, if it cannot be used."""
    return _loaded(path, kept, os.getpid()) if path else None


@lru_cache(maxsize=1)
def _loaded(path: str, kept: Path, process: int) -> Remembering | None:
    """Of this very process: neither a model nor a file may be carried over a fork."""
    try:
        return Remembering(OnnxEncoder(Path(path)), kept)
    except EncoderError:
        logger.exception("matching goes on without the encoder of process %s", process)
        return None
