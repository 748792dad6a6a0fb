"""Fills the templates. Every value is escaped, and what a template names must be there."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from afas_mailchimp.page_text import Speaker
from afas_mailchimp.page_words import choose_language
from afas_mailchimp.reject_list import words_for
from afas_mailchimp_ui.plot import draw

PAGES = Path(__file__).parent / "pages"
PREFIX = "/afas-mailchimp"


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["iso"] = lambda moment: moment.astimezone(UTC).isoformat(timespec="seconds")
    environment.filters["path"] = lambda text: quote(str(text), safe="")
    return environment


def speaker_for(request: Request) -> Speaker:
    """Who speaks the language of this person: as picked (``?lang=nl``), else as the browser prefers."""
    language = choose_language(request.query_params.get("lang"), request.headers.get("accept-language"))
    return Speaker(language, datetime.now(UTC))


SpeakerDep = Annotated[Speaker, Depends(speaker_for)]


def fill(template: str, request: Request, speaker: Speaker, **values: object) -> str:
    """Fill a template.

    :param template: file name in ``pages``.
    """
    here = str(request.scope.get("root_path", ""))
    return (
        _templates()
        .get_template(template)
        .render(
            t=speaker.say,
            speaker=speaker,
            here=here,
            draw=draw,
            airflow=here.removesuffix(PREFIX),
            words=lambda reason: words_for(reason, speaker.language),
            **values,
        )
    )
