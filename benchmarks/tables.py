"""Figures to a section of docs/benchmarks.md, between two marks that are kept."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from typing import Any


def write(path: Path, name: str, section: str) -> None:
    """Replace the section between the marks of this name, or add it."""
    first, last = f"<!-- {name} -->", f"<!-- end of {name} -->"
    section = f"{first}\n{section}\n{last}"
    old = path.read_text(encoding="utf-8") if path.exists() else "# Benchmarks\n"
    if first in old:
        before, rest = old.split(first, 1)
        new = before + section + rest.split(last, 1)[1]
    else:
        new = f"{old.rstrip()}\n\n{section}\n"
    path.write_text(new, encoding="utf-8")
    print(section)


def _model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores"


def where() -> str:
    """Machine, date and load."""
    one, five, fifteen = os.getloadavg()
    return (
        f"{_model()}; {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC; load average at the end"
        f" {one:.1f}, {five:.1f}, {fifteen:.1f}: compare ratios."
    )


def text(found: dict[str, Any]) -> str:
    """The section of one market beside the peers."""
    needs, scatter = found["needs"], found["scatter"]
    floor = found["touched"] * 4 / found["bandwidth"]
    about = (
        f"{found['technologies']:,} technologies × {needs:,} needs, exact top 50. {where()}"
        f" {found['sample']:,} technologies of real sentences were analysed with the bundled"
        f" glossary; the rows mix terms and facts of two of them. Postings: {found['postings']:,},"
        f" touched {found['touched'] / needs:,.0f} for a need. Peers that weigh terms by themselves"
        " overlap less. Floor and text alone: the best of rounds that take turns."
    )
    ours = (
        f"| GreenMatch, text alone | {found['text']:.2f} | {found['text'] / scatter:.2f}"
        f" | {found['inverting']:.1f} | {found['overlap']:.4f} |"
    )
    lines = [
        "## Speed",
        "",
        about,
        "",
        "| engine | seconds for all needs | × scatter floor | build s | overlap@50 with float64 |",
        "|---|---|---|---|---|",
        f"| floor: memory bandwidth | {floor:.2f} | {floor / scatter:.2f} | | |",
        f"| floor: scatter-add, 2 threads | {scatter:.2f} | 1 | | |",
        ours,
        f"| GreenMatch, all criteria | {found['all']:.2f} | {found['all'] / scatter:.2f} | | |",
    ]
    lines += [row_of(peer, needs, scatter) for peer in found["peers"]]
    lines += ["", "| one at a time | p50 ms | p95 ms |", "|---|---|---|"]
    lines += [f"| {name} | {a:.2f} | {b:.2f} |" for name, (a, b) in found["figures"].items()]
    lines += ["", memory(found)]
    return "\n".join(lines)


def growth(small: dict[str, Any], large: dict[str, Any]) -> str:
    """The section of two markets, one ten times the other."""
    rows = [
        ("postings, millions", small["postings"] / 1e6, large["postings"] / 1e6),
        ("index from vectors, s", small["inverting"], large["inverting"]),
        ("index on disk, MB", small["megabytes"], large["megabytes"]),
        ("scatter floor, all needs, s", small["scatter"], large["scatter"]),
        ("text alone, all needs, s", small["text"], large["text"]),
        ("all criteria, all needs, s", small["all"], large["all"]),
    ]
    for name, (a, b) in small["figures"].items():
        c, d = large["figures"][name]
        rows += [(f"{name}, p50 ms", a, c), (f"{name}, p95 ms", b, d)]
    lines = [
        f"## Speed at {large['technologies']:,} technologies",
        "",
        f"{small['needs']:,} needs, exact top 50, 2 threads. {where()}",
        "",
        f"| | {small['technologies']:,} | {large['technologies']:,} | × |",
        "|---|---|---|---|",
    ]
    lines += [f"| {name} | {a:.2f} | {b:.2f} | {b / a:.1f} |" for name, a, b in rows]
    return "\n".join([*lines, "", memory(large)])


def row_of(peer: dict[str, Any], needs: int, scatter: float) -> str:
    """A peer in the table; one asked with fewer needs is scaled up."""
    if "failed" in peer:
        return f"| {peer['engine']} | did not run: {peer['failed']} | | | |"
    seconds = peer["each"] * needs
    sampled = "" if peer["needs"] == needs else f" (from {peer['needs']})"
    return (
        f"| {peer['engine']} | {seconds:.2f}{sampled} | {seconds / scatter:.1f}"
        f" | {peer['build']:.1f} | {peer['overlap']:.3f} |"
    )


def memory(found: dict[str, Any]) -> str:
    """The sentence about memory and preparation."""
    (private, shared), (after, mapped) = found["memory"]
    return (
        f"Index {found['megabytes']:.0f} MB on disk, mapped and shared. A process has"
        f" {private // 1024} MB private before it opens the index, {after // 1024} after a need and"
        f" a search (shared {shared // 1024} and {mapped // 1024}). Encoded records to vectors:"
        f" {found['build_each']:.2f} ms each; analysing a need: {found['analysing']:.1f} ms."
    )
