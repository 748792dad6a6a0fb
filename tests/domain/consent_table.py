"""What becomes of a person, given what AFAS says and how Mailchimp knows the address: one table, read by people too.

``test_consent_table.py`` tries each row on the decision function; ``consent_page.py`` writes it into the pages
``docs/consent.md`` and ``docs/nl/toestemming.md`` (``python -m tests.domain.consent_page``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto


class Afas(StrEnum):
    """What AFAS says about mail to an address: of all rows with that address, one no is enough."""

    YES = auto()
    UNKNOWN = auto()
    NO = auto()


class Entry(StrEnum):
    """``consent.new_members`` of the sync file."""

    SUBSCRIBED = auto()
    PENDING = auto()
    TRANSACTIONAL = auto()


class Known(StrEnum):
    """How Mailchimp knows the address, or the former address of a row whose address changed."""

    ABSENT = auto()
    OURS = auto()
    OWN_SIGN_UP = auto()
    OLDER_SIGN_UP = auto()
    PENDING = auto()
    TRANSACTIONAL = auto()
    UNSUBSCRIBED = auto()
    CLEANED = auto()
    ARCHIVED_BY_PERSON = auto()
    ARCHIVED_WHILE_SUBSCRIBED = auto()
    ARCHIVED_WHILE_TRANSACTIONAL = auto()
    SIGNED_UP_SINCE = auto()
    OTHER_SYNC = auto()
    NOT_ADOPTED = auto()
    WAS_SUBSCRIBED = auto()
    WAS_PENDING = auto()
    WAS_TRANSACTIONAL = auto()
    WAS_UNSUBSCRIBED = auto()
    WAS_CLEANED = auto()
    WAS_ARCHIVED_BY_PERSON = auto()
    WAS_ARCHIVED_BY_US = auto()
    MEETS_SUBSCRIBED = auto()
    MEETS_UNSUBSCRIBED = auto()
    BRINGS_OPT_OUT = auto()
    FORGOTTEN = auto()
    MANY_LISTS = auto()


class Ends(StrEnum):
    """What happens to the person's status."""

    CREATED_SUBSCRIBED = auto()
    CREATED_PENDING = auto()
    CREATED_TRANSACTIONAL = auto()
    CREATED_UNSUBSCRIBED = auto()
    NOT_CREATED = auto()
    UNCHANGED = auto()
    LOWERED = auto()
    RETURNED_SUBSCRIBED = auto()
    RETURNED_PENDING = auto()
    RETURNED_TRANSACTIONAL = auto()
    STAYS_ARCHIVED = auto()
    MOVED = auto()
    LEFT_ALONE = auto()
    ERASED = auto()
    REFUSED_FOR_NOW = auto()


@dataclass(frozen=True, slots=True)
class Case:
    """One row: it holds for each of its answers of AFAS with each of its settings for new members.

    :param differs: AFAS and Mailchimp disagree, and the report lists it as *consent differs*.
    """

    name: str
    known: Known
    afas: tuple[Afas, ...]
    entries: tuple[Entry, ...]
    ends: Ends
    en: str
    nl: str
    differs: bool = False


YES, BLANK, NO = (Afas.YES,), (Afas.UNKNOWN,), (Afas.NO,)
NOT_NO, ALWAYS = (Afas.YES, Afas.UNKNOWN), tuple(Afas)
ANY = tuple(Entry)
SUBSCRIBED, PENDING, TRANSACTIONAL = (Entry.SUBSCRIBED,), (Entry.PENDING,), (Entry.TRANSACTIONAL,)

NEW = (
    Case("new, subscribed", Known.ABSENT, NOT_NO, SUBSCRIBED, Ends.CREATED_SUBSCRIBED,
         "A new customer comes in as a subscriber, as the company chose, on the ground written down as basis.",
         "Een nieuwe klant komt erin als abonnee, zoals het bedrijf koos, op de vastgelegde grondslag."),
    Case("new, pending", Known.ABSENT, NOT_NO, PENDING, Ends.CREATED_PENDING,
         "Mailchimp asks the person to confirm; until then no campaign is sent.",
         "Mailchimp vraagt de persoon om bevestiging; tot die er is, gaat er geen mailing uit."),
    Case("new, transactional", Known.ABSENT, NOT_NO, TRANSACTIONAL, Ends.CREATED_TRANSACTIONAL,
         "The person is known in Mailchimp, and gets no campaigns.",
         "De persoon staat in Mailchimp, maar krijgt geen mailings."),
    Case("new, AFAS no", Known.ABSENT, NO, ANY, Ends.NOT_CREATED,
         "Who says no in AFAS does not come in at all.",
         "Wie in AFAS nee zegt, komt er helemaal niet in."),
)  # fmt: skip

PRESENT = (
    Case("ours", Known.OURS, NOT_NO, ANY, Ends.UNCHANGED,
         "Whoever is in stays that way; only names and the like are kept up to date.",
         "Wie erin staat, blijft zoals hij is; alleen namen en dergelijke worden bijgewerkt."),
    Case("ours, AFAS no", Known.OURS, NO, ANY, Ends.LOWERED,
         "A no in AFAS unsubscribes the person in Mailchimp. The date on which this link created them does not count.",
         "Een nee in AFAS meldt de persoon af in Mailchimp. De datum waarop de koppeling aanmeldde telt niet mee."),
    Case("own sign-up", Known.OWN_SIGN_UP, NOT_NO, ANY, Ends.UNCHANGED,
         "Whoever signed up in person stays subscribed.",
         "Wie zich zelf aanmeldde, blijft aangemeld."),
    Case("own sign-up, AFAS no", Known.OWN_SIGN_UP, NO, ANY, Ends.UNCHANGED,
         "The person signed up after AFAS's row was last changed: that later choice stands, and is reported.",
         "De persoon meldde zich zelf aan nadat de regel in AFAS voor het laatst wijzigde: die latere eigen keuze "
         "blijft staan en wordt gemeld.", differs=True),
    Case("older sign-up", Known.OLDER_SIGN_UP, NOT_NO, ANY, Ends.UNCHANGED,
         "A subscriber from before this link stays subscribed.",
         "Een abonnee van vóór deze koppeling blijft aangemeld."),
    Case("older sign-up, AFAS no", Known.OLDER_SIGN_UP, NO, ANY, Ends.LOWERED,
         "The no in AFAS is later than the sign-up: the person is unsubscribed.",
         "Het nee in AFAS is later dan de aanmelding: de persoon wordt afgemeld."),
    Case("pending", Known.PENDING, NOT_NO, ANY, Ends.UNCHANGED,
         "Only the person can confirm; a yes in AFAS does not do it for them.",
         "Alleen de persoon kan bevestigen; een ja in AFAS doet dat niet voor hem."),
    Case("pending, AFAS no", Known.PENDING, NO, ANY, Ends.LOWERED,
         "A no in AFAS ends the request for confirmation too.",
         "Een nee in AFAS beëindigt ook het verzoek om bevestiging."),
    Case("transactional", Known.TRANSACTIONAL, NOT_NO, ANY, Ends.UNCHANGED,
         "Who gets no campaigns is never made a subscriber by this link, also not by a yes in AFAS.",
         "Wie geen mailings krijgt, wordt door deze koppeling nooit abonnee, ook niet door een ja in AFAS."),
    Case("transactional, AFAS no", Known.TRANSACTIONAL, NO, ANY, Ends.LOWERED,
         "The no is written down in Mailchimp as well.",
         "Het nee wordt ook in Mailchimp vastgelegd."),
    Case("opted out, AFAS yes", Known.UNSUBSCRIBED, YES, ANY, Ends.UNCHANGED,
         "An opt-out stays, whoever made it: the person, an administrator or a program. The difference is reported.",
         "Een afmelding blijft staan, wie haar ook deed: de persoon, een beheerder of een programma. Het verschil "
         "wordt gemeld.", differs=True),
    Case("opted out, AFAS blank", Known.UNSUBSCRIBED, BLANK, ANY, Ends.UNCHANGED,
         "An opt-out stays.",
         "Een afmelding blijft staan."),
    Case("opted out, AFAS no", Known.UNSUBSCRIBED, NO, ANY, Ends.UNCHANGED,
         "Both sides agree.",
         "Beide kanten zijn het eens."),
    Case("bounced", Known.CLEANED, ALWAYS, ANY, Ends.UNCHANGED,
         "An address that bounced is never mailed again, whatever AFAS says.",
         "Een adres dat onbestelbaar bleek, wordt nooit meer gemaild, wat AFAS ook zegt."),
)  # fmt: skip

ARCHIVED = (
    Case("archived by a person", Known.ARCHIVED_BY_PERSON, ALWAYS, ANY, Ends.STAYS_ARCHIVED,
         "Whom a person took out does not come back by this link, and is reported.",
         "Wie door een mens is gearchiveerd, komt door deze koppeling niet terug en wordt gemeld."),
    Case("back, was subscribed", Known.ARCHIVED_WHILE_SUBSCRIBED, NOT_NO, SUBSCRIBED, Ends.RETURNED_SUBSCRIBED,
         "The customer left AFAS and is back: they return as they were, with the original opt-in date.",
         "De klant verdween uit AFAS en is terug: hij keert terug zoals hij was, met de oorspronkelijke "
         "aanmelddatum."),
    Case("back, new ones confirm", Known.ARCHIVED_WHILE_SUBSCRIBED, NOT_NO, PENDING, Ends.RETURNED_PENDING,
         "They return with no more than a new customer would get: they have to confirm.",
         "Hij krijgt bij terugkeer niet meer dan een nieuwe klant: hij moet bevestigen."),
    Case("back, new ones get no campaigns", Known.ARCHIVED_WHILE_SUBSCRIBED, NOT_NO, TRANSACTIONAL,
         Ends.RETURNED_TRANSACTIONAL,
         "They return with no more than a new customer would get: no campaigns.",
         "Hij krijgt bij terugkeer niet meer dan een nieuwe klant: geen mailings."),
    Case("back, AFAS no", Known.ARCHIVED_WHILE_SUBSCRIBED, NO, ANY, Ends.STAYS_ARCHIVED,
         "Who says no in AFAS does not return.",
         "Wie in AFAS nee zegt, keert niet terug."),
    Case("back, was transactional", Known.ARCHIVED_WHILE_TRANSACTIONAL, NOT_NO, ANY, Ends.RETURNED_TRANSACTIONAL,
         "They return with no more than they had: no campaigns.",
         "Hij krijgt bij terugkeer niet meer dan hij had: geen mailings."),
    Case("back, was transactional, AFAS no", Known.ARCHIVED_WHILE_TRANSACTIONAL, NO, ANY, Ends.STAYS_ARCHIVED,
         "Who says no in AFAS does not return.",
         "Wie in AFAS nee zegt, keert niet terug."),
    Case("signed up since", Known.SIGNED_UP_SINCE, NOT_NO, ANY, Ends.UNCHANGED,
         "This link had taken them out and they signed up again: that stands, and they are not taken out once more.",
         "De koppeling had hem gearchiveerd en hij meldde zich zelf weer aan: dat blijft staan, en hij wordt niet "
         "opnieuw gearchiveerd."),
    Case("signed up since, AFAS no", Known.SIGNED_UP_SINCE, NO, ANY, Ends.UNCHANGED,
         "Their own sign-up is later than the no in AFAS: it stands, and is reported.",
         "Zijn eigen aanmelding is later dan het nee in AFAS: ze blijft staan en wordt gemeld.", differs=True),
)  # fmt: skip

FOREIGN = (
    Case("another link's member", Known.OTHER_SYNC, ALWAYS, ANY, Ends.LEFT_ALONE,
         "Another link looks after this person; this one changes nothing and reports it.",
         "Een andere koppeling gaat over deze persoon; deze wijzigt niets en meldt het."),
    Case("not to be adopted", Known.NOT_ADOPTED, ALWAYS, ANY, Ends.LEFT_ALONE,
         "With adopt: false people who were in the audience before are not touched, also not by a no in AFAS; it is "
         "reported.",
         "Met adopt: false wordt wie al in de audience stond niet aangeraakt, ook niet door een nee in AFAS; dat wordt "
         "gemeld."),
)  # fmt: skip

MOVED = (
    Case("moved", Known.WAS_SUBSCRIBED, NOT_NO, ANY, Ends.MOVED,
         "The subscription moves to the new address, with its history.",
         "De aanmelding verhuist naar het nieuwe adres, met haar geschiedenis."),
    Case("moved, AFAS no", Known.WAS_SUBSCRIBED, NO, ANY, Ends.LOWERED,
         "The old address is unsubscribed, the new one does not come in.",
         "Het oude adres wordt afgemeld, het nieuwe komt er niet in."),
    Case("moved, opted out", Known.WAS_UNSUBSCRIBED, NOT_NO, ANY, Ends.CREATED_UNSUBSCRIBED,
         "The opt-out goes along: the new address is written down as unsubscribed.",
         "De afmelding verhuist mee: het nieuwe adres wordt als afgemeld vastgelegd."),
    Case("moved, opted out, AFAS no", Known.WAS_UNSUBSCRIBED, NO, ANY, Ends.NOT_CREATED,
         "The new address does not come in; the opt-out stays at the old one.",
         "Het nieuwe adres komt er niet in; de afmelding blijft bij het oude staan."),
    Case("moved, pending", Known.WAS_PENDING, NOT_NO, (Entry.SUBSCRIBED, Entry.PENDING), Ends.CREATED_PENDING,
         "Who had not confirmed yet has to confirm at the new address.",
         "Wie nog niet had bevestigd, moet dat op het nieuwe adres doen."),
    Case("moved, pending, new ones get no campaigns", Known.WAS_PENDING, NOT_NO, TRANSACTIONAL,
         Ends.CREATED_TRANSACTIONAL,
         "The stricter of the two counts: no campaigns.",
         "De strengste van de twee telt: geen mailings."),
    Case("moved, pending, AFAS no", Known.WAS_PENDING, NO, ANY, Ends.LOWERED,
         "The old address is unsubscribed, the new one does not come in.",
         "Het oude adres wordt afgemeld, het nieuwe komt er niet in."),
    Case("moved, transactional", Known.WAS_TRANSACTIONAL, NOT_NO, ANY, Ends.CREATED_TRANSACTIONAL,
         "A new address is no reason to get more than before: no campaigns.",
         "Een nieuw adres is geen reden om meer te krijgen dan voorheen: geen mailings."),
    Case("moved, transactional, AFAS no", Known.WAS_TRANSACTIONAL, NO, ANY, Ends.LOWERED,
         "The old address is unsubscribed, the new one does not come in.",
         "Het oude adres wordt afgemeld, het nieuwe komt er niet in."),
    Case("moved, bounced", Known.WAS_CLEANED, NOT_NO, SUBSCRIBED, Ends.CREATED_SUBSCRIBED,
         "A bounce belongs to the old address; the new one is signed up as for a new customer.",
         "Onbestelbaar hoort bij het oude adres; het nieuwe wordt aangemeld als dat van een nieuwe klant."),
    Case("moved, bounced, new ones confirm", Known.WAS_CLEANED, NOT_NO, PENDING, Ends.CREATED_PENDING,
         "As for a new customer: the new address has to be confirmed.",
         "Als bij een nieuwe klant: het nieuwe adres moet worden bevestigd."),
    Case("moved, bounced, new ones get no campaigns", Known.WAS_CLEANED, NOT_NO, TRANSACTIONAL,
         Ends.CREATED_TRANSACTIONAL,
         "As for a new customer: no campaigns.",
         "Als bij een nieuwe klant: geen mailings."),
    Case("moved, bounced, AFAS no", Known.WAS_CLEANED, NO, ANY, Ends.NOT_CREATED,
         "Who says no in AFAS does not come in.",
         "Wie in AFAS nee zegt, komt er niet in."),
    Case("moved, archived by a person", Known.WAS_ARCHIVED_BY_PERSON, ALWAYS, ANY, Ends.NOT_CREATED,
         "Whom a person took out does not come in by way of another address.",
         "Wie door een mens is gearchiveerd, komt er niet via een ander adres in."),
    Case("moved while away", Known.WAS_ARCHIVED_BY_US, NOT_NO, SUBSCRIBED, Ends.CREATED_SUBSCRIBED,
         "Left AFAS as a subscriber, back with another address: comes in there, with the original opt-in date.",
         "Als abonnee uit AFAS verdwenen en terug met een ander adres: komt daar binnen, met de oorspronkelijke "
         "aanmelddatum."),
    Case("moved while away, new ones confirm", Known.WAS_ARCHIVED_BY_US, NOT_NO, PENDING, Ends.CREATED_PENDING,
         "As for a new customer: the new address has to be confirmed.",
         "Als bij een nieuwe klant: het nieuwe adres moet worden bevestigd."),
    Case("moved while away, new ones get no campaigns", Known.WAS_ARCHIVED_BY_US, NOT_NO, TRANSACTIONAL,
         Ends.CREATED_TRANSACTIONAL,
         "As for a new customer: no campaigns.",
         "Als bij een nieuwe klant: geen mailings."),
    Case("moved while away, AFAS no", Known.WAS_ARCHIVED_BY_US, NO, ANY, Ends.NOT_CREATED,
         "Who says no in AFAS does not come in.",
         "Wie in AFAS nee zegt, komt er niet in."),
    Case("meets a subscriber", Known.MEETS_SUBSCRIBED, NOT_NO, ANY, Ends.UNCHANGED,
         "The member at the new address stays as it is, and stands for this customer from now on.",
         "Wie al op het nieuwe adres staat, blijft zoals hij is en hoort voortaan bij deze klant."),
    Case("meets a subscriber, AFAS no", Known.MEETS_SUBSCRIBED, NO, ANY, Ends.LOWERED,
         "Both addresses are unsubscribed.",
         "Beide adressen worden afgemeld."),
    Case("meets an opt-out, AFAS yes", Known.MEETS_UNSUBSCRIBED, YES, ANY, Ends.UNCHANGED,
         "The opt-out at the new address stays, and the difference is reported.",
         "De afmelding op het nieuwe adres blijft staan, en het verschil wordt gemeld.", differs=True),
    Case("meets an opt-out, AFAS blank", Known.MEETS_UNSUBSCRIBED, BLANK, ANY, Ends.UNCHANGED,
         "The opt-out at the new address stays.",
         "De afmelding op het nieuwe adres blijft staan."),
    Case("meets an opt-out, AFAS no", Known.MEETS_UNSUBSCRIBED, NO, ANY, Ends.LOWERED,
         "The old address is unsubscribed as well.",
         "Ook het oude adres wordt afgemeld."),
    Case("brings an opt-out", Known.BRINGS_OPT_OUT, ALWAYS, ANY, Ends.LOWERED,
         "The opt-out goes along: the subscriber at the new address is unsubscribed.",
         "De afmelding verhuist mee: de abonnee op het nieuwe adres wordt afgemeld."),
)  # fmt: skip

REFUSED = (
    Case("deleted for good", Known.FORGOTTEN, NOT_NO, ANY, Ends.ERASED,
         "Mailchimp refuses an address that was permanently deleted. Only the person can sign up again, by a form.",
         "Mailchimp weigert een adres dat definitief is verwijderd. Alleen de persoon zelf kan zich via een formulier "
         "weer aanmelden."),
    Case("deleted for good, AFAS no", Known.FORGOTTEN, NO, ANY, Ends.NOT_CREATED,
         "Mailchimp is not even asked.",
         "Het wordt Mailchimp niet eens gevraagd."),
    Case("too many lists", Known.MANY_LISTS, NOT_NO, ANY, Ends.REFUSED_FOR_NOW,
         "Mailchimp refuses an address that signed up to many lists lately. It is tried again after 5 minutes, 1, 2 "
         "and 7 days.",
         "Mailchimp weigert een adres dat zich pas bij veel lijsten heeft aangemeld. Het wordt opnieuw geprobeerd na "
         "5 minuten, 1, 2 en 7 dagen."),
    Case("too many lists, AFAS no", Known.MANY_LISTS, NO, ANY, Ends.NOT_CREATED,
         "Mailchimp is not even asked.",
         "Het wordt Mailchimp niet eens gevraagd."),
)  # fmt: skip

TABLE = (*NEW, *PRESENT, *ARCHIVED, *FOREIGN, *MOVED, *REFUSED)
