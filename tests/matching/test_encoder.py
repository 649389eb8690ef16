"""The model an operator brings: found, checked at the start, used, remembered, and done without."""

import json
import os
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from django.core.checks import run_checks

from benchmarks.evaluate import main
from matching import encoder, index
from matching.encoder import EncoderError, OnnxEncoder, Remembering, configured, problem_with
from matching.engine import Catalogue, Demand, Supply, Text
from matching.scoring import refresh_need
from tests.factories import NeedFactory, ProviderFactory, TechnologyFactory

MODEL = os.environ.get("ENCODER_PATH", "")
needs_model = pytest.mark.skipif(
    not MODEL or bool(problem_with(Path(MODEL))),
    reason="no sentence model is installed: set ENCODER_PATH and install onnxruntime, tokenizers",
)


class Tokenizer:
    """Letters as tokens."""

    @classmethod
    def from_file(cls, path):
        json.loads(Path(path).read_text())
        return cls()

    def no_padding(self):
        pass

    def enable_truncation(self, max_length):
        self.most = max_length

    def encode(self, text):
        return SimpleNamespace(ids=[ord(letter) for letter in text[: self.most]])


class Session:
    """Three numbers of each token; counts its runs."""

    runs = 0

    def __init__(self, path, options, providers):
        if Path(path).read_bytes() == b"torn":
            raise RuntimeError("no protobuf")

    def get_inputs(self):
        return [SimpleNamespace(name="input_ids"), SimpleNamespace(name="attention_mask")]

    def run(self, _outputs, fed):
        assert set(fed) == {"input_ids", "attention_mask"}
        type(self).runs += 1
        ids = fed["input_ids"].astype(np.float32)
        return [np.stack([ids, np.ones_like(ids), ids % 7], axis=-1)]


def library(name, **held):
    made = ModuleType(name)
    made.__spec__ = ModuleSpec(name, None)
    vars(made).update(held)
    return made


@pytest.fixture
def libraries(monkeypatch):
    encoder._loaded.cache_clear()
    runtime = library("onnxruntime", InferenceSession=Session, SessionOptions=SimpleNamespace)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    monkeypatch.setitem(sys.modules, "tokenizers", library("tokenizers", Tokenizer=Tokenizer))
    yield
    encoder._loaded.cache_clear()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"model")
    (folder / "tokenizer.json").write_text("{}")
    return folder


def say(folder, **said):
    (folder / "encoder.json").write_text(json.dumps(said))


@pytest.fixture
def without_libraries(monkeypatch):
    monkeypatch.setattr(encoder, "find_spec", lambda name: None)


def test_a_text_becomes_a_vector_of_length_one(folder, libraries):
    vectors = OnnxEncoder(folder).encode(["roof", "pipe", "roof"], "en")
    assert vectors.shape == (3, 3)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert vectors[0].tobytes() == vectors[2].tobytes() != vectors[1].tobytes()
    assert OnnxEncoder(folder).encode([], "en").shape == (0, 3)


def test_encoder_json_says_how_the_model_wants_its_texts(folder, libraries):
    mean = OnnxEncoder(folder).encode(["roof"], "en")
    say(folder, languages=["en", "fr"], pooling="cls", max_tokens=8, query_prefix="query: ")
    model = OnnxEncoder(folder)
    assert model.languages == ("en", "fr")
    assert (model.encode(["roof"], "en") != mean).any()
    assert (model.encode(["roof"], "en") == model.encode(["rain and snow"], "en")).all()
    assert (model.encode(["roof"], "en", asking=True) == model.encode(["query"], "en")).all()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"languages": ["de"]}, "languages are some of en"),
        ({"languages": []}, "languages are some of en"),
        ({"languages": [["en"]]}, "languages are some of en"),
        ({"languages": 1}, "encoder.json"),
        ({"pooling": "max"}, "pooling is one of mean, cls"),
        ({"max_tokens": 4}, "max_tokens"),
        ({"max_tokens": "many"}, "encoder.json"),
        ({"query_prefix": 7}, "query_prefix"),
        ({"pool": "mean"}, "does not know pool"),
    ],
)
def test_a_wrong_encoder_json_is_told(folder, libraries, said, told):
    say(folder, **said)
    assert told in problem_with(folder)
    with pytest.raises(EncoderError, match=r"encoder\.json"):
        OnnxEncoder(folder)


def test_a_list_is_no_encoder_json(folder, libraries):
    (folder / "encoder.json").write_text("[1]")
    assert "encoder.json" in problem_with(folder)


def test_a_bad_path_is_told_at_the_start(settings, tmp_path, libraries):
    assert not run_checks()
    settings.ENCODER_PATH = str(tmp_path / "none")
    (error,) = run_checks()
    assert error.id == "matching.E001"
    assert f"{tmp_path / 'none'} has no model.onnx" in error.msg


def test_a_missing_library_is_told_at_the_start(settings, folder, without_libraries):
    settings.ENCODER_PATH = str(folder)
    (error,) = run_checks()
    assert "onnxruntime and tokenizers not installed" in error.msg


def test_a_model_that_fits_is_no_problem(settings, folder, libraries):
    settings.ENCODER_PATH = str(folder)
    assert not run_checks()


def test_a_torn_model_is_told_and_done_without(folder, libraries, tmp_path, caplog):
    (folder / "model.onnx").write_bytes(b"torn")
    with pytest.raises(EncoderError, match="no protobuf"):
        OnnxEncoder(folder)
    assert configured(str(folder), tmp_path / "kept") is None
    assert "goes on without the encoder" in caplog.text
    assert configured("", tmp_path) is None


def test_vectors_are_remembered_until_the_model_changes(folder, libraries, tmp_path):
    first = Remembering(OnnxEncoder(folder), tmp_path / "kept").encode(["roof", "pipe"], "en")
    again = Remembering(OnnxEncoder(folder), tmp_path / "kept")
    before = Session.runs
    assert (again.encode(["roof", "pipe"], "en") == first).all()
    assert Session.runs == before
    again.encode(["roof"], "en", asking=True)
    assert Session.runs == before + 1
    (folder / "model.onnx").write_bytes(b"another")
    changed = Remembering(OnnxEncoder(folder), tmp_path / "kept")
    before = Session.runs
    changed.encode(["roof"], "en")
    assert Session.runs == before + 1


def test_vectors_that_cannot_be_kept_are_made_again(folder, libraries, tmp_path, caplog):
    (tmp_path / "kept").write_text("a file where a folder should be")
    model = Remembering(OnnxEncoder(folder), tmp_path / "kept")
    assert "cannot be kept" in caplog.text
    assert model.encode(["roof"], "en").shape == (1, 3)


def test_a_broken_file_of_vectors_does_not_stop_the_matching(folder, libraries, tmp_path, caplog):
    model = Remembering(OnnxEncoder(folder), tmp_path)
    model.encode(["roof"], "en")
    model._file.execute("DROP TABLE vectors")
    assert model.encode(["roof"], "en").shape == (1, 3)
    assert "not kept any more" in caplog.text


@pytest.mark.django_db
def test_the_site_matches_with_the_model_and_without(settings, folder, libraries, tmp_path, city):
    settings.DATA_DIR = tmp_path
    need = NeedFactory(organisation=city, problem="White roofs send heat back")
    TechnologyFactory(organisation=ProviderFactory(), description="White roofs send heat back")
    refresh_need(need.pk)
    plain = need.suggestions.get()
    settings.ENCODER_PATH = str(folder)
    index.forget()
    refresh_need(need.pk)
    heard = need.suggestions.get()
    assert heard.score != plain.score
    assert "likeness" in heard.verdicts[0]["numbers"]
    assert "likeness" not in plain.verdicts[0]["numbers"]
    assert list((tmp_path / "encoder").glob("vectors-*.sqlite3"))


def test_evaluate_takes_a_model_and_tells_what_is_wrong_with_it(
    folder, libraries, tmp_path, capsys
):
    data = tmp_path / "data"
    data.mkdir()
    row = {"id": "a", "lang": "en", "title": "White roof", "text": "It sends heat back"}
    for name in ("technologies", "needs"):
        (data / f"{name}.jsonl").write_text(json.dumps(row | {"id": name}))
    (data / "qrels.tsv").write_text("needs\t0\ttechnologies\t1\n")
    assert main([str(data), "--encoder", str(folder)]) == 0
    assert "1.0000" in capsys.readouterr().out
    assert main([str(data), "--encoder", str(tmp_path / "none")]) == 2
    assert "has no model.onnx" in capsys.readouterr().err


@needs_model
def test_a_real_model_finds_what_is_said_in_other_words():
    said = ["Bicycle parking for commuters", "Detection of leaks in drinking water networks"]
    towns = [f"{thing} for district {n}" for n in range(30) for thing in ("Street lamps", "Buses")]
    supplies = [
        Supply(n, n, "en", (Text("en", "title", title),)) for n, title in enumerate(said + towns)
    ]
    need = Demand(1, 1, "en", (Text("en", "title", "Our pipes lose much of what we pump"),))
    catalogue = Catalogue(supplies)
    before = dict(catalogue.ranked(need, 99))
    catalogue.use(OnnxEncoder(Path(MODEL)))
    after = dict(catalogue.ranked(need, 99))
    assert after[1] > before[1]
    assert catalogue.ranked(need)[0][0] == 1
