"""The search box of a lower app, answered by whoever stands above and registers a ranker."""

from collections.abc import Callable

Ranker = Callable[[str, str], list[int]]

_rankers: dict[str, Ranker] = {}


def register(kind: str, ranker: Ranker) -> None:
    """``ranker(words, language)`` gives primary keys of ``kind``, best first."""
    _rankers[kind] = ranker


def rank(kind: str, words: str, language: str) -> list[int]:
    ranker = _rankers.get(kind)
    return ranker(words, language) if ranker else []
