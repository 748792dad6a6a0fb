"""The block ``alerts``: who is told what goes wrong with a sync, and in which language."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictStr

from afas_mailchimp.page_words import Language
from afas_mailchimp.setting_types import Duration, Percent, Settings


def _one_is_a_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class AlertSettings(Settings):
    """Alerts go through Airflow connections of type *Apprise*, which hold addresses and secrets.

    :param to: ids of those connections.
    :param rejected_percent: told when more of the rows that were read are invalid or were refused.
    :param lag: told when what AFAS changed has not been in the audience for longer.
    :param repeat: how often the same is told again while it lasts.
    """

    to: Annotated[
        tuple[Annotated[StrictStr, Field(min_length=1)], ...], Field(min_length=1), BeforeValidator(_one_is_a_list)
    ]
    language: Language = Language.DUTCH
    rejected_percent: Percent | None = 10
    lag: Duration | None = timedelta(hours=6)
    repeat: Duration = timedelta(hours=24)
