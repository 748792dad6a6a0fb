"""What preflight finds: sentences that stop the run, sentences to read, merge fields to create."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

from afas_mailchimp.getconnector import ConnectorField


@dataclass(frozen=True, slots=True)
class NewField:
    """A merge field to create."""

    tag: str
    name: str
    type: str
    help_text: str = ""
    choices: tuple[str, ...] = ()

    @property
    def options(self) -> dict[str, object]:
        """Options of the field: phone numbers of any country, where Mailchimp's default is American; choices."""
        if self.type == "phone":
            return {"phone_format": "none"}
        return {"choices": list(self.choices)} if self.choices else {}


@dataclass(slots=True)
class Findings:
    """What preflight found.

    :param problems: sentences that stop the run.
    :param warnings: sentences that a person should read.
    :param create: merge fields that are missing and may be created.
    """

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    create: list[NewField] = field(default_factory=list)


def near_column(wanted: str, columns: Sequence[ConnectorField]) -> str:
    """End of a sentence: which columns look like the one that is wanted, by id or by label."""
    names = {column.id.casefold(): column.id for column in columns} | {
        column.label.casefold(): column.id for column in columns
    }
    near = difflib.get_close_matches(wanted.casefold(), names, n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(dict.fromkeys(repr(names[name]) for name in near))}?" if near else "."
