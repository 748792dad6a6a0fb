"""Merge fields of one audience: all of them, and new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from afas_mailchimp.audience import MergeField
from afas_mailchimp.errors import ConfigurationError, RefusedError
from afas_mailchimp.findings import NewField
from hooks.afas_mailchimp_mailchimp_client import SafeClient
from hooks.afas_mailchimp_mailchimp_values import read_merge_field

PAGE = 1_000
"""Far more than an audience can have (80); without a number Mailchimp shows ten."""


@dataclass(frozen=True, slots=True)
class MergeFields:
    """The merge fields of an audience.

    :param list_id: checked already.
    """

    client: SafeClient
    list_id: str

    def all(self) -> tuple[MergeField, ...]:
        """Return every one."""
        found = self.client.lists("get_list_merge_fields", self.list_id, count=PAGE, doing="reading the merge fields")
        return tuple(map(read_merge_field, found.get("merge_fields") or ()))

    def create(self, new: NewField) -> MergeField:
        """Create one, and make sure that it is the one that was asked for."""
        tag = new.tag
        body: dict[str, Any] = {"tag": tag, "name": new.name, "type": new.type, "help_text": new.help_text}
        body |= {"public": False, "required": False}
        if new.options:
            body["options"] = new.options
        try:
            doing = f"creating merge field {tag}"
            made = read_merge_field(self.client.lists("add_list_merge_field", self.list_id, body, doing=doing))
        except RefusedError:
            # The first try may have had its effect, its answer lost.
            there = next((each for each in self.all() if each.tag == tag), None)
            if there is None or there.type != new.type:
                raise
            made = there
        if made.tag != tag:
            raise ConfigurationError(
                f"Mailchimp made merge field {made.tag} where {tag} was asked for (a tag has at most 10 capitals, "
                "digits and underscores): remove it there, and choose another tag in the sync file."
            )
        return made

    def describe(self, field: MergeField, help_text: str) -> None:
        """Replace the help text of one."""
        # Mailchimp wants the name in every change of a merge field.
        body = {"name": field.name, "help_text": help_text}
        doing = f"describing merge field {field.tag}"
        self.client.lists("update_list_merge_field", self.list_id, str(field.merge_id), body, doing=doing)
