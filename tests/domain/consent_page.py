"""Writes the consent table into the pages that people read: ``python -m tests.domain.consent_page``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.domain import consent_table as table
from tests.domain.consent_table import Afas, Case, Ends, Entry, Known

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- table: python -m tests.domain.consent_page -->", "<!-- /table -->"


@dataclass(frozen=True, slots=True)
class Page:
    """One page and its words.

    :param sections: heading and text above each part of the table.
    """

    path: Path
    language: str
    head: Sequence[str]
    sections: Sequence[tuple[str, str, Sequence[Case]]]
    afas: dict[Afas, str]
    any_answer: str
    any_entry: str
    known: dict[Known, str] = field(repr=False)
    ends: dict[Ends, str] = field(repr=False)
    differs: str


ENGLISH = Page(
    path=DOCS / "consent.md",
    language="en",
    head=("In Mailchimp", "AFAS says", "`new_members`", "What happens", "In plain words"),
    sections=(
        ("Nobody has this address yet", "", table.NEW),
        ("The address is in the audience", "", table.PRESENT),
        (
            "The address was archived",
            "Archiving is how Mailchimp takes somebody out and keeps the data.",
            table.ARCHIVED,
        ),
        ("The address belongs to somebody else's work", "", table.FOREIGN),
        (
            "The address changed in AFAS",
            "The first column tells what the customer was at the old address. Nobody has the new one, unless said.",
            table.MOVED,
        ),
        (
            "What only Mailchimp knows",
            "Mailchimp does not show these two in the audience: it refuses when the address is written.",
            table.REFUSED,
        ),
    ),
    afas={Afas.YES: "yes", Afas.UNKNOWN: "nothing (blank)", Afas.NO: "no"},
    any_answer="anything",
    any_entry="any",
    known={
        Known.ABSENT: "nobody",
        Known.OURS: "subscribed by this link",
        Known.OWN_SIGN_UP: "subscribed; signed up in person after AFAS's row last changed",
        Known.OLDER_SIGN_UP: "subscribed before this link, and before AFAS's row last changed",
        Known.PENDING: "pending: has not confirmed yet",
        Known.TRANSACTIONAL: "transactional: gets no campaigns",
        Known.UNSUBSCRIBED: "unsubscribed, by whomever",
        Known.CLEANED: "cleaned: the address bounced",
        Known.ARCHIVED_BY_PERSON: "archived by a person",
        Known.ARCHIVED_WHILE_SUBSCRIBED: "archived by this link while subscribed",
        Known.ARCHIVED_WHILE_TRANSACTIONAL: "archived by this link while transactional",
        Known.SIGNED_UP_SINCE: "subscribed; archived by this link before, signed up again since",
        Known.OTHER_SYNC: "a member of another link",
        Known.NOT_ADOPTED: "was there before this link, and the sync file says `adopt: false`",
        Known.WAS_SUBSCRIBED: "was subscribed",
        Known.WAS_PENDING: "was pending",
        Known.WAS_TRANSACTIONAL: "was transactional",
        Known.WAS_UNSUBSCRIBED: "was unsubscribed",
        Known.WAS_CLEANED: "was cleaned (bounced)",
        Known.WAS_ARCHIVED_BY_PERSON: "was archived by a person",
        Known.WAS_ARCHIVED_BY_US: "was archived by this link while subscribed",
        Known.MEETS_SUBSCRIBED: "was subscribed; the new address is subscribed too",
        Known.MEETS_UNSUBSCRIBED: "was subscribed; the new address is unsubscribed",
        Known.BRINGS_OPT_OUT: "was unsubscribed; the new address is subscribed",
        Known.FORGOTTEN: "permanently deleted",
        Known.MANY_LISTS: '"signed up to a lot of lists"',
    },
    ends={
        Ends.CREATED_SUBSCRIBED: "created as subscribed",
        Ends.CREATED_PENDING: "created as pending",
        Ends.CREATED_TRANSACTIONAL: "created as transactional",
        Ends.CREATED_UNSUBSCRIBED: "created as unsubscribed",
        Ends.NOT_CREATED: "not created",
        Ends.UNCHANGED: "status unchanged",
        Ends.LOWERED: "lowered to unsubscribed",
        Ends.RETURNED_SUBSCRIBED: "returned as subscribed",
        Ends.RETURNED_PENDING: "returned as pending",
        Ends.RETURNED_TRANSACTIONAL: "returned as transactional",
        Ends.STAYS_ARCHIVED: "stays archived",
        Ends.MOVED: "address changed, status unchanged",
        Ends.LEFT_ALONE: "skipped",
        Ends.ERASED: "skipped: erased on request",
        Ends.REFUSED_FOR_NOW: "rejected for now, tried again",
    },
    differs="listed as *consent differs*",
)

DUTCH = Page(
    path=DOCS / "nl" / "toestemming.md",
    language="nl",
    head=("In Mailchimp", "AFAS zegt", "`new_members`", "Wat er gebeurt", "In gewone woorden"),
    sections=(
        ("Nog niemand heeft dit adres", "", table.NEW),
        ("Het adres staat in de audience", "", table.PRESENT),
        (
            "Het adres is gearchiveerd",
            "Archiveren is hoe Mailchimp iemand eruit haalt en de gegevens bewaart.",
            table.ARCHIVED,
        ),
        ("Iemand anders gaat over het adres", "", table.FOREIGN),
        (
            "Het adres is in AFAS gewijzigd",
            "De eerste kolom zegt wat de klant op het oude adres was. Het nieuwe heeft niemand, tenzij vermeld.",
            table.MOVED,
        ),
        (
            "Wat alleen Mailchimp weet",
            "Deze twee laat Mailchimp niet in de audience zien: het weigert zodra het adres wordt geschreven.",
            table.REFUSED,
        ),
    ),
    afas={Afas.YES: "ja", Afas.UNKNOWN: "niets (leeg)", Afas.NO: "nee"},
    any_answer="wat dan ook",
    any_entry="elke",
    known={
        Known.ABSENT: "niemand",
        Known.OURS: "aangemeld door deze koppeling",
        Known.OWN_SIGN_UP: "aangemeld; deed dat zelf nadat de regel in AFAS voor het laatst wijzigde",
        Known.OLDER_SIGN_UP: "aangemeld vóór deze koppeling, en voordat de regel in AFAS voor het laatst wijzigde",
        Known.PENDING: "pending: heeft nog niet bevestigd",
        Known.TRANSACTIONAL: "transactional: krijgt geen mailings",
        Known.UNSUBSCRIBED: "afgemeld, door wie dan ook",
        Known.CLEANED: "cleaned: het adres bleek onbestelbaar",
        Known.ARCHIVED_BY_PERSON: "gearchiveerd door een mens",
        Known.ARCHIVED_WHILE_SUBSCRIBED: "door deze koppeling gearchiveerd toen hij aangemeld was",
        Known.ARCHIVED_WHILE_TRANSACTIONAL: "door deze koppeling gearchiveerd toen hij transactional was",
        Known.SIGNED_UP_SINCE: "aangemeld; eerder door deze koppeling gearchiveerd, daarna zelf weer aangemeld",
        Known.OTHER_SYNC: "hoort bij een andere koppeling",
        Known.NOT_ADOPTED: "stond er al vóór deze koppeling, en het syncbestand zegt `adopt: false`",
        Known.WAS_SUBSCRIBED: "was aangemeld",
        Known.WAS_PENDING: "was pending",
        Known.WAS_TRANSACTIONAL: "was transactional",
        Known.WAS_UNSUBSCRIBED: "was afgemeld",
        Known.WAS_CLEANED: "was cleaned (onbestelbaar)",
        Known.WAS_ARCHIVED_BY_PERSON: "was gearchiveerd door een mens",
        Known.WAS_ARCHIVED_BY_US: "was door deze koppeling gearchiveerd toen hij aangemeld was",
        Known.MEETS_SUBSCRIBED: "was aangemeld; het nieuwe adres is dat ook",
        Known.MEETS_UNSUBSCRIBED: "was aangemeld; het nieuwe adres is afgemeld",
        Known.BRINGS_OPT_OUT: "was afgemeld; het nieuwe adres is aangemeld",
        Known.FORGOTTEN: "definitief verwijderd",
        Known.MANY_LISTS: '"signed up to a lot of lists"',
    },
    ends={
        Ends.CREATED_SUBSCRIBED: "aangemaakt als subscribed",
        Ends.CREATED_PENDING: "aangemaakt als pending",
        Ends.CREATED_TRANSACTIONAL: "aangemaakt als transactional",
        Ends.CREATED_UNSUBSCRIBED: "aangemaakt als afgemeld (unsubscribed)",
        Ends.NOT_CREATED: "niet aangemaakt",
        Ends.UNCHANGED: "status blijft gelijk",
        Ends.LOWERED: "afgemeld (unsubscribed)",
        Ends.RETURNED_SUBSCRIBED: "terug als subscribed",
        Ends.RETURNED_PENDING: "terug als pending",
        Ends.RETURNED_TRANSACTIONAL: "terug als transactional",
        Ends.STAYS_ARCHIVED: "blijft gearchiveerd",
        Ends.MOVED: "adres gewijzigd, status blijft gelijk",
        Ends.LEFT_ALONE: "overgeslagen",
        Ends.ERASED: "overgeslagen: op verzoek gewist",
        Ends.REFUSED_FOR_NOW: "voorlopig afgekeurd, later opnieuw",
    },
    differs="staat in het rapport als *consent differs*",
)

PAGES = (ENGLISH, DUTCH)


def renewed(text: str, page: Page) -> str:
    """A page with its table written anew; what people wrote around it stays."""
    body = f"{BEGIN}\n\n{rendered(page)}\n{END}"
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: body, text, flags=re.DOTALL)


def rendered(page: Page) -> str:
    """The table in Markdown, one part for each section."""
    parts = []
    for heading, about, cases in page.sections:
        lines = [_row(page.head), _row(["---"] * len(page.head)), *(_row(_cells(case, page)) for case in cases)]
        parts.append("\n".join([f"## {heading}", "", *([about, ""] if about else []), *lines, ""]))
    return "\n".join(parts)


def _cells(case: Case, page: Page) -> list[str]:
    what = page.ends[case.ends] + (f"; {page.differs}" if case.differs else "")
    answers = page.any_answer if len(case.afas) == len(Afas) else ", ".join(page.afas[each] for each in case.afas)
    entries = page.any_entry if len(case.entries) == len(Entry) else ", ".join(case.entries)
    return [page.known[case.known], answers, entries, f"**{what}**", getattr(case, page.language)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    for each in PAGES:
        each.path.write_text(renewed(each.path.read_text(encoding="utf-8"), each), encoding="utf-8")
