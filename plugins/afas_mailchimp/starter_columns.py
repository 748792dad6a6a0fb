"""Which column of a GetConnector is what, guessed from metainfo: key, e-mail, dates, names. No row is looked at."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from afas_mailchimp.getconnector import ConnectorField

LONGEST_ID = 100
"""Characters of a column name that a sync file takes."""

TEXT, DATE, SWITCH = frozenset({"string"}), frozenset({"date"}), frozenset({"boolean"})
NUMBER = frozenset({"int", "decimal"})


@dataclass(frozen=True, slots=True)
class Role:
    """What a column can be, by the names it usually has.

    :param names: in order of preference, as ``plain`` writes them.
    :param types: AFAS's data types that it can have.
    :param cutoff: how alike another spelling must be, from 0 to 1.
    :param hint: a part of a name that settles it when nothing else does.
    """

    names: tuple[str, ...]
    types: frozenset[str] = TEXT
    cutoff: float = 0.84
    hint: str = ""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


DEBTOR_KEY = Role(
    _names("debtorid debiteurid debiteurnummer debiteurnr debtornumber debtornr debiteur debtor dbid"),
    TEXT | {"int"},
)
CONTACT_KEY = Role(_names("contactid contactnummer contactnr cdid contactpersoonid contact"), TEXT | {"int"})
EMAIL = Role(
    _names(
        "email mailwork emailwork emailwerk mailwerk emailzakelijk mailzakelijk emailadres emailaddress mail emad "
        "mailprivate emailprivate emailprive"
    ),
    hint="mail",
)
MODIFIED = Role(_names("datemodified modifieddate gewijzigdop modified lastmodified wijzigingsdatum"), DATE)
BLOCKED = Role(_names("blocked geblokkeerd geblokkeerdvoorlevering isblocked bl"), SWITCH, cutoff=0.9)
CONTACT_TYPE = Role(_names("type typecontact soortcontact vikc"))
DEBTOR_NAME = Role(
    _names("debtorname debiteurnaam name naam organisationname organisatienaam organisatie bedrijfsnaam bedrijf")
)
EMPLOYER = Role(
    _names("organisationname orgname organisatienaam organisation organisatie bedrijfsnaam bedrijf companyname company")
)
FIRST_NAME = Role(_names("firstname voornaam roepnaam canm finm"))
LAST_NAME = Role(_names("lastname achternaam surname lanm"))
PHONE = Role(
    _names(
        "telwork telnr telefoonnrwerk telefoonwerk telefoonzakelijk telefoonnummer telefoonnr telefoon tel phone tenr "
        "mobwork mobielwerk mobiel mobile mbnr"
    )
)
LINE_1 = Role(_names("addressline1 adressline1 adresregel1 adresregel1straathuisnr"))
LINE_3 = Role(_names("addressline3 adressline3 adresregel3 adresregel3postcwpl"))
LINE_4 = Role(_names("addressline4 adressline4 adresregel4 adresregel4land"))
CREATED = Role(_names("createdate datecreated aangemaaktop created aanmaakdatum creationdate"), DATE)

CHANGED = ("modified", "gewijzigd", "wijziging", "changed", "mutatiedatum")
CONSENT = _names("nieuwsbrief newsletter optin toestemming consent")
CONSENT_OF_SWITCH = (*CONSENT, "mailing", "marketing")
"""A yes/no column with one of these is about mail; a text column may be about anything."""
REFUSAL = _names(
    "optout geenmail geennieuwsbrief geenmailing nietmailen nomail donotmail afgemeld afmelding uitgeschreven "
    "unsubscribed"
)
DELIVERY = ("deliveryaddress", "afleveradres")


def plain(name: str) -> str:
    """A name without case, blanks and signs: ``E-mail werk`` and ``EmailWerk`` are one."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def usable(columns: Iterable[ConnectorField]) -> tuple[ConnectorField, ...]:
    """The columns that a sync file can name, each once."""
    once = {column.id: column for column in reversed(tuple(columns)) if 0 < len(column.id) <= LONGEST_ID}
    return tuple(reversed(once.values()))


class Columns:
    """The columns of one connector; one that has been given a role is not given another."""

    def __init__(self, columns: Iterable[ConnectorField]) -> None:
        self.all = usable(columns)
        self._taken: set[str] = set()

    def find(self, role: Role) -> ConnectorField | None:
        """The column for a role: by its usual names, by its label, by a name nearly like it; None without one."""
        free = [column for column in self.rest if column.data_type in role.types]
        found = (
            _named(role.names, {plain(column.id): column for column in reversed(free)})
            or _named(role.names, {plain(column.label): column for column in reversed(free)})
            or _near(role, free)
            or next((column for column in free if role.hint and _is_about(column, (role.hint,))), None)
        )
        return self._take(found)

    def find_all(self, words: Sequence[str], types: frozenset[str]) -> tuple[ConnectorField, ...]:
        """Every column of some type whose name or label contains one of the words."""
        found = tuple(column for column in self.rest if column.data_type in types and _is_about(column, words))
        for column in found:
            self._take(column)
        return found

    def give_back(self, *columns: ConnectorField | None) -> None:
        """Take roles away again."""
        self._taken -= {column.id for column in columns if column}

    @property
    def rest(self) -> tuple[ConnectorField, ...]:
        """Columns without a role, in AFAS's order."""
        return tuple(column for column in self.all if column.id not in self._taken)

    def _take(self, column: ConnectorField | None) -> ConnectorField | None:
        if column:
            self._taken.add(column.id)
        return column


def says_no(column: ConnectorField) -> bool:
    """Whether a yes in this column means: no mail."""
    return _is_about(column, REFUSAL)


def _named(names: Sequence[str], columns: dict[str, ConnectorField]) -> ConnectorField | None:
    return next((columns[name] for name in names if name in columns), None)


def _near(role: Role, columns: Sequence[ConnectorField]) -> ConnectorField | None:
    """By spelling; digits must be the same, since line 1 is not line 3."""
    for name in role.names:
        ids = {plain(column.id): column for column in columns if _digits(plain(column.id)) == _digits(name)}
        if near := difflib.get_close_matches(name, ids, n=1, cutoff=role.cutoff):
            return ids[near[0]]
    return None


def _digits(name: str) -> str:
    return re.sub(r"\D", "", name)


def _is_about(column: ConnectorField, words: Sequence[str]) -> bool:
    return any(word in plain(column.id) or word in plain(column.label) for word in words)
