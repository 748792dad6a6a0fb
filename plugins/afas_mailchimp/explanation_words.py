"""Sentences of an explanation, English and Dutch, by the name that a step has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.explanation import Step
from afas_mailchimp.page_words import Language
from afas_mailchimp.reject_list import words_for

SENTENCES: dict[str, tuple[str, str]] = {
    "row_found": ("The row is in AFAS ({connector}).", "De rij staat in AFAS ({connector})."),
    "row_absent": (
        "AFAS shows no such row in {connector}: the key does not exist, or a filter hides it from this token.",
        "AFAS toont zo'n rij niet in {connector}: de sleutel bestaat niet, of een filter verbergt hem voor dit token.",
    ),
    "row_twice": ("AFAS shows this key more than once: {reason}.", "AFAS toont deze sleutel vaker: {reason}."),
    "row_out": ("The row takes no part: {reason}.", "De rij doet niet mee: {reason}."),
    "filter_passed": ("It passes the filter ({filter}).", "Hij voldoet aan het filter ({filter})."),
    "filter_failed": ("It does not pass the filter ({filter}).", "Hij voldoet niet aan het filter ({filter})."),
    "address_valid": ("Column {column} holds a valid address.", "Kolom {column} bevat een geldig adres."),
    "address_missing": ("Column {column} is empty.", "Kolom {column} is leeg."),
    "address_invalid": ("Column {column} holds no valid address.", "Kolom {column} bevat geen geldig adres."),
    "consent_yes": ("Consent: {column} says yes.", "Toestemming: {column} zegt ja."),
    "consent_no": ("Consent: {column} says no.", "Toestemming: {column} zegt nee."),
    "consent_unknown": (
        "Consent: {column} says neither yes nor no; that changes nothing.",
        "Toestemming: {column} zegt geen ja en geen nee; dat verandert niets.",
    ),
    "consent_not_asked": (
        "Consent: no column is asked; the ground in the sync file is: {basis}.",
        "Toestemming: er wordt geen kolom gevraagd; de grondslag in het syncbestand is: {basis}.",
    ),
    "consent_of_another": (
        "Consent: another row with this address says no, and one no is enough.",
        "Toestemming: een andere rij met dit adres zegt nee, en één nee is genoeg.",
    ),
    "winner_alone": ("No other row has this address.", "Geen andere rij heeft dit adres."),
    "winner_wins": (
        "Rows {others} have this address too; this row decides.",
        "Ook {others} hebben dit adres; deze rij gaat voor.",
    ),
    "winner_loses": (
        "Row {winner} has this address too, and decides; look at that one.",
        "Ook {winner} heeft dit adres, en gaat voor; kijk naar die rij.",
    ),
    "member_none": ("Mailchimp has no member at this address.", "Mailchimp heeft geen lid op dit adres."),
    "member_own": ("Its member in Mailchimp is {status}.", "Het lid in Mailchimp is {status}."),
    "member_own_adopted": (
        "Its member in Mailchimp is {status}; it was there before the sync.",
        "Het lid in Mailchimp is {status}; het was er al voor de koppeling.",
    ),
    "member_archived_by_us": (
        "Its member was archived by this sync when its row had gone; it is {status} now.",
        "Het lid is door deze koppeling gearchiveerd toen de rij weg was; het is nu {status}.",
    ),
    "member_of_row": (
        "The member at this address ({status}) belongs to row {whose}.",
        "Het lid op dit adres ({status}) hoort bij rij {whose}.",
    ),
    "member_of_sync": (
        "The member at this address ({status}) belongs to another sync.",
        "Het lid op dit adres ({status}) hoort bij een andere koppeling.",
    ),
    "member_stray": (
        "The member at this address ({status}) has something else in the key field.",
        "Het lid op dit adres ({status}) heeft iets anders in het sleutelveld.",
    ),
    "member_without_key": (
        "A member is at this address ({status}) that no row was linked to yet.",
        "Op dit adres staat een lid ({status}) dat nog aan geen rij gekoppeld is.",
    ),
    "member_elsewhere": (
        "A member at another address ({status}) carries this row's key.",
        "Een lid op een ander adres ({status}) draagt de sleutel van deze rij.",
    ),
    "member_not_searched": (
        "The audience is too large to search other addresses for this row's key from here.",
        "De audience is te groot om van hieruit op andere adressen naar de sleutel van deze rij te zoeken.",
    ),
    "changed_in_afas": ("Last change in AFAS: {at}.", "Laatste wijziging in AFAS: {at}."),
    "changed_unknown": ("AFAS gives no modified date for this row.", "AFAS geeft voor deze rij geen wijzigdatum."),
    "changed_in_mailchimp": ("Last change in Mailchimp: {at}.", "Laatste wijziging in Mailchimp: {at}."),
    "retry_at": (
        "Mailchimp refused it before; try {tries} comes at {at}.",
        "Mailchimp weigerde hem eerder; poging {tries} komt om {at}.",
    ),
    "next_nothing": ("A run would do nothing.", "Een run zou niets doen."),
    "next_nothing_because": ("A run would do nothing: {reason}.", "Een run zou niets doen: {reason}."),
    "next_unchanged": (
        "A run would change nothing: Mailchimp has what AFAS says.",
        "Een run zou niets wijzigen: Mailchimp heeft wat AFAS zegt.",
    ),
    "next_create": ("A run would create the member as {status}.", "Een run zou het lid aanmaken als {status}."),
    "next_update": ("A run would update {fields}.", "Een run zou {fields} bijwerken."),
    "next_mark": ("A run would link the member to this row.", "Een run zou het lid aan deze rij koppelen."),
    "next_adopt": (
        "A run would take the member over and write {fields}.",
        "Een run zou het lid overnemen en {fields} schrijven.",
    ),
    "next_move": (
        "A run would move the member to the address that AFAS has now.",
        "Een run zou het lid meenemen naar het adres dat AFAS nu heeft.",
    ),
    "next_return": ("A run would bring the member back as {status}.", "Een run zou het lid terughalen als {status}."),
    "next_opt_out": ("A run would opt the member out.", "Een run zou het lid afmelden."),
    "next_archive": ("A run would archive the member.", "Een run zou het lid archiveren."),
    "next_release": (
        "A run would take the key from the member, and leave it otherwise.",
        "Een run zou de sleutel bij het lid weghalen, en het verder met rust laten.",
    ),
    "when_next": ("The next run sees this row.", "De volgende run ziet deze rij."),
    "when_full": (
        "Only a full reload sees this row, unless it changes in AFAS before then.",
        "Alleen een volledige herlaad ziet deze rij, tenzij hij eerder in AFAS wijzigt.",
    ),
}

_STATUSES: dict[MemberStatus, tuple[str, str]] = {
    MemberStatus.SUBSCRIBED: ("subscribed", "aangemeld"),
    MemberStatus.PENDING: ("waiting for a confirmation", "in afwachting van bevestiging"),
    MemberStatus.TRANSACTIONAL: ("transactional, not mailed", "transactioneel, niet gemaild"),
    MemberStatus.UNSUBSCRIBED: ("unsubscribed", "afgemeld"),
    MemberStatus.CLEANED: ("bounced", "onbestelbaar"),
    MemberStatus.ARCHIVED: ("archived", "gearchiveerd"),
}


def sentence(step: Step, language: Language, *, moment: Callable[[datetime], str]) -> str:
    """A step in words.

    :param moment: how a moment is told.
    """

    def told(value: object) -> object:
        if isinstance(value, MemberStatus):
            return _STATUSES[value][language == Language.DUTCH]
        return moment(value) if isinstance(value, datetime) else value

    places = {name: told(value) for name, value in step.places.items()}
    if step.reason:
        places["reason"] = words_for(step.reason, language).meaning
    return SENTENCES[step.says][language == Language.DUTCH].format(**places)
