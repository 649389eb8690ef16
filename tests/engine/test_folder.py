"""Folders as they come: what can be read is measured, what cannot is told; nothing raises."""

from __future__ import annotations

import gzip
import json

import pytest

from benchmarks import evaluate as command
from matching.engine import evaluate, read_folder

HOSTILE = {
    "nul": "\0leak\0 pipe\0",
    "surrogates": "leak \ud800 pipe \udfff",
    "bidi": "\u202eleak\u2066 pipe\u2069 \u200f",
    "stop words": "the of and to in is",
    "emoji": "🌱🔥 💧" * 50,
    "mixed": "leak 漏水 утечка تسرب fuga 123.456,78",
    "long": "pipe leak " * 1_000_000,
    "many": " ".join(f"w{n}x" for n in range(100_000)),
    "one word": "x" * 1_000_000,
    "han": "漏" * 300_000,
    "marks": "e" + "\u0301" * 100_000,
    "empty": "",
}


def save(folder, name, rows):
    text = "\n".join(json.dumps(row) for row in rows)
    (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    save(
        tmp_path,
        "technologies.jsonl",
        [
            {"id": "t1", "lang": "en", "title": "Leak detection", "text": "Finds leaks in pipes."},
            {"id": "t2", "lang": "fr", "title": "Toit frais", "text": "Peinture blanche."},
            {"id": "both", "lang": "en", "title": "Leaking pipes in the city", "text": ""},
        ],
    )
    save(
        tmp_path,
        "needs.jsonl",
        [
            {"id": "both", "lang": "en", "title": "Leaking pipes in the city", "text": ""},
            {"id": "n2", "lang": "zz", "title": "white paint", "text": "", "extra": [1]},
        ],
    )
    (tmp_path / "qrels.tsv").write_text("both\t0\tt1\t2\nboth\t0\tboth\t3\n", encoding="utf-8")
    return tmp_path


def test_a_record_is_left_out_of_its_own_results(folder):
    report = evaluate(folder)
    assert (report.ndcg10, report.needs, report.technologies) == (1, 1, 3)
    assert [(a, b) for a, b, _ in report.pairs] == [("en", "en")]


def test_bad_lines_are_told_and_the_rest_is_read(folder):
    path = folder / "technologies.jsonl"
    bad = ['{"id": "t1", "title": "again"}', "{", "[1]", '{"title": "no id"}', "null",
           '{"id": "t9", "trl": "x", "cost": 5, "title": 7}']  # fmt: skip
    path.write_text(path.read_text() + "\n" + "\n".join(bad) + "\n\n", encoding="utf-8")
    (folder / "qrels.tsv").write_text("both\t0\tt1\t2\nwrong\nboth\t0\tt2\tx1\n")
    found = read_folder(folder)
    assert found.technologies == ["t1", "t2", "both", "t9"]
    told = [str(problem) for problem in found.problems]
    assert told[0] == "technologies.jsonl, line 4: the id t1 is used twice"
    assert told[1] == "technologies.jsonl, line 5: not JSON"
    assert "technologies.jsonl, line 9: trl: cannot be read, taken as unknown" in told
    assert "qrels.tsv, line 2: not «need, 0, technology, grade»" in told
    assert evaluate(found).ndcg10 == 1


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_files_of_other_systems_are_read(folder, ending, start):
    for name in ("technologies.jsonl", "needs.jsonl", "qrels.tsv"):
        text = start + (folder / name).read_text(encoding="utf-8").replace("\n", ending) + ending
        (folder / name).unlink()
        (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    report = evaluate(folder)
    assert (report.ndcg10, report.problems) == (1, ())


@pytest.mark.parametrize(
    "labels",
    ["both 0 t1 1", "both\tt1\t1", "need\ttechnology\tgrade\nboth\tt1\t1.0", "both\t0\tt1\t2\tx\ty",
     "both\t0\tt1\t1\nboth\t0\tnot-there\t0\nboth\t0\tt2\t-1"],
)  # fmt: skip
def test_labels_in_the_usual_forms_are_read(folder, labels):
    (folder / "qrels.tsv").write_text(labels, encoding="utf-8")
    report = evaluate(folder, judged=True)
    assert (report.ndcg10, report.mrr, report.problems) == (1, 1, ())


def test_hostile_texts_are_only_texts(tmp_path):
    rows = [{"id": f"{n} {i}", "lang": lang, "title": name, "text": text}
            for i, (name, text) in enumerate(HOSTILE.items())
            for n, lang in enumerate(("en", "ar", None))]  # fmt: skip
    save(tmp_path, "technologies.jsonl", rows)
    save(tmp_path, "needs.jsonl", [{**row, "id": f"n{row['id']}"} for row in rows[::2]])
    labels = "".join(f"n{row['id']}\t0\t{row['id']}\t1\n" for row in rows[::2])
    (tmp_path / "qrels.tsv").write_text(labels, encoding="utf-8")
    report = evaluate(tmp_path)
    assert report.needs == 18
    assert report.ndcg10 > 0.5


def test_the_command_prints_a_table_and_writes_a_run(folder, capsys):
    out = folder / "run.trec"
    assert command.main([str(folder), "--out", str(out), "--top", "2"]) == 0
    assert "en > en" in capsys.readouterr().out
    rows = [line.split(" ") for line in out.read_text(encoding="utf-8").splitlines()]
    assert {row[0] for row in rows} == {"both", "n2"}
    assert all(len(row) == 6 and row[1] == "Q0" for row in rows)
    assert all(row[2] != row[0] for row in rows)
    for need in ("both", "n2"):
        scores = [float(row[4]) for row in rows if row[0] == need]
        assert scores == sorted(scores, reverse=True)
        assert len(set(scores)) == len(scores) <= 2


def test_a_folder_without_labels_or_files_is_told(folder, capsys):
    (folder / "qrels.tsv").unlink()
    assert command.main([str(folder)]) == 0
    assert "nothing to compare" in capsys.readouterr().out
    (folder / "needs.jsonl").unlink()
    assert command.main([str(folder)]) == 2
    assert "has no needs.jsonl" in capsys.readouterr().err
    assert command.main([str(folder), "--packs", str(folder / "none")]) == 2
