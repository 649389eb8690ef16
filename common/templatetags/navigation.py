"""Finding one's way: sections, languages, crumbs, pages of a list, filters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import gettext

from common.languages import NAMES, active
from common.templatetags.places import lang_dir, lang_tag
from common.templatetags.quantities import number
from common.templatetags.sections import ACCOUNT, FOOTER, MAIN, Link

register = template.Library()
Context = dict[str, Any]
FACETS_SHOWN = 6


def _request(context: Context) -> HttpRequest | None:
    return context.get("request")


def _is_here(link: Link, context: Context) -> bool:
    """In this section, by the page's own word or else by the namespace of its address."""
    if wanted := context.get("nav"):
        return wanted == link.namespace
    request = _request(context)
    found = getattr(request, "resolver_match", None)
    return bool(found and link.namespace in (found.namespaces or [found.url_name]))


def _resolved(links: Iterable[Link]) -> list[Context]:
    return [{"label": link.label, "url": url} for link in links if (url := link.url)]


@register.inclusion_tag("_components/mainnav.html", takes_context=True)
def mainnav(context: Context) -> Context:
    links = [
        {"label": link.label, "url": url, "marker": link.marker, "here": _is_here(link, context)}
        for link in MAIN
        if (url := link.url)
    ]
    return {"links": links}


@register.inclusion_tag("_components/account_menu.html", takes_context=True)
def account_menu(context: Context) -> Context:
    return {
        "user": context.get("user"),
        "request": _request(context),
        "csrf_token": context.get("csrf_token"),
        "links": _resolved(ACCOUNT),
    }


@register.inclusion_tag("_components/footer_columns.html")
def footer_columns() -> Context:
    columns = [
        {"title": column.title, "is_name": column.is_name, "links": _resolved(column.links)}
        for column in FOOTER
    ]
    return {"columns": [column for column in columns if column["links"]]}


def _address_in(request: HttpRequest, code: str) -> str:
    """This page in another language; a missing page only changes its prefix."""
    address = request.get_full_path()
    moved = translate_url(address, code)
    prefix = f"/{active()}/"
    if moved == address and code != active() and address.startswith(prefix):
        return f"/{code}/{address.removeprefix(prefix)}"
    return moved


def languages_of_page(context: Context) -> list[Context]:
    """The same page in every language the site speaks, each named in itself."""
    request = _request(context)
    return [
        {
            "code": code,
            "tag": lang_tag(code),
            "dir": lang_dir(code),
            "name": NAMES.get(code, name),
            "url": _address_in(request, code) if request else f"/{code}/",
            "here": code == active(),
        }
        for code, name in settings.LANGUAGES
    ]


@register.inclusion_tag("_components/language_links.html", takes_context=True)
def language_links(context: Context) -> Context:
    return {"languages": languages_of_page(context), "name": NAMES.get(active(), active())}


@register.inclusion_tag("_components/alternates.html", takes_context=True)
def language_alternates(context: Context) -> Context:
    """``<link rel="alternate">`` for the head: absolute addresses, as search engines ask."""
    request = _request(context)
    if request is None:
        return {"languages": []}
    languages = languages_of_page(context)
    for language in languages:
        language["url"] = request.build_absolute_uri(language["url"])
    return {"languages": languages}


@register.inclusion_tag("_components/crumbs.html")
def crumbs(*steps: str) -> Context:
    """Label, address, label, address, … and last a label alone: this page."""
    pairs = [
        (steps[at], steps[at + 1] if at + 1 < len(steps) else "") for at in range(0, len(steps), 2)
    ]
    return {
        "home": Link("", "home").url or f"/{active()}/",
        "steps": [{"label": label, "url": url} for label, url in pairs if label],
        "ends_here": len(steps) % 2 == 1,
    }


def _query(request: HttpRequest | None, page: int | None = None) -> str:
    """The present query with another page number."""
    if request is None:
        return f"?page={page}" if page else "?"
    query = request.GET.copy()
    query.pop("page", None)
    if page and page > 1:
        query["page"] = str(page)
    return "?" + query.urlencode()


@register.inclusion_tag("_components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any]) -> Context:
    request = _request(context)
    elided = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    steps: list[Context] = [
        {"number": number(step), "url": _query(request, step), "here": step == page.number}
        if isinstance(step, int)
        else {"gap": True}
        for step in elided
    ]
    return {
        "several": page.paginator.num_pages > 1,
        "steps": steps,
        "previous": _query(request, page.number - 1) if page.has_previous() else "",
        "next": _query(request, page.number + 1) if page.has_next() else "",
    }


@register.simple_tag
def page_range(page: Page[Any]) -> str:
    """1 to 20 of 48."""
    if not page.paginator.count:
        return gettext("Nothing found")
    return gettext("%(first)s to %(last)s of %(total)s") % {
        "first": number(page.start_index()),
        "last": number(page.end_index()),
        "total": number(page.paginator.count),
    }


@register.inclusion_tag("_components/facet.html")
def facet(name: str, legend: str, options: Sequence[Any], first: int = FACETS_SHOWN) -> Context:
    """A group of ticks with counts. Ticked ones are never folded away."""
    ticked = [option for option in options if _is_ticked(option)]
    others = [option for option in options if not _is_ticked(option)]
    room = max(0, first - len(ticked))
    folded = others[room:] if len(others) - room > 1 else []
    shown = [option for option in options if option not in folded]
    return {"name": name, "legend": legend, "shown": shown, "folded": folded}


def _is_ticked(option: Any) -> bool:
    if isinstance(option, dict):
        return bool(option.get("selected"))
    return bool(getattr(option, "selected", False))


@register.inclusion_tag("_components/active_filters.html", takes_context=True)
def active_filters(context: Context, chosen: Iterable[Context]) -> Context:
    """Every filter in use, each a link to the same list without it."""
    request = _request(context)
    filters = [{**item, "url": _without(request, item)} for item in chosen]
    return {"filters": filters, "clear": request.path if request else "?"}


def _without(request: HttpRequest | None, item: Context) -> str:
    if request is None:
        return "?"
    query = request.GET.copy()
    query.pop("page", None)
    kept = [value for value in query.getlist(item["name"]) if value != str(item["value"])]
    query.setlist(item["name"], kept)
    return "?" + query.urlencode()


@register.inclusion_tag("_components/doors.html")
def doors() -> Context:
    return {
        "post": Link("", "technologies:create").url,
        "file": Link("", "needs:create").url,
    }
