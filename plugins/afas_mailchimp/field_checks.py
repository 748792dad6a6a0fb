"""Merge fields of the audience against the mapping: there, of the right type, able to hold what is mapped to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from afas_mailchimp.audience import MergeField
from afas_mailchimp.findings import Findings, NewField
from afas_mailchimp.settings import FieldKind, SyncFile

TYPES: Mapping[FieldKind, tuple[str, ...]] = {
    FieldKind.TEXT: ("text", "url", "imageurl", "zip"),
    FieldKind.PHONE: ("phone", "text"),
    FieldKind.DATE: ("date", "text"),
    FieldKind.NUMBER: ("number",),
    FieldKind.ADDRESS: ("address",),
    FieldKind.YES_NO: ("text",),
    FieldKind.CHOICE: ("dropdown", "radio"),
}
"""Types of merge field that each kind of mapping can fill; the first is the one that is created."""

STRICT_TEXT = frozenset({"url", "imageurl", "zip"})
"""Types that take text, and refuse the member whose text has another form."""


def check_merge_fields(
    sync: SyncFile, fields: Sequence[MergeField], *, keys_expected: bool, findings: Findings
) -> None:
    """Merge fields exist with the right type, or are created.

    :param keys_expected: an earlier run wrote our keys: a missing key field means that somebody removed it.
    """
    known = {entry.tag: entry for entry in fields}
    key_field, base_field = sync.audience.key_field, sync.audience.base_field
    if keys_expected and key_field not in known:
        findings.problems.append(
            f"Merge field {key_field} is gone from the audience, and with it who is who. Somebody removed it in "
            f"Mailchimp. Nothing was "
            f"written. To adopt the members anew, delete the Airflow Variables afas_mailchimp.{sync.name}.* and "
            f"run again."
        )
        return
    choices = sync.merge_choices
    wanted = {
        key_field: NewField(key_field, "AFAS key", "text", "Set by the AFAS link. Do not change or remove."),
        base_field: NewField(base_field, "AFAS digest", "text", "Set by the AFAS link. Do not change or remove."),
    }
    for tag, kind in sync.merge_kinds.items():
        wanted[tag] = NewField(tag, tag.capitalize(), TYPES[kind][0], choices=choices.get(tag, ()))
    for tag, new in wanted.items():
        present = known.get(tag)
        if present is None:
            _missing(new, sync, findings)
        elif tag in {key_field, base_field}:
            _check_own_field(present, findings)
        else:
            _check_mapped_field(present, sync.merge_kinds[tag], choices.get(tag, ()), findings)
    for entry in fields:
        if entry.required and entry.tag not in wanted:
            findings.warnings.append(
                f"Merge field {entry.tag} is required in Mailchimp but not mapped; members are written without it."
            )


def _check_own_field(present: MergeField, findings: Findings) -> None:
    if present.type != "text":
        findings.problems.append(
            f"Merge field {present.tag} is of type {present.type}; it must be text. Name another one in the sync file."
        )
    elif present.public:
        findings.warnings.append(
            f"Merge field {present.tag} is visible to subscribers; hide it in Mailchimp (Audience fields)."
        )


def _check_mapped_field(present: MergeField, kind: FieldKind, choices: Sequence[str], findings: Findings) -> None:
    if kind == FieldKind.TEXT and present.type in TYPES[FieldKind.CHOICE]:
        findings.problems.append(
            f"Merge field {present.tag} is of type {present.type}, and Mailchimp refuses a member whose value is not "
            f"among its choices: map it as {{choice: column}} in the sync file."
        )
    elif present.type not in TYPES[kind]:
        findings.problems.append(
            f"Merge field {present.tag} is of type {present.type}, but the sync file maps it as {kind}; possible: "
            f"{', '.join(TYPES[kind])}. A type cannot be changed in Mailchimp: map another merge field, or remove this "
            "one there."
        )
    elif kind == FieldKind.PHONE and present.type == "phone" and present.phone_format not in {"", "none"}:
        findings.problems.append(
            f"Merge field {present.tag} takes phone numbers in the format of {present.phone_format} only. Set it to "
            "International in Mailchimp (Audience > Settings > Audience fields)."
        )
    elif kind == FieldKind.CHOICE:
        _check_choices(present, choices, findings)
    elif kind == FieldKind.TEXT and present.type in STRICT_TEXT:
        findings.warnings.append(
            f"Merge field {present.tag} is of type {present.type}: Mailchimp refuses every member whose value does not "
            "have that form. A merge field of type text takes any."
        )


def _check_choices(present: MergeField, choices: Sequence[str], findings: Findings) -> None:
    """Values of AFAS that the audience's field does not have are left out: those that the file lists are said now."""
    if not present.choices:
        findings.problems.append(
            f"Merge field {present.tag} ({present.type}) has no choices in Mailchimp, so that it can hold nothing: add "
            "them there (Audience > Settings > Audience fields)."
        )
        return
    folded = {each.strip().casefold() for each in present.choices}
    if lacking := [each for each in choices if each.strip().casefold() not in folded]:
        findings.warnings.append(
            f"Merge field {present.tag} lacks the choices {', '.join(lacking)} that the sync file lists; rows with "
            "them go without that field. Add them in Mailchimp (Audience > Settings > Audience fields)."
        )


def _missing(new: NewField, sync: SyncFile, findings: Findings) -> None:
    if not sync.audience.create_merge_fields:
        findings.problems.append(
            f"Merge field {new.tag} (type {new.type}) is missing in the audience. Create it in Mailchimp, or allow "
            "audience.create_merge_fields."
        )
    elif new.type in TYPES[FieldKind.CHOICE] and not new.choices:
        findings.problems.append(
            f"Merge field {new.tag} is missing in the audience, and a dropdown cannot be created without choices: list "
            f"them in the sync file, such as {new.tag}: {{choice: column, choices: [A, B]}}, or create the field in "
            "Mailchimp."
        )
    else:
        findings.create.append(new)
