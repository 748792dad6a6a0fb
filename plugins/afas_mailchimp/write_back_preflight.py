"""What must be right before anything is written back: columns, fields of the UpdateConnectors, merge fields. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from afas_mailchimp.checks import check_names
from afas_mailchimp.findings import Findings
from afas_mailchimp.write_back_settings import is_merge_field
from afas_mailchimp.write_back_targets import check_table, find_field

if TYPE_CHECKING:
    from afas_mailchimp.audience import MergeField
    from afas_mailchimp.getconnector import ConnectorField
    from afas_mailchimp.settings import SyncFile
    from afas_mailchimp.updateconnector import UpdateConnector
    from afas_mailchimp.write_back_settings import WriteBackSource


def check_write_back(
    name: str,
    back: WriteBackSource,
    connector: str,
    columns: Sequence[ConnectorField],
    updates: Mapping[str, UpdateConnector],
    findings: Findings,
) -> None:
    """Every column and every field that a source's ``write_back`` names exists, and takes the values listed.

    :param connector: the source's GetConnector.
    :param updates: the UpdateConnectors by name.
    """
    where = f"write_back.{name}"
    check_names(where, connector, back.columns, columns, findings)
    for field, settings in back.fields.items():
        for record_name, record in back.records.items():
            target = settings.target(record_name)
            if target is None:
                continue
            found = find_field(updates[record.update], target)
            problem = found if isinstance(found, str) else check_table(settings.table(), found)
            if problem:
                sentence = f"{where}.fields.{field}: {problem}."
                if sentence not in findings.problems:
                    findings.problems.append(sentence)


def check_written_back(sync: SyncFile, merge_fields: Sequence[MergeField], findings: Findings) -> None:
    """Merge fields that are written back and that no source fills must be in the audience."""
    there = {field.tag for field in merge_fields} | set(sync.merge_kinds)
    for name, back in sync.write_back.items():
        for field, fact in back.facts.items():
            tag = fact.partition(".")[0]
            if is_merge_field(fact) and tag not in there:
                near = difflib.get_close_matches(tag, there, n=2, cutoff=0.5)
                hint = f"; did you mean {' or '.join(near)}?" if near else ""
                findings.problems.append(
                    f"write_back.{name}.fields.{field}: the audience has no merge field {tag}{hint} It has: "
                    f"{', '.join(sorted(there))}."
                )
