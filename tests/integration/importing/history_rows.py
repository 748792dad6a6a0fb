"""What AFAS says, read by a model of its own: spellings are looked up in a table, nothing of the product is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.integration.importing.in_process import LocalServer
from tests.integration.importing.world import CONTACTS, EXTRA, member_id

HOST = "korenaar.example"
PEOPLE = tuple(f"{name}@{HOST}" for name in ("jan", "piet", "kees", "anna", "lotte"))
SPELLINGS: Mapping[str | None, str | None] = {
    **{address: address for address in PEOPLE},
    "Jan@Korenaar.example": PEOPLE[0],
    " piet@korenaar.example ": PEOPLE[1],
    "KEES@KORENAAR.EXAMPLE": PEOPLE[2],
    "anna@korenaar.example; jan@korenaar.example": PEOPLE[3],
    "onbekend": None,
    "lotte@": None,
    "": None,
    None: None,
    f"vast@{HOST}": f"vast@{HOST}",
    f"ook.vast@{HOST}": f"ook.vast@{HOST}",
}
"""What a field of AFAS can hold, and the address that it means."""

PHONES: Mapping[str | None, str] = {
    "033-4612345": "+31334612345",
    "0031 6 12 34 56 78": "+31612345678",
    "+31201234567": "+31201234567",
    None: "",
}
NAMES: tuple[str | None, ...] = ("Bakkerij Tarwehof", "Slagerij Ossewa", "Smederij Aambeeld", None)
PERSONAL = (*(person.partition("@")[0] + "@" for person in PEOPLE), HOST, "Tarwehof", "Ossewa", "Aambeeld", "4612345")
"""Parts of what must never be kept or told by the product."""

KEYS = ("10001", "10002", "00003", "D-4")
CONTACT_KEYS = (7, 8)


@dataclass(frozen=True, slots=True)
class Row:
    """One row, judged.

    :param name: ``debtors:10001``.
    :param place: hash of its address, empty when it has none.
    :param values: what the fields that its source maps should hold.
    """

    name: str
    rank: int
    place: str
    takes_part: bool
    says_no: bool
    modified: str
    values: Mapping[str, str]

    @property
    def order(self) -> tuple[int, tuple[int, ...], int, str]:
        """The lowest wins a shared address: source, latest modified, key."""
        key = self.name.partition(":")[2]
        return self.rank, tuple(-ord(letter) for letter in self.modified), len(key), key


def rows_of(afas: LocalServer) -> list[Row]:
    """Every row of both sources."""
    debtors = [_debtor(row) for row in afas.call("rows", connector=EXTRA)]
    return debtors + [_contact(row) for row in afas.call("rows", connector=CONTACTS)]


def winner_at(rows: list[Row], place: str) -> Row | None:
    """The row that a shared address belongs to."""
    return min((row for row in rows if row.takes_part and row.place == place), key=lambda row: row.order, default=None)


def _debtor(row: Mapping[str, Any]) -> Row:
    address = SPELLINGS[row["Email"]]
    return Row(
        name=f"debtors:{row['DebtorId']}",
        rank=0,
        place=member_id(address) if address else "",
        takes_part=bool(address) and not row["Blocked"],
        says_no=row["Nieuwsbrief"] is False,
        modified=max(row["DateModified"] or "", row["OrgModified"] or ""),
        values={"COMPANY": row["DebtorName"] or "", "PHONE": PHONES[row["TelNr"]]},
    )


def _contact(row: Mapping[str, Any]) -> Row:
    address = SPELLINGS[row["MailWork"]]
    return Row(
        name=f"contacts:{row['ContactId']}",
        rank=1,
        place=member_id(address) if address else "",
        takes_part=bool(address) and not row["Blocked"] and row["Type"] == "PRS",
        says_no=False,
        modified=row["DateModified"] or "",
        values={"FNAME": row["Voornaam"] or "", "PHONE": PHONES[row["TelWork"]]},
    )
