"""What must be right before any data moves, as sentences: what is wrong, where, what to do. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from afas_mailchimp.audience import Audience, MemberStatus, MergeField
from afas_mailchimp.getconnector import ConnectorField, Environment
from afas_mailchimp.settings import FieldKind, Source, SyncFile

TYPES: Mapping[FieldKind, tuple[str, ...]] = {
    FieldKind.TEXT: ("text", "dropdown", "radio", "url", "imageurl", "zip"),
    FieldKind.PHONE: ("phone", "text"),
    FieldKind.DATE: ("date", "text"),
    FieldKind.NUMBER: ("number",),
    FieldKind.ADDRESS: ("address",),
}
"""Types of merge field that each kind of mapping can fill; the first is the one that is created."""

TOKEN_WARNING = timedelta(days=60)
ALL_PERCENT = 100
KNOWN_PARAMETERS = ("full_reload", "dry_run", "max_archive_percent")


@dataclass(frozen=True, slots=True)
class NewField:
    """A merge field to create."""

    tag: str
    name: str
    type: str
    help_text: str = ""

    @property
    def options(self) -> dict[str, str]:
        """Options of the field: phone numbers of any country, where Mailchimp's default takes American ones only."""
        return {"phone_format": "none"} if self.type == "phone" else {}


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


def check_parameters(given: Mapping[str, object], findings: Findings) -> None:
    """Refuse run parameters that nobody reads; Airflow accepts any."""
    for name in given:
        if name not in KNOWN_PARAMETERS:
            near = difflib.get_close_matches(name, KNOWN_PARAMETERS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            findings.problems.append(f"Unknown run parameter {name!r}{hint} Allowed: {', '.join(KNOWN_PARAMETERS)}.")
    for name in ("full_reload", "dry_run"):
        if name in given and not isinstance(given[name], bool):
            findings.problems.append(f"Run parameter {name!r} must be true or false.")
    percent = given.get("max_archive_percent")
    if percent is not None and (
        isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 <= percent <= ALL_PERCENT
    ):
        findings.problems.append("Run parameter 'max_archive_percent' must be a number from 0 to 100, or empty.")


def check_environment(environment: Environment, *, today: date, findings: Findings) -> None:
    """Warn of a token that ends, and of an environment that is not production."""
    expires = environment.token_expires
    if expires and expires < today:
        findings.problems.append(
            f"The AFAS token ended on {expires}. Make a new one in AFAS (app connector) and put it in the connection."
        )
    elif expires and expires - today <= TOKEN_WARNING:
        findings.warnings.append(f"The AFAS token ends on {expires}; make a new one before then.")
    if environment.id[:1] in {"T", "A"}:
        findings.warnings.append(
            f"AFAS environment {environment.id} is a test or accept environment: it holds real addresses, and "
            f"they go to this audience."
        )


def check_columns(name: str, source: Source, columns: Sequence[ConnectorField], findings: Findings) -> None:
    """Every column that a source names exists in its connector; a wrong name lists near matches."""
    known = {column.id: column for column in columns}
    for wanted in source.columns:
        if wanted not in known:
            findings.problems.append(
                f"sources.{name}: AFAS connector {source.connector} has no column "
                f"{wanted!r}{_near_column(wanted, columns)} "
                f"It has: {', '.join(sorted(known))}."
            )
    for wanted in source.modified:
        column = known.get(wanted)
        if column and column.data_type != "date":
            findings.problems.append(
                f"sources.{name}.modified: column {wanted!r} of {source.connector} is {column.data_type}, not a date."
            )
    if not source.modified:
        findings.warnings.append(f"sources.{name} has no modified date: only full reloads see its changes.")


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
    wanted = {
        key_field: NewField(key_field, "AFAS key", "text", "Set by the AFAS link. Do not change or remove."),
        base_field: NewField(base_field, "AFAS digest", "text", "Set by the AFAS link. Do not change or remove."),
    }
    for tag, kind in sync.merge_kinds.items():
        wanted[tag] = NewField(tag, tag.capitalize(), TYPES[kind][0])
    for tag, new in wanted.items():
        present = known.get(tag)
        if present is None:
            _missing(new, sync, findings)
        elif tag in {key_field, base_field}:
            _check_own_field(present, findings)
        else:
            _check_mapped_field(present, sync.merge_kinds[tag], findings)
    for entry in fields:
        if entry.required and entry.tag not in wanted:
            findings.warnings.append(
                f"Merge field {entry.tag} is required in Mailchimp but not mapped; members are written without it."
            )


def check_audience(sync: SyncFile, audience: Audience, findings: Findings) -> None:
    """Say what would hurt: mails that go out by themselves, permissions, a missing basis."""
    status = sync.consent.new_members
    if not sync.consent.basis and not any(source.consent_field for source in sync.sources.values()):
        findings.warnings.append(
            "There is no consent.basis and no consent_field: write down on which ground new members may be mailed."
        )
    if status == MemberStatus.PENDING:
        findings.warnings.append(
            "consent.new_members is pending: every new member gets a confirmation mail from Mailchimp."
        )
    elif audience.double_optin and status == MemberStatus.SUBSCRIBED:
        findings.warnings.append(
            "The audience asks for double opt-in, but members created here are subscribed without a confirmation mail."
        )
    if audience.has_welcome and status == MemberStatus.SUBSCRIBED:
        findings.warnings.append("The audience sends a welcome mail: every member created here may get it.")
    if audience.marketing_permissions:
        findings.warnings.append(
            "The audience uses GDPR marketing permissions; new members have none set, and campaigns may leave them out."
        )


def check_watermarks(watermarks: Mapping[str, datetime], *, now: datetime, findings: Findings, variable: str) -> None:
    """A watermark in the future would hide every change until then.

    :param now: AFAS's wall time, naive.
    :param variable: name of the Variable with ``{}`` for the source.
    """
    for source, watermark in watermarks.items():
        if watermark > now + timedelta(hours=1):
            findings.problems.append(
                f"The watermark of source {source} ({watermark.isoformat()}) lies in the future; changes until "
                f"then would be missed. "
                f"Correct or delete the Variable {variable.format(source)}."
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


def _check_mapped_field(present: MergeField, kind: FieldKind, findings: Findings) -> None:
    if present.type not in TYPES[kind]:
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


def _missing(new: NewField, sync: SyncFile, findings: Findings) -> None:
    if sync.audience.create_merge_fields:
        findings.create.append(new)
    else:
        findings.problems.append(
            f"Merge field {new.tag} (type {new.type}) is missing in the audience. Create it in Mailchimp, or allow "
            "audience.create_merge_fields."
        )


def _near_column(wanted: str, columns: Sequence[ConnectorField]) -> str:
    names = {column.id.casefold(): column.id for column in columns} | {
        column.label.casefold(): column.id for column in columns
    }
    near = difflib.get_close_matches(wanted.casefold(), names, n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(dict.fromkeys(repr(names[name]) for name in near))}?" if near else "."
