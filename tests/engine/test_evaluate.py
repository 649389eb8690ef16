"""How good it is, measured; on the shared data when it is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cast import COOL_ROOF, HOT_SCHOOLS, OTHERS

from matching.engine import evaluate, read_folder
from matching.engine.evaluate import calibration_error, ndcg, recall, reciprocal_rank

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="shared data is not there")


def test_the_figures_are_those_of_the_textbook():
    assert ndcg(["a", "b", "c"], {"a": 2, "c": 1}) == pytest.approx((3 + 0.5) / (3 + 0.63093), 1e-4)
    assert ndcg([], {}) == 0
    assert recall(["a", "b"], {"b": 1, "z": 1}) == 0.5
    assert reciprocal_rank(["a", "b"], {"b": 1}) == 0.5
    assert reciprocal_rank(["a"], {"b": 1}) == 0
    assert calibration_error([90.0, 90.0, 10.0], [True, True, False]) == pytest.approx(0.1)
    assert calibration_error([], []) == 0


@pytest.fixture
def folder(tmp_path):
    technologies = [
        {"id": "roof", "lang": "en", "text": "", **COOL_ROOF, "trl": [8, 9], "sdgs": [7]}
    ]
    technologies[0]["text"] = technologies[0].pop("description")
    technologies += [
        {"id": f"t{n}", "lang": "en", "title": t, "text": d} for n, (t, d) in enumerate(OTHERS)
    ]
    need = {"id": "schools", "lang": "en", "title": HOT_SCHOOLS["title"],
            "text": HOT_SCHOOLS["problem"], "decision_in_days": 70,
            "budget": {"low": None, "high": 4, "currency": "EUR", "unit": "m2"},
            "scale": {"value": 3, "unit": "m2"}, "concepts": ["buildings.cooling"],
            "targets": [{"metric": "cooling", "value": 3, "unit": "degC"}]}  # fmt: skip
    for name, rows in {"technologies": technologies, "needs": [need]}.items():
        lines = "\n".join(json.dumps(row) for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("schools\t0\troof\t2\nschools\t0\tt1\t0\n")
    return tmp_path


def test_a_folder_in_the_import_format_is_read_and_measured(folder):
    found = read_folder(folder)
    supplies, demands, names = found.supplies, found.demands, found.technologies
    assert (supplies[0].trl_low, supplies[0].trl_high, names[0]) == (8, 9, "roof")
    assert demands[0].weeks_to_decision == 10
    assert demands[0].concepts == {"topic:buildings.cooling"}
    report = evaluate(folder)
    assert (report.ndcg10, report.mrr, report.needs, report.technologies) == (1, 1, 1, 7)
    assert evaluate(folder, judged=True).ndcg10 == 1


@needs_data
@pytest.mark.parametrize(
    ("folder", "least"),
    [
        ("open-sustainable-technology", 0.65),
        ("eu-cleantech-projects", 0.58),
        ("retrieval/cisi", 0.411),
        ("retrieval/arcd", 0.80),
    ],
)
def test_labelled_data_is_ranked_well(folder, least):
    assert evaluate(DATA / folder, most=100).ndcg10 >= least
