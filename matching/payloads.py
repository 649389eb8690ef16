"""What a chunk of a run leaves behind, as bytes in its row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

EDGE = np.dtype([("need", "i8"), ("technology", "i8"), ("owner", "i8"), ("score", "f8")])
Edges = NDArray[np.void]


def edges_of(rows: list[tuple[int, int, int, float]]) -> Edges:
    return np.array(rows, dtype=EDGE)


@dataclass(frozen=True, slots=True)
class Found:
    """Needs of a chunk with what was left out for each, and their pairs with technologies."""

    at: datetime
    needs: list[int]
    considered: list[int]
    excluded: list[dict[str, dict[str, int]]]
    edges: Edges

    def pack(self) -> bytes:
        facts = [self.at.timestamp(), self.needs, self.considered, self.excluded]
        text = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
        buffer = BytesIO()
        np.savez(buffer, facts=text, edges=self.edges)
        return buffer.getvalue()

    @classmethod
    def unpack(cls, payload: Any) -> Found:
        with np.load(BytesIO(bytes(payload)), allow_pickle=False) as stored:
            at, needs, considered, excluded = json.loads(stored["facts"].tobytes())
            edges = stored["edges"]
        return cls(datetime.fromtimestamp(at, UTC), needs, considered, excluded, edges)

    def choosing(self, edges: Edges) -> Found:
        """The same needs with only these pairs."""
        return Found(self.at, self.needs, self.considered, self.excluded, edges)
