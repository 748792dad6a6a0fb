"""What must be right before any data moves, as sentences: what is wrong, where, what to do. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from afas_mailchimp.audience import Audience, MemberStatus
from afas_mailchimp.findings import Findings, near_column
from afas_mailchimp.getconnector import ConnectorField, Environment
from afas_mailchimp.settings import DeliveryAddress, Source, SyncFile
from afas_mailchimp.token_end import token_end

ALL_PERCENT = 100
KNOWN_PARAMETERS = ("full_reload", "dry_run", "max_archive_percent", "max_write_back")


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
    most = given.get("max_write_back")
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 0):
        findings.problems.append("Run parameter 'max_write_back' must be a whole number from 0, or empty.")


def check_environment(environment: Environment, *, today: date, findings: Findings) -> None:
    """Warn of a token that ends, and of an environment that is not production."""
    if warning := token_end(environment, today=today):
        findings.warnings.append(warning)
    if environment.id[:1] in {"T", "A"}:
        findings.warnings.append(
            f"AFAS environment {environment.id} is a test or accept environment: it holds real addresses, and "
            f"they go to this audience."
        )


def check_columns(name: str, source: Source, columns: Sequence[ConnectorField], findings: Findings) -> None:
    """Every column that a source names exists in its connector; a wrong name lists near matches."""
    where = f"sources.{name}"
    check_names(where, source.connector, source.columns, columns, findings)
    _check_dates(where, source.connector, source.modified, columns, findings)
    if not source.modified:
        findings.warnings.append(f"{where} has no modified date: only full reloads see its changes.")


def check_delivery(name: str, delivery: DeliveryAddress, columns: Sequence[ConnectorField], findings: Findings) -> None:
    """As ``check_columns``, for the connector with delivery addresses."""
    where = f"sources.{name}.delivery_address"
    named = dict.fromkeys((*delivery.columns, *delivery.modified))
    check_names(where, delivery.connector, tuple(named), columns, findings)
    _check_dates(where, delivery.connector, delivery.modified, columns, findings)
    if not delivery.modified:
        findings.warnings.append(f"{where} has no modified date: only full reloads see addresses that change.")


def check_names(
    where: str, connector: str, wanted: Sequence[str], columns: Sequence[ConnectorField], findings: Findings
) -> None:
    """Every wanted column is there; a wrong name lists near matches."""
    known = {column.id for column in columns}
    findings.problems.extend(
        f"{where}: AFAS connector {connector} has no column {each!r}{near_column(each, columns)} It has: "
        f"{', '.join(sorted(known))}."
        for each in wanted
        if each not in known
    )


def _check_dates(
    where: str, connector: str, modified: Sequence[str], columns: Sequence[ConnectorField], findings: Findings
) -> None:
    types = {column.id: column.data_type for column in columns}
    findings.problems.extend(
        f"{where}.modified: column {each!r} of {connector} is {types[each]}, not a date."
        for each in modified
        if types.get(each, "date") != "date"
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
