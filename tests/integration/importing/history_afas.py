"""What users of AFAS do in a history."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.integration.importing.history_rows import CONTACT_KEYS, KEYS, NAMES, PEOPLE, PHONES, SPELLINGS
from tests.integration.importing.history_world import HistoryWorld
from tests.integration.importing.world import CONTACTS, EXTRA

PLAIN = st.sampled_from(PEOPLE)
FIELD = st.one_of(PLAIN, PLAIN, st.sampled_from([text for text in SPELLINGS if text is None or "vast" not in text]))
"""What stands in an e-mail field: mostly a plain address."""

SAYS = st.sampled_from([None, None, True, False])
AGO = st.sampled_from([5, 5, 20, 50])
"""Minutes since a change; equal ones share a second."""


class AfasActions(RuleBasedStateMachine):
    """Rows come, change, and go. Some changes move no date."""

    world: HistoryWorld
    dated: bool
    """Every change of this history moves a date, and nothing is deleted."""

    def change(self, connector: str, key: str | int, *, touch: bool, ago: int, **columns: Any) -> None:
        """Change a row if it is there."""
        if key in self.keys(connector):
            at = self.world.now.subtract(minutes=ago).in_timezone("Europe/Amsterdam").format("YYYY-MM-DDTHH:mm:ss")
            touch = touch or self.dated
            self.world.afas.call("update_row", connector=connector, key=key, set=columns, at=at, touch=touch)
            if self.dated and connector == CONTACTS:
                # A contact's name is its person's, whose date the connector does not show.
                self.world.afas.call("mutate", table="contact", key=key, set={}, at=at)

    def keys(self, connector: str) -> set[str | int]:
        """Keys of the rows that are there."""
        column = "DebtorId" if connector == EXTRA else "ContactId"
        return {row[column] for row in self.world.afas.call("rows", connector=connector)}

    def email_of(self, key: str) -> str | None:
        """What a debtor's e-mail field holds."""
        return next(row["Email"] for row in self.world.afas.call("rows", connector=EXTRA) if row["DebtorId"] == key)

    @rule(
        key=st.sampled_from(KEYS),
        email=FIELD,
        name=st.sampled_from(NAMES),
        phone=st.sampled_from(list(PHONES)),
        says=SAYS,
        ago=AGO,
    )
    def debtor(self, key: str, email: str | None, name: str | None, phone: str | None, says: bool | None, ago: int):
        """A debtor is entered, or all of it changes."""
        columns = {"DebtorName": name, "TelNr": phone, "Nieuwsbrief": says}
        if key in self.keys(EXTRA):
            self.change(EXTRA, key, touch=True, ago=ago, Email=email, **columns)
        else:
            self.world.debtor(key, email, **columns)

    @rule(key=st.sampled_from(CONTACT_KEYS), email=FIELD, name=st.sampled_from(NAMES), ago=AGO)
    def contact(self, key: int, email: str | None, name: str | None, ago: int):
        """A contact is entered, or changes."""
        if key in self.keys(CONTACTS):
            self.change(CONTACTS, key, touch=True, ago=ago, MailWork=email, Voornaam=name)
        else:
            self.world.contact(key, email, Voornaam=name)

    @rule(key=st.sampled_from(KEYS), email=FIELD, touch=st.booleans(), ago=AGO)
    def readdress(self, key: str, email: str | None, touch: bool, ago: int):
        """A debtor gets another address, with or without a date that moves."""
        self.change(EXTRA, key, touch=touch, ago=ago, Email=email)

    @rule(keys=st.permutations(KEYS), count=st.sampled_from([2, 2, 3]), touch=st.booleans())
    def rotate(self, keys: list[str], count: int, touch: bool):
        """Two debtors swap their addresses, or three pass them on."""
        there = [key for key in keys if key in self.keys(EXTRA)][:count]
        emails = [self.email_of(key) for key in there]
        for key, email in zip(there, emails[1:] + emails[:1], strict=True):
            self.change(EXTRA, key, touch=touch, ago=5, Email=email)

    @rule(key=st.sampled_from(KEYS), says=SAYS, touch=st.booleans(), ago=AGO)
    def consent(self, key: str, says: bool | None, touch: bool, ago: int):
        """A debtor's consent changes in AFAS."""
        self.change(EXTRA, key, touch=touch, ago=ago, Nieuwsbrief=says)

    @rule(key=st.sampled_from((*KEYS, *CONTACT_KEYS)), blocked=st.booleans(), touch=st.booleans())
    def block(self, key: str | int, blocked: bool, touch: bool):
        """A row is blocked or freed."""
        self.change(EXTRA if isinstance(key, str) else CONTACTS, key, touch=touch, ago=5, Blocked=blocked)

    @rule(key=st.sampled_from((*KEYS, *CONTACT_KEYS)))
    def delete(self, key: str | int):
        """A row is deleted without a trace."""
        connector = EXTRA if isinstance(key, str) else CONTACTS
        if not self.dated and key in self.keys(connector):
            self.world.afas.call("delete", connector=connector, key=key)
