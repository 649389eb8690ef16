"""Chance is no match: what long texts share by chance is taken off, in every language alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cast import ASKS, COOL_ROOF, FACTS, HOT_SCHOOLS, PARENTS, demand, market, supply

from matching.engine import CRITERIA, DEFAULT, Board, Catalogue, Glossary, Text, score_pair

COMMON = {
    "en": "The city asks for a system that works in the district for people at a low cost of "
    "operation and maintenance, with a guarantee over the years and data on the site",
    "fr": "La ville demande un système qui fonctionne dans le quartier pour les habitants à faible "
    "coût de fonctionnement et de maintenance, avec une garantie et des données sur le site",
    "es": "La ciudad pide un sistema que funcione en el barrio para los vecinos a bajo coste de "
    "operación y mantenimiento, con garantía de años y datos sobre el lugar",
    "ru": "Город ищет систему, которая работает в районе для жителей с низкой стоимостью "
    "эксплуатации и обслуживания, с гарантией на годы и данными о площадке",
    "ar": "تطلب المدينة نظاما يعمل في الحي للسكان بتكلفة منخفضة للتشغيل والصيانة مع ضمان لسنوات "
    "وبيانات عن الموقع",
    "zh-hans": "城市需要一套系统在城区运行服务居民，运行维护费用低，有多年质量保证和现场运行数据",
}
NOISE = {
    "en": "Traffic noise at night: noise barrier",
    "fr": "Bruit du trafic : écran antibruit",
    "es": "Ruido del tráfico: pantalla acústica",
    "ru": "Шум дорожного движения: шумозащитный экран",
    "ar": "ضوضاء المرور: حاجز الضوضاء",
    "zh-hans": "交通噪声：声屏障",
}
PUMP = {
    "en": "Storm-water pump station",
    "fr": "Station de pompage des eaux pluviales",
    "es": "Estación de bombeo de aguas pluviales",
    "ru": "Насосная станция ливневых вод",
    "ar": "محطة ضخ مياه الأمطار",
    "zh-hans": "雨水泵站",
}
GLOSSARY = Glossary(
    [
        {"en": "traffic noise", "fr": "bruit du trafic", "es": "ruido del tráfico",
         "ru": "шум дорожного движения", "ar": "ضوضاء المرور", "zh-hans": "交通噪声"},
        {"en": "noise barrier", "fr": "écran antibruit", "es": "pantalla acústica",
         "ru": "шумозащитный экран", "ar": "حاجز الضوضاء", "zh-hans": "声屏障"},
    ]
)  # fmt: skip


def technologies(abroad):
    """Twelve pumps of each language and one noise barrier, in the language `abroad`."""
    rows = [
        supply(100 * n + m, language, title=f"{PUMP[language]} {m}", description=COMMON[language])
        for n, language in enumerate(COMMON, 1)
        for m in range(12)
    ]
    return [*rows, supply(1, abroad, title=NOISE[abroad], description=COMMON[abroad])]


@pytest.mark.parametrize("asked", NOISE)
@pytest.mark.parametrize("offered", ["en", "es", "zh-hans"])
def test_the_right_technology_abroad_beats_a_chance_one_at_home(asked, offered):
    catalogue = Catalogue(technologies(offered), glossary=GLOSSARY)
    need = demand(9, asked, title=NOISE[asked], problem=COMMON[asked])
    (first, score), (_, second) = catalogue.ranked(need, 2)
    assert first == 1
    assert score > second + 15
    assert second < 40


@pytest.mark.parametrize("language", COMMON)
def test_long_texts_that_share_only_what_everybody_says_stay_low(language):
    catalogue = Catalogue(technologies("en"), glossary=GLOSSARY)
    need = demand(9, language, title=NOISE[language], problem=" ".join([COMMON[language]] * 3))
    scores = [score for number, score in catalogue.ranked(need, 99) if number != 1]
    assert max(scores) < 40


def test_every_language_measures_chance_by_its_own():
    context = Catalogue(technologies("en"), glossary=GLOSSARY).context
    for language, text in COMMON.items():
        (query,) = context.queries(demand(9, language, title="", problem=text))
        mean, spread = query.chance[language]
        assert mean > 3 * max(query.chance[other][0] for other in COMMON if other != language)
        assert spread > mean


def test_one_technology_or_none_is_enough_to_score_against():
    alone = Catalogue([supply(1, **COOL_ROOF)])
    need = demand(9, **HOT_SCHOOLS)
    assert 60 < alone.ranked(need)[0][1] < 80
    added = Catalogue([])
    added.add(supply(1, **COOL_ROOF))
    assert added.ranked(need)[0][1] > 60


def test_statistics_stay_frozen():
    catalogue = Catalogue(market())
    need = demand(9, **HOT_SCHOOLS)
    before, chance = catalogue.ranked(need, 1), catalogue.context.queries(need)[0].chance
    for number in range(100, 150):
        catalogue.add(supply(number, **HOT_SCHOOLS | {"title": "Roof coating"}))
    assert catalogue.context.queries(need)[0].chance == chance
    assert [pair for pair in catalogue.ranked(need, 99) if pair[0] == 1] == before


def test_technologies_in_several_languages_score_the_same_both_ways():
    both = supply(5, texts=tuple(Text(k, "title", NOISE[k]) for k in ("fr", "es", "zh-hans")))
    needs = [
        demand(n, texts=(Text(k, "title", NOISE[k]), Text("ar", "title", NOISE["ar"])))
        for n, k in enumerate(NOISE)
    ]
    catalogue = Catalogue([*technologies("en"), both], glossary=GLOSSARY)
    board = Board(needs, catalogue.context)
    back = dict(board.ranked(both, 99))
    for need in needs:
        assert dict(catalogue.ranked(need, 99))[5] == back[need.id]
        assert score_pair(need, both, catalogue.context).score == back[need.id]


def test_the_very_topic_beats_many_topics():
    def with_topics(*codes):
        bare = supply(1, title="Something", concepts=frozenset(codes))
        return score_pair(need, bare, Catalogue(market(), parents=PARENTS).context).score

    need = demand(9, title="Cooling", concepts=frozenset({"topic:buildings.cooling"}))
    exact = with_topics("topic:buildings.cooling")
    many = with_topics(*PARENTS)
    assert exact > many + 10
    assert many > with_topics("field:buildings") + 10


def test_facts_move_the_score_visibly_and_the_bar_is_balanced():
    context = Catalogue(market(), parents=PARENTS).context
    need, full = demand(9, **HOT_SCHOOLS, **ASKS), supply(1, **COOL_ROOF, **FACTS)
    bare = supply(1, **COOL_ROOF, concepts=FACTS["concepts"])
    whole = score_pair(need, full, context)
    assert 88 < whole.score < 96
    assert 11 < whole.score - score_pair(need, bare, context).score < 19
    early = replace(full, trl_low=2, trl_high=3)
    unknown = replace(full, trl_low=None, trl_high=None)
    assert score_pair(need, early, context).score < score_pair(need, unknown, context).score - 0.5
    of = {v.criterion: v.of for v in whole.verdicts}
    assert 40 < of["purpose"] < 55
    assert all(3.5 < of[criterion] < 14 for criterion in CRITERIA[1:])
    assert max(of, key=of.get) == "purpose"
    assert DEFAULT.weights["performance"] > DEFAULT.weights["timing"]


def test_chinese_reasons_are_words_as_written():
    filler = [
        supply(n, "zh-hans", title=f"城区供电{n}", description=COMMON["zh-hans"])
        for n in range(3, 40)
    ]
    offer = supply(1, "zh-hans", title="老城区供水管网漏损监测系统")
    context = Catalogue([offer, *filler]).context
    need = demand(9, "zh-hans", title="城区供水管网漏损的监测与旧管道更换")
    pair = score_pair(need, offer, context)
    shown = [term.demand_word for term in pair.terms]
    assert any("供水管网漏损" in word for word in shown)
    assert not any(a != b and a in b for a in shown for b in shown)
    assert all(word in need.texts[0].text for word in [*shown, *pair.missing])
    assert not set("的与") & set("".join([*shown, *pair.missing]))
    assert sum(term.share for term in pair.terms) <= 1 + 1e-9
    assert "更换" in "".join(pair.missing)


@pytest.mark.parametrize("asked", NOISE)
@pytest.mark.parametrize("offered", NOISE)
def test_reasons_never_show_a_pivot(asked, offered):
    context = Catalogue(technologies("en"), glossary=GLOSSARY).context
    pair = score_pair(
        demand(9, asked, title=NOISE[asked]), supply(1, offered, title=NOISE[offered]), context
    )
    assert pair.terms
    words = [w for t in pair.terms for w in (t.term, t.demand_word, t.supply_word)]
    assert not any("\u00a7" in word for word in [*words, *pair.missing])


def test_a_glossary_row_may_lack_a_concept():
    glossary = Glossary([{"en": "combined heat and power", "fr": "cogénération"}])
    offer = supply(1, "fr", title="Cogénération au gaz")
    need = demand(9, title="Combined heat and power for a hospital")
    pair = score_pair(need, offer, Catalogue([offer], glossary=glossary).context)
    assert [t.supply_word for t in pair.terms] == ["cogénération"]
    assert pair.score > 30


def test_glossary_phrases_of_other_scripts_are_found_in_every_language():
    rows = [
        {"concept": f"c{n}", "en": f"alpha{n} beta|gamma{n}", "ru": f"слово{n} дело",
         "zh-hans": chr(0x4E00 + n % 900) + chr(0x5E00 + n)}
        for n in range(300)
    ]  # fmt: skip
    glossary = Glossary(rows)
    assert glossary.pivots(["alpha7", "beta"], "fr") == []
    assert len(glossary) == 4 * 300
    assert glossary.pivots(["gamma7", "slow", "4"], "en") == ["\u00a7c7"]
    assert glossary.pivots(list(rows[7]["zh-hans"]), "en") == ["\u00a7c7"]
