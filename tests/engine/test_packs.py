"""Dictionary packs: every format read, every fault told with its line, both ways one score."""

from __future__ import annotations

import gzip
import string

import pytest

from matching.engine import Board, Catalogue, Demand, Glossary, Supply, Text, score_pair
from matching.engine.dictionaries import open_dictionary
from matching.engine.packs import GLOSSED, PackError, merged, read_pack, read_packs, write

CEDICT = """# CC-CEDICT, invented for a test
# Licence: CC BY-SA 4.0
漏水 漏水 [lou4 shui3] /to leak (of water)/leakage/
管 管 [guan3] /pipe/CL:根[gen1]/surname Guan/
"""
DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"


def packed_bytes(raw):
    return gzip.compress(raw, mtime=0)


def digits(number):
    return (digits(number // 64) if number > 63 else "") + DIGITS[number % 64]


@pytest.fixture
def dictd(tmp_path):
    """A function that writes headwords and articles as dictd keeps them."""

    def make(name, articles, zipped=True):
        body, index = b"", []
        for word, article in articles:
            raw = f"{word}\n{article}\n".encode()
            index.append(f"{word}\t{digits(len(body))}\t{digits(len(raw))}")
            body += raw
        (tmp_path / f"{name}.index").write_text("\n".join(index) + "\n", encoding="utf-8")
        if zipped:
            (tmp_path / f"{name}.dict.dz").write_bytes(packed_bytes(body))
        else:
            (tmp_path / f"{name}.dict").write_bytes(body)
        return tmp_path / f"{name}.index"

    return make


def packed(path, tmp_path, **options):
    source = open_dictionary(path, **options)
    target = tmp_path / f"{source.name}.pack.gz"
    write(
        target, source.entries, language=source.language, name=source.name, licence=source.licence
    )
    return read_pack(target)


def test_cedict_is_read_plain_and_packed(tmp_path):
    (tmp_path / "c.u8").write_text(CEDICT, encoding="utf-8")
    (tmp_path / "c.txt.gz").write_bytes(packed_bytes(CEDICT.encode()))
    for name in ("c.u8", "c.txt.gz"):
        pack = packed(tmp_path / name, tmp_path)
        assert (pack.language, len(pack)) == ("zh-hans", 2)
        assert "CC BY-SA" in pack.licence or "CC-CEDICT" in pack.licence
        assert dict(pack.meaning("漏 水")).keys() == {"leak", "leakag"}
        assert pack.meaning("管") == [("pipe", 1.0)]


@pytest.mark.parametrize("zipped", [True, False])
def test_freedict_is_read(dictd, tmp_path, zipped):
    articles = [("00-database-short", "Spanish-English FreeDict"),
                ("fuga", "1. leak, escape\n2. flight"), ("agua", "water")]  # fmt: skip
    pack = packed(dictd("freedict-spa-eng", articles, zipped), tmp_path)
    assert pack.language == "es"
    assert pack.meaning("agu") == [("water", 1.0)]
    assert {term for term, _ in pack.meaning("fug")} == {"leak", "escap", "flight"}


def test_a_dictionary_from_english_is_turned_round(dictd, tmp_path):
    articles = [
        ("leak", "   [li:k] _n. утечка, течь"),
        ("pipe", "   _n. труба; pipe line трубопровод"),
    ]
    pack = packed(dictd("mueller", articles), tmp_path)
    assert pack.language == "ru"
    assert dict(pack.meaning("труб"))["pipe"] == 1.0
    assert dict(pack.meaning("утечк"))["leak"] == 1.0


def test_a_word_of_a_short_phrase_means_a_little_of_it(dictd, tmp_path):
    articles = [("00-database-short", "French-English"), ("pompe à chaleur", "heat pump")]
    pack = packed(dictd("freedict-fra-eng", articles), tmp_path)
    assert dict(pack.meaning("chaleur"))["heat"] > 0
    assert next(iter(pack.spans(["pomp", "chaleur"])))[:2] == (0, 2)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("bad.u8", CEDICT + "漏水 leak\n", "bad.u8, line 5"),
        ("bytes.u8", b"# ok\n\xff\xfe\xff", "line 2: not UTF-8"),
        ("cut.txt.gz", packed_bytes(CEDICT.encode())[:40], "cannot be unpacked"),
        ("alone.index", "a\tA\tB\n", "alone.dict"),
        ("empty.u8", "# nothing\n", "no entry"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(tmp_path, name, content, told):
    raw = content if isinstance(content, bytes) else content.encode()
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(PackError, match=told):
        packed(tmp_path / name, tmp_path)
    assert read_packs(tmp_path) == []


@pytest.mark.parametrize("line", ["fuga\tA", "fuga\tA\t", "fuga\tÄ\tB", "fuga\tzzzz\tzzzz"])
def test_a_broken_index_is_told_with_its_line(dictd, tmp_path, line):
    path = dictd("freedict-spa-eng", [("agua", "water")])
    path.write_text(path.read_text() + line + "\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"index, line 2"):
        packed(path, tmp_path)


def test_which_language_must_be_said_where_nothing_tells(dictd, tmp_path):
    path = dictd("words", [("agua", "water")])
    with pytest.raises(PackError, match="--language"):
        packed(path, tmp_path)
    assert packed(path, tmp_path, language="es").language == "es"


@pytest.mark.parametrize(
    "content", [b"x", packed_bytes(b"#other 1\n"),
                packed_bytes(b"#greenmatch-pack 1\n#language es\nagu\twater none\n"),
                packed_bytes(b"#greenmatch-pack 1\n#language xx\nagu\twater 1\n")]
)  # fmt: skip
def test_a_pack_that_is_none_is_told(tmp_path, content):
    (tmp_path / "x.pack.gz").write_bytes(content)
    with pytest.raises(PackError):
        read_packs(tmp_path)


def test_two_packs_of_a_language_are_one(dictd, tmp_path):
    one = packed(dictd("freedict-spa-eng", [("fuga", "leak")]), tmp_path)
    two = packed(dictd("freedict-eng-spa", [("escape", "fuga")]), tmp_path, reverse=True)
    assert {term for term, _ in merged([one, two]).meaning("fug")} == {"leak", "escap"}


@pytest.fixture
def glossary(dictd, tmp_path):
    (tmp_path / "c.u8").write_text(CEDICT, encoding="utf-8")
    spanish = dictd("freedict-spa-eng", [("fuga", "leak"), ("tubo", "pipe")])
    return Glossary((), [packed(tmp_path / "c.u8", tmp_path), packed(spanish, tmp_path)])


TEXTS = {"en": "Pipe leak", "es": "Fuga de tubo", "zh-hans": "管漏水"}


@pytest.mark.parametrize("asked", TEXTS)
@pytest.mark.parametrize("offered", TEXTS)
def test_texts_meet_in_any_two_languages_and_the_words_are_shown(glossary, asked, offered):
    def supply(number, text):
        return Supply(number, number, offered, (Text(offered, "title", text),))

    other = {"en": "Wind turbine", "es": "Aerogenerador marino", "zh-hans": "风力发电"}[offered]
    demand = Demand(7, 7, asked, (Text(asked, "title", TEXTS[asked]),))
    supplies = [supply(1, other), supply(2, TEXTS[offered])]
    catalogue = Catalogue(supplies, glossary=glossary)
    (first, high), (_, low) = catalogue.ranked(demand)
    assert first == 2
    assert high > low
    board = Board([demand], catalogue.context)
    assert dict(board.ranked(supplies[1]))[7] == pytest.approx(high, abs=1e-12)
    scored = score_pair(demand, supplies[1], catalogue.context)
    assert scored.terms
    assert all(GLOSSED not in t.demand_word + t.supply_word + t.term for t in scored.terms)
