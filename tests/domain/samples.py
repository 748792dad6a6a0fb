"""Invented rows and members for the domain tests, and short ways to make them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from afas_mailchimp.audience import Member, MemberStatus
from afas_mailchimp.audience_index import AudienceIndex
from afas_mailchimp.decision import Decision
from afas_mailchimp.decisions import Decider
from afas_mailchimp.email_address import subscriber_hash
from afas_mailchimp.member_key import Base, address_digest
from afas_mailchimp.rows import Consent, RowFacts
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.survey import Survey

ADDRESS = "jan@bakkerij-de-korenaar.example"
OTHER_ADDRESS = "info@bakkerij-de-korenaar.example"
T0 = datetime(2026, 3, 1, 9, 0)  # noqa: DTZ001 - Amsterdam wall time, as AFAS writes it
OPTED_IN = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)


def sync_of(**changes: Any) -> SyncFile:
    """A sync with debtors and contacts; ``changes`` replace whole blocks."""
    content: dict[str, Any] = {
        "name": "customers",
        "audience": {"list_id": "a1b2c3d4e5"},
        "consent": {"new_members": "subscribed", "basis": "existing customers"},
        "sources": {
            "debtors": {
                "connector": "Profit_Debtor_App",
                "key": "DebtorId",
                "email": "Email",
                "filter": {"Blocked": False},
                "consent_field": {"field": "Nieuwsbrief", "yes": [True], "no": [False]},
                "merge_fields": {"COMPANY": "DebtorName", "PHONE": {"phone": "TelNr"}},
            },
            "contacts": {
                "connector": "Profit_Contacts_App",
                "key": "ContactId",
                "email": "MailWork",
                "merge_fields": {"FNAME": "Voornaam", "PHONE": {"phone": "TelWork"}},
            },
        },
    }
    return SyncFile.model_validate({**content, **changes})


def facts(
    key: str = "10001",
    *,
    source: str = "debtors",
    address: str = ADDRESS,
    modified: datetime | None = T0,
    consent: Consent = Consent.UNKNOWN,
    **more: Any,
) -> RowFacts:
    """A judged row."""
    return RowFacts(
        source=source,
        rank=("debtors", "contacts").index(source),
        key=key,
        modified=modified,
        consent=consent,
        member_id=subscriber_hash(address),
        address=address,
        **more,
    )


def member(
    status: str = "subscribed",
    *,
    key: str = "customers:debtors:10001",
    address: str = ADDRESS,
    values: dict[str, Any] | None = None,
    opted_in_at: datetime | None = OPTED_IN,
    given_opt_in: datetime | None = OPTED_IN,
    base: str | None = None,
) -> Member:
    """A member whose values are those of ``VALUES`` unless said otherwise."""
    ours = Base(address=address_digest(subscriber_hash(address)), opted_in_at=given_opt_in)
    text = str(ours) if base is None else base
    return Member(
        id=subscriber_hash(address),
        status=MemberStatus(status),
        merge_fields={
            "COMPANY": "De Korenaar",
            "PHONE": "+31332981234",
            "FNAME": "",
            "AFASID": key,
            "AFASSUM": text if key else "",
            **(values or {}),
        },
        opted_in_at=opted_in_at,
    )


VALUES = ("De Korenaar", "+31332981234")
"""Merge values of a debtor row, in the order of its mapping: COMPANY, PHONE."""


def decide(
    row: RowFacts,
    *members: Member,
    rivals: tuple[RowFacts, ...] = (),
    values: tuple[Any, ...] = VALUES,
    sync: SyncFile | None = None,
) -> tuple[Decision, Decider]:
    """Decide one row against an audience of these members, with these other rows in AFAS."""
    sync = sync or sync_of()
    index = AudienceIndex(tags=tuple(sync.merge_kinds), key_field="AFASID", base_field="AFASSUM", owner=sync.owner)
    for each in members:
        index.add(each)
    survey = Survey()
    for each in (row, *rivals):
        survey.add(each)
    decider = Decider(sync, index, survey)
    return decider.decide(row, survey.claim(row.member_id) if row.member_id else None, values), decider
