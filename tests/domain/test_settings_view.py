"""A sync file as people read it: rules in two languages, and the mapping with what each side says of its fields."""

from __future__ import annotations

import pytest

from afas_mailchimp.audience import MergeField
from afas_mailchimp.getconnector import ConnectorField
from afas_mailchimp.page_words import Language
from afas_mailchimp.settings_view import Live, mapping_table, rules
from tests.domain.samples import sync_of

CONNECTOR = "Profit_Debtor_App"


def debtors(**changes):
    """A sync with one source."""
    source = {"connector": CONNECTOR, "key": "DebtorId", "email": "Email", **changes}
    return sync_of(sources={"debtors": source})


@pytest.mark.parametrize(
    ("sync", "english", "dutch"),
    [
        pytest.param(
            debtors(filter={"Blocked": False, "Type": ["ORG", "PER"]}),
            "debtors: only rows with Blocked = false, Type = ORG / PER.",
            "debtors: alleen rijen met Blocked = false, Type = ORG / PER.",
            id="filter",
        ),
        pytest.param(
            debtors(consent_field={"field": "Nieuwsbrief", "yes": [True], "no": [False]}),
            "debtors: Nieuwsbrief = false opts out, true is yes; anything else is unknown.",
            "debtors: Nieuwsbrief = false meldt af, true is ja; al het andere is onbekend.",
            id="consent column",
        ),
        pytest.param(
            debtors(),
            "debtors: no consent column; every row counts as unknown, which neither signs up nor opts out.",
            "debtors: geen toestemmingskolom; elke rij telt als onbekend, en dat meldt niemand aan of af.",
            id="no consent column",
        ),
        pytest.param(
            debtors(tags=["debiteur"]),
            "debtors: members get the tag debiteur.",
            "debtors: leden krijgen de tag debiteur.",
            id="tags",
        ),
        pytest.param(
            sync_of(full_reload_every="90m"),
            "Everything is compared every 1.5 hours.",
            "Elke 1.5 uur wordt alles vergeleken.",
            id="full reload",
        ),
        pytest.param(
            sync_of(limits={"max_archive_percent": 2.5}),
            "Stops before archiving more than 2.5% of the members, or opting out more than 5%.",
            "Stopt voordat meer dan 2.5% van de leden wordt gearchiveerd, of meer dan 5% afgemeld.",
            id="limits in percent",
        ),
        pytest.param(
            sync_of(limits={"max_created": 500}),
            "Stops before creating more than 500 members.",
            "Stopt voordat meer dan 500 leden worden aangemaakt.",
            id="a limit in members",
        ),
        pytest.param(
            sync_of(archive_removed=False), "Nobody is archived.", "Er wordt niemand gearchiveerd.", id="no archiving"
        ),
    ],
)
def test_rules_in_words(sync, english, dutch):
    """What the file decides, as a sentence in either language."""
    assert english in rules(sync, Language.ENGLISH)
    assert dutch in rules(sync, Language.DUTCH)


def test_what_is_not_set_is_not_told():
    """No sentence about a limit that is not there, or a write-back that nobody asked for."""
    told = " ".join(rules(debtors(), Language.ENGLISH))

    assert "creating more than" not in told
    assert "AFAS, " not in told


def test_mapping_with_what_both_sides_say():
    """Types from AFAS and from Mailchimp; what one of them does not have is marked."""
    sync = debtors(merge_fields={"COMPANY": "DebtorName", "PHONE": {"phone": "TelNummer"}})
    asked = Live(
        fields={CONNECTOR: [ConnectorField("DebtorName", "string", "Naam", 80)]},
        merge_fields=[MergeField(1, "COMPANY", "Company", "text", required=False, public=False)],
    )
    before, after = mapping_table(sync), mapping_table(sync, asked)

    assert [(line.tag, line.columns[0].missing, line.absent) for line in before] == [
        ("COMPANY", False, False),
        ("PHONE", False, False),
    ]
    assert [(line.columns[0].type, line.columns[0].missing, line.field_type, line.absent) for line in after] == [
        ("string", False, "text", False),
        (None, True, None, True),
    ]
