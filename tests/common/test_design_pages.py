from __future__ import annotations

import pytest
from django.core.paginator import Paginator
from django.utils import translation

from common.templatetags import fit, plots, shapes
from common.templatetags.design import register
from tests.common.test_design_tags import Question, Verdict, render

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("lat", "lon", "x", "y"),
    [(29.56, 106.55, 767, 163), (-1.29, 36.82, 576, 285), (45.76, 4.84, 482, 106)],
)
def test_map_projection(lat: float, lon: float, x: int, y: int) -> None:
    assert tuple(round(value) for value in plots.project(lat, lon)) == (x, y)


def test_places_without_coordinates_are_left_out_of_the_map() -> None:
    html = render(
        '{% worldmap needs=points label="Map" %}',
        points=[{"lat": None, "lon": 3}, {"lat": 1, "lon": 3}],
    )
    assert html.count('class="n"') == 1


def test_fit_is_as_wide_as_the_weights_and_met_as_far_as_the_points() -> None:
    drawn = fit.parts([Verdict("purpose", 15, 30), Verdict("cost", 10, 10)])
    assert drawn[0] == {"x": "0", "ask": "744", "meet": "372", "gap_x": "372", "gap": "372"}
    assert drawn[1]["x"] == "752"
    assert drawn[1]["gap"] == ""


def test_fit_says_every_value() -> None:
    verdicts = [Verdict("purpose", 28.2, 30), Verdict("cost", 0, 10, "unknown")]
    html = render("{% fit verdicts %}", verdicts=verdicts)
    assert 'aria-label="Fit by criterion: Purpose 28 of 30 and Cost to check"' in html


def test_figures_in_svg_know_no_language() -> None:
    with translation.override("fr"):
        html = render("{% fit verdicts %}", verdicts=[Verdict("purpose", 1, 3)])
    assert 'width="333.3"' in html


def test_evidence_and_readiness() -> None:
    assert render('{% evidence "documented" %}').count('class="on"') == 2
    assert render('{% evidence "hearsay" %}') == ""
    html = render("{% trl 7 8 %}")
    assert html.count('aria-current="true"') == 2
    assert 'aria-label="Readiness: levels 7 to 8 of 9"' in html
    assert render("{% trl None None %}") == ""


def test_clock_turns_when_five_days_are_left() -> None:
    assert "clock--due" in render("{% clock 5 14 %}")
    assert "clock--due" not in render("{% clock 6 14 %}")


def test_knot_says_what_it_is_out_of() -> None:
    assert render('{% knot 88 about="Ceilings for Lyon" %}') == (
        '<span class="knot">88<span class="vh"> out of 100: Ceilings for Lyon</span></span>'
    )


@pytest.mark.parametrize(
    ("score", "word"), [(88, "Strong fit"), (70, "Good fit"), (12, "Weak fit")]
)
def test_fit_word(score: int, word: str) -> None:
    assert shapes.fit_word(score) == word


def test_fact_without_a_value_is_not_shown() -> None:
    assert render('{% fact "Budget" "" %}') == ""
    assert (
        render('{% fact "Budget" value %}', value="<b>")
        == "<div><dt>Budget</dt><dd>&lt;b&gt;</dd></div>"
    )


def test_original_needs_no_translation_notice() -> None:
    assert render('{% translated_notice "fr" "fr" %}') == ""
    assert "Translated from French" in render('{% translated_notice "en" "fr" %}')


def test_pagination_keeps_the_query() -> None:
    page = Paginator(range(100), 10).page(2)
    html = render("{% pagination page %}", path="/en/?q=heat&page=2", page=page)
    assert 'href="?q=heat&amp;page=3"' in html
    assert 'href="?q=heat" rel="prev"' in html
    assert 'aria-current="page"' in html
    assert render("{% page_range page %}", page=page) == "11 to 20 of 100"


def test_removing_a_filter_keeps_the_others() -> None:
    chosen = [{"name": "terms", "value": "sale", "label": "Sale"}]
    html = render(
        "{% active_filters chosen %}", path="/en/?terms=sale&terms=pilot&q=x&page=3", chosen=chosen
    )
    assert 'href="?terms=pilot&amp;q=x"' in html


def test_facets_fold_but_never_hide_a_tick() -> None:
    options = [{"value": n, "label": n, "count": 1, "selected": n == 9} for n in range(10)]
    html = render('{% facet "n" "Number" options first=3 %}', options=options)
    assert html.index('value="9" checked') < html.index("<details")
    assert "7 more" in html


def test_crumbs_end_with_this_page() -> None:
    html = render('{% crumbs "Needs" "/en/needs/" "N-1" %}')
    assert '<li aria-current="page"><bdi>N-1</bdi></li>' in html


def test_language_links_lead_to_this_page() -> None:
    html = render("{% language_links %}", path="/en/nowhere/?q=1")
    assert 'href="/ar/nowhere/?q=1" lang="ar" hreflang="ar" dir="rtl"' in html
    assert html.count("aria-current") == 1


class TestField:
    def test_label_hint_and_requirement_are_in_words(self) -> None:
        html = render("{% field form.title %}", form=Question())
        assert '<label for="id_title">Title <span class="field__required">(required)' in html
        assert 'aria-describedby="id_title_helptext"' in html
        assert "aria-invalid" not in html

    def test_error_is_beside_the_control_and_named_by_it(self) -> None:
        html = render("{% field form.title %}", form=Question({}))
        assert 'aria-describedby="id_title_helptext id_title_error"' in html
        assert 'aria-invalid="true"' in html
        assert 'id="id_title_error"' in html

    def test_radio_buttons_and_ticks(self) -> None:
        assert 'class="radio"' in render("{% field form.days %}", form=Question())
        assert 'class="tick"' in render("{% field form.terms %}", form=Question())
        assert 'class="tick"' in render("{% field form.sure %}", form=Question())

    def test_hidden_field_has_no_label(self) -> None:
        html = render("{% field form.token %}", form=Question())
        assert html == '<input type="hidden" name="token" id="id_token">'

    def test_summary_links_to_every_problem(self) -> None:
        html = render("{% errors form %}", form=Question({}))
        assert "2 answers need a change" in html
        assert '<a href="#id_title">Title: ' in html
        assert '<a href="#id_days_0">Which days: ' in html

    def test_summary_of_a_fresh_form_is_empty(self) -> None:
        assert render("{% errors form %}", form=Question()) == ""


def test_one_library_has_every_tag() -> None:
    assert {"icon", "fit", "field", "worldmap", "price", "pagination"} <= set(register.tags)
    assert {"quantity", "money", "ago", "country"} <= set(register.filters)
