"""Draws the bars of the last runs. In Python: they are most of the page, and a template would take twice the time."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from afas_mailchimp.page_text import Speaker
from afas_mailchimp.run_plot import Bar

DEPTH, FOOT = 84, 77
"""Height of the whole drawing, and where the line begins that says whether a run ended well."""


def draw(bars: Iterable[Bar], speaker: Speaker) -> Markup:
    """The bars as SVG, each with what it says as its title."""
    return Markup("".join(_bar(bar, speaker) for bar in bars))  # noqa: S704 - numbers, names of classes, an escaped title


def _bar(bar: Bar, speaker: Speaker) -> str:
    across = f'x="{bar.x}" width="{bar.width}"'
    pieces = "".join(
        f'<rect class="{piece.kind}" {across} y="{piece.y}" height="{piece.height}"/>' for piece in bar.pieces
    )
    return (
        f'<g class="run{" dry" if bar.dry_run else ""}"><title>{escape(speaker.bar(bar))}</title>'
        f'<rect class="ground" {across} y="0" height="{DEPTH}"/>{pieces}'
        f'<rect class="{"fail" if bar.failed else "well"}" {across} y="{FOOT}" height="{DEPTH - FOOT}"/></g>'
    )
