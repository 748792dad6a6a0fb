"""The sentences of the record of processing activities, in both languages side by side."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from afas_mailchimp.field_mapping import FieldKind
from afas_mailchimp.sensitive_words import Danger
from afas_mailchimp.starter_source import SourceKind


class Language(StrEnum):
    """Languages of the record."""

    ENGLISH = "en"
    DUTCH = "nl"


class Text(NamedTuple):
    """One sentence in both languages."""

    en: str
    nl: str

    def of(self, language: Language) -> str:
        """The sentence in a language."""
        return self.en if language == Language.ENGLISH else self.nl


TITLE = Text("Record of processing activities: AFAS to Mailchimp", "Verwerkingsregister: AFAS naar Mailchimp")
DATED = Text("Date: {}", "Datum: {}")
ABOUT = Text(
    "Article 30 GDPR (AVG). Written by `python -m operators.afas_mailchimp_lint --register` from the sync file: what "
    "stands there is what happens. Only a person can fill in what stands between **[** and **]**, and check what the "
    "law asks; this page is a draft, no legal advice.",
    "Artikel 30 AVG. Geschreven door `python -m operators.afas_mailchimp_lint --register` uit het syncbestand: wat "
    "daar staat, is wat er gebeurt. Wat tussen **[** en **]** staat, kan alleen een mens invullen, en wat de wet "
    "vraagt, moet een mens nagaan; deze pagina is een concept en geen juridisch advies.",
)
FILL_IN = Text("**[to fill in: {}]**", "**[in te vullen: {}]**")
CHECK = Text("**[to check: {}]**", "**[na te gaan: {}]**")
PARTIES = Text("Who is responsible", "Wie verantwoordelijk is")
PARTY_ROWS = (
    (Text("Controller", "Verwerkingsverantwoordelijke"), Text("name, address, contact", "naam, adres, contact")),
    (
        Text("Joint controller or representative", "Gezamenlijk verantwoordelijke of vertegenwoordiger"),
        Text("name, or none", "naam, of geen"),
    ),
    (
        Text("Data protection officer", "Functionaris gegevensbescherming"),
        Text("name and contact, or none", "naam en contact, of geen"),
    ),
    (
        Text("Processor: AFAS Software (source)", "Verwerker: AFAS Software (bron)"),
        Text("processing agreement, date", "verwerkersovereenkomst, datum"),
    ),
    (
        Text("Processor: Mailchimp (Intuit), recipient", "Verwerker: Mailchimp (Intuit), ontvanger"),
        Text("processing agreement, date", "verwerkersovereenkomst, datum"),
    ),
    (
        Text("Processor: who runs Airflow", "Verwerker: wie Airflow draait"),
        Text("ourselves, or name, agreement, country", "wijzelf, of naam, overeenkomst, land"),
    ),
)
PROCESSING = Text("Processing: {}", "Verwerking: {}")
ITEM = Text("item", "onderdeel")
CONTENT = Text("content", "inhoud")

PURPOSE = Text("Purpose", "Doel")
PURPOSE_IS = Text(
    "Sending mailings: one Mailchimp audience is kept equal to what AFAS says.",
    "Mailings versturen: één Mailchimp-audience wordt gelijk gehouden aan wat AFAS zegt.",
)
BASIS = Text(
    "Basis (article 6 GDPR; for mailings also article 11.7 Tw)",
    "Grondslag (artikel 6 AVG; voor mailings ook artikel 11.7 Tw)",
)
NO_BASIS = Text(
    "`consent.basis` is missing in the sync file: on which ground may these people be mailed?",
    "`consent.basis` ontbreekt in het syncbestand: op welke grond mogen deze mensen mail krijgen?",
)
NEW_MEMBERS = Text("New members", "Nieuwe leden")
NEW_MEMBERS_ARE: Mapping[str, Text] = {
    "subscribed": Text("subscribed at once", "direct aangemeld (subscribed)"),
    "pending": Text(
        "pending: Mailchimp asks each for a confirmation first", "pending: Mailchimp vraagt ieder eerst om bevestiging"
    ),
    "transactional": Text("transactional: get no campaigns", "transactional: krijgen geen campagnes"),
}
FREQUENCY = Text("How often", "Hoe vaak")
BY_SCHEDULE = Text("`{}` ({}); everything again every {}", "`{}` ({}); alles opnieuw elke {}")
BY_HAND = Text("by hand", "met de hand")
NEVER = Text("never by itself", "nooit vanzelf")
MEMBERS_BEFORE = Text("Members that were there before", "Leden die er al waren")
ADOPTED = Text("taken over where the address is the same", "overgenomen waar het adres gelijk is")
NOT_ADOPTED = Text("left alone", "ongemoeid gelaten")

PEOPLE = Text("Categories of people", "Categorieën van betrokkenen")
PEOPLE_HEAD = Text(
    "source | people | only rows with | yes or no to mail",
    "bron | betrokkenen | alleen rijen met | ja of nee tegen mail",
)
PEOPLE_ARE: Mapping[SourceKind, Text] = {
    SourceKind.DEBTORS: Text(
        "customers (debtors): organisations and persons", "klanten (debiteuren): organisaties en personen"
    ),
    SourceKind.CONTACTS: Text("contact persons", "contactpersonen"),
}
WHICH_PEOPLE = Text("which people", "welke mensen")
ALL_ROWS = Text("all rows", "alle rijen")
CONSENT_COLUMN = Text(
    "`{}`: {} = yes, {} = no, anything else = unknown", "`{}`: {} = ja, {} = nee, al het andere = onbekend"
)
CONSENT_SWEPT = Text("looked for every {}", "elke {} nagekeken")
NO_CONSENT_COLUMN = Text("AFAS does not say", "AFAS zegt het niet")

DATA = Text("Categories of data", "Categorieën van gegevens")
DATA_HEAD = Text(
    "AFAS column | name in AFAS | becomes | in Mailchimp", "AFAS-kolom | naam in AFAS | wordt | in Mailchimp"
)
THE_KEY = Text("AFAS key, in the hidden field", "AFAS-sleutel, in het verborgen veld")
THE_ADDRESS = Text("e-mail address", "e-mailadres")
READ_ONLY = Text("read to decide; not sent", "gelezen om te beslissen; niet verstuurd")
BECOMES: Mapping[str, Text] = {
    "modified": Text("when the row changed", "wanneer de rij wijzigde"),
    "filter": Text("filter", "filter"),
    "consent": Text("status", "status"),
    "delivery": Text("delivery address", "afleveradres"),
    "choosing": Text("choosing the delivery address", "kiezen van het afleveradres"),
    "back": Text("write-back", "terugkoppelen"),
    "tags": Text("tag", "tag"),
}
KINDS: Mapping[FieldKind, Text] = {
    FieldKind.TEXT: Text("text", "tekst"),
    FieldKind.PHONE: Text("telephone number", "telefoonnummer"),
    FieldKind.DATE: Text("date", "datum"),
    FieldKind.NUMBER: Text("number", "getal"),
    FieldKind.ADDRESS: Text("address", "adres"),
    FieldKind.YES_NO: Text("yes or no", "ja of nee"),
    FieldKind.CHOICE: Text("choice", "keuze"),
}
ONLY_WHEN_EMPTY = Text("only where empty", "alleen waar leeg")
FIXED = Text("(fixed for every row)", "(vast voor elke rij)")
DIGESTS = Text(
    "Beside these, the hidden field `{}` holds short digests of the address, the tags and the "
    "written-back values, and opt-in times.",
    "Daarnaast bevat het verborgen veld `{}` korte samenvattingen (digests) van het adres, de tags en de "
    "teruggekoppelde waarden, en tijdstippen van aanmelding.",
)
CREATES = Text(
    "Merge fields that are missing are created in Mailchimp, hidden from subscribers.",
    "Merge-velden die ontbreken, worden in Mailchimp aangemaakt, onzichtbaar voor abonnees.",
)
SURPLUS = Text(
    "AFAS sends whole rows. Columns of `{}` that the token sees and nothing needs, dropped while reading: {}.",
    "AFAS stuurt hele rijen. Kolommen van `{}` die het token ziet en die niets gebruikt, bij het lezen weggelaten: {}.",
)

SPECIAL = Text("Special or sensitive data", "Bijzondere of gevoelige gegevens")
SPECIAL_IS = Text(
    "`{}` looks like {}: on which ground is it used?", "`{}` lijkt {}: op welke grond wordt het gebruikt?"
)
NOTHING_SPECIAL = Text(
    "none recognised by the names of the columns; do the values hold any?",
    "niets herkend aan de namen van de kolommen; staat het in de waarden?",
)
DANGERS: Mapping[Danger, Text] = {
    danger: Text(danger, dutch)
    for danger, dutch in {
        Danger.NATIONAL_ID: "een nationaal identificatienummer (BSN)",
        Danger.BIRTH: "geboortedatum of -plaats",
        Danger.BANK: "een bankrekening of kaart",
        Danger.DOCUMENT: "een paspoort of identiteitsbewijs",
        Danger.GENDER: "geslacht",
        Danger.ORIGIN: "nationaliteit of afkomst",
        Danger.MARITAL: "burgerlijke staat of gezin",
        Danger.HEALTH: "gezondheid of verzuim",
        Danger.PAY: "salaris of inkomen",
        Danger.CREDENTIAL: "een wachtwoord of andere toegangscode",
        Danger.BELIEF: "godsdienst, overtuiging, politiek of vakbond",
        Danger.SEXUALITY: "seksuele geaardheid",
        Danger.LIKENESS: "een foto, handtekening of biometrisch gegeven",
        Danger.CRIMINAL: "een strafrechtelijk gegeven",
    }.items()
}
