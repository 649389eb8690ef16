"""The same vectors (or the same tokens) in other engines: run by `./run bench speed` in an
environment of its own. Prints one JSON object a line: engine, build, many, p50, p95, overlap."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

TOP = 50
SAMPLE = 100


def spans(start: Any, ids: Any) -> list[Any]:
    return [ids[a:b] for a, b in pairwise(start)]


def overlap(found: list[list[int]], truth: Any) -> float:
    pairs = zip(found, truth, strict=False)
    return float(np.mean([len(set(f) & set(t.tolist())) / TOP for f, t in pairs]))


def report(name: str, build: float, many: float, needs: int, found: Any, truth: Any) -> None:
    row = {"engine": name, "build": build, "each": many / needs, "needs": needs}
    print(json.dumps(row | {"overlap": overlap(found, truth)}), flush=True)


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    made = run()
    return time.perf_counter() - start, made


def matrices(held: Any) -> tuple[Any, Any]:
    from scipy.sparse import csr_matrix

    terms = int(max(held["d_ids"].max(), held["q_ids"].max())) + 1
    d = csr_matrix((held["d_values"], held["d_ids"].astype(np.int32), held["d_start"]),
                   shape=(len(held["d_start"]) - 1, terms))  # fmt: skip
    q = csr_matrix((held["q_values"], held["q_ids"].astype(np.int32), held["q_start"]),
                   shape=(len(held["q_start"]) - 1, terms))  # fmt: skip
    return d, q


def sparse_dot(held: Any) -> None:
    from sparse_dot_topn import sp_matmul_topn

    d, q = matrices(held)
    build, turned = timed(d.T.tocsr)
    many, found = timed(lambda: sp_matmul_topn(q, turned, top_n=TOP, sort=True, n_threads=2))
    rows = [r.tolist() for r in spans(found.indptr, found.indices)]
    report("sparse_dot_topn, 2 threads", build, many, q.shape[0], rows, held["truth"])


def scikit(held: Any) -> None:
    from sklearn.metrics.pairwise import linear_kernel

    d, q = matrices(held)
    q = q[:SAMPLE]

    def run() -> list[list[int]]:
        scores = linear_kernel(q, d, dense_output=True)
        return [np.argpartition(-row, TOP)[:TOP].tolist() for row in scores]

    many, found = timed(run)
    report("scikit-learn linear_kernel", 0.0, many, q.shape[0], found, held["truth"])


def bm25s_numba(held: Any) -> None:
    import bm25s

    docs = [row.tolist() for row in spans(held["d_start"], held["d_ids"])]
    needs = [row.tolist() for row in spans(held["q_start"], held["q_ids"])]
    vocabulary = {str(n): n for n in range(int(max(held["d_ids"].max(), held["q_ids"].max())) + 1)}
    engine = bm25s.BM25(backend="numba")
    build, _ = timed(lambda: engine.index((docs, vocabulary), show_progress=False))
    known = [[t for t in need if t < len(vocabulary)] for need in needs]

    def run() -> Any:
        asked = bm25s.tokenization.Tokenized(ids=known, vocab=vocabulary)
        return engine.retrieve(asked, k=TOP, n_threads=2, show_progress=False).documents

    run()
    many, found = timed(run)
    report("bm25s with numba, 2 threads", build, many, len(needs), found.tolist(), held["truth"])


def tantivy_index(held: Any) -> None:
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_integer_field("id", stored=True)
    schema.add_text_field("body", tokenizer_name="whitespace")
    index = tantivy.Index(schema.build())

    def run() -> None:
        writer = index.writer(num_threads=2)
        for number, row in enumerate(spans(held["d_start"], held["d_ids"])):
            writer.add_document(tantivy.Document(id=number, body=" ".join(map(str, row.tolist()))))
        writer.commit()
        index.reload()

    build, _ = timed(run)
    searcher = index.searcher()
    needs = spans(held["q_start"], held["q_ids"])[:SAMPLE]

    def ask(row: Any) -> list[int]:
        query = index.parse_query(" ".join(map(str, row.tolist())), ["body"])
        return [searcher.doc(a)["id"][0] for _, a in searcher.search(query, TOP).hits]

    many, found = timed(lambda: [ask(row) for row in needs])
    report("tantivy", build, many, len(needs), found, held["truth"])


def rank_bm25_sample(held: Any) -> None:
    from rank_bm25 import BM25Okapi

    docs = [row.tolist() for row in spans(held["d_start"], held["d_ids"])]
    build, engine = timed(lambda: BM25Okapi(docs))
    needs = spans(held["q_start"], held["q_ids"])[:2]
    many, found = timed(
        lambda: [np.argsort(-engine.get_scores(r.tolist()))[:TOP].tolist() for r in needs]
    )
    report("rank_bm25, 2 needs", build, many, len(needs), found, held["truth"])


def postgres(held: Any) -> None:
    import psycopg

    with psycopg.connect(sys.argv[2], autocommit=True) as database:
        database.execute("DROP TABLE IF EXISTS greenmatch_bench")
        database.execute("CREATE TABLE greenmatch_bench (id int, words tsvector)")

        def run() -> None:
            copy = "COPY greenmatch_bench FROM STDIN"
            with database.cursor() as cursor, cursor.copy(copy) as rows:
                for number, row in enumerate(spans(held["d_start"], held["d_ids"])):
                    rows.write_row((number, " ".join(map(str, sorted(row.tolist())))))
            database.execute("CREATE INDEX ON greenmatch_bench USING gin (words)")
            database.execute("ANALYZE greenmatch_bench")

        build, _ = timed(run)
        needs = spans(held["q_start"], held["q_ids"])[:3]
        asked = (
            "SELECT id FROM greenmatch_bench, to_tsquery('simple', %s) AS wanted"
            " WHERE words @@ wanted ORDER BY ts_rank(words, wanted) DESC, id LIMIT %s"
        )

        def ask(row: Any) -> list[int]:
            wanted = " | ".join(map(str, row.tolist()))
            return [number for (number,) in database.execute(asked, (wanted, TOP))]

        many, found = timed(lambda: [ask(row) for row in needs])
        database.execute("DROP TABLE greenmatch_bench")
    report("PostgreSQL full text, ts_rank, 3 needs", build, many, 3, found, held["truth"])


PEERS = (sparse_dot, bm25s_numba, scikit, tantivy_index, postgres, rank_bm25_sample)


if __name__ == "__main__":
    arrays = np.load(sys.argv[1])
    whole = {name: arrays[name] for name in arrays.files}
    for peer in PEERS:
        if peer is postgres and not sys.argv[2]:
            continue
        try:
            peer(whole)
        except Exception as error:  # noqa: BLE001 - one peer less is no reason to lose the others
            print(json.dumps({"engine": peer.__name__, "failed": str(error)[:200]}), flush=True)
