"""Each reason and notice of a report in Dutch: what it means, and what to do. As docs/nl/rapport.md says it."""

from __future__ import annotations

from afas_mailchimp.reason_words import Words

DUTCH: dict[str, Words] = {
    "filtered_out": Words(
        "de rij voldoet niet aan filter in het syncbestand",
        "niets",
    ),
    "erased_on_request": Words(
        "de persoon is gewist, hier of in Mailchimp (definitief verwijderd); de rij wordt niet geïmporteerd",
        "niets; de persoon kan zich met een formulier aanmelden",
    ),
    "another_row_has_this_address": Words(
        "meer rijen met één adres; een andere gaat voor",
        "niets, of AFAS opruimen",
    ),
    "no_consent": Words(
        "AFAS zegt nee: niet aangemeld, of niet teruggehaald",
        "niets",
    ),
    "member_not_ours": Words(
        "in het sleutelveld van dat lid staat iets anders, of adopt: false",
        "kijk naar het lid; maak het veld leeg als het overgenomen mag worden",
    ),
    "member_of_another_sync": Words(
        "een andere koppeling beheert dat lid",
        "geef elke koppeling eigen rijen of een eigen audience",
    ),
    "archived_by_a_person": Words(
        "iemand heeft dat lid in Mailchimp gearchiveerd: dat blijft zo",
        "haal het met de hand terug, als de persoon dat wil",
    ),
    "opted_out_at_former_address": Words(
        "de persoon meldde zich op het ene adres af en zou op het andere terugkomen",
        "niets",
    ),
    "address_held_by_a_row_that_moved": Words(
        "het lid daar bewaart de afmelding van een rij die op haar nieuwe adres nog niet terechtkon",
        "kijk naar de reden bij die rij",
    ),
    "address_chosen_by_another_subscriber": Words(
        "het lid daar is van een abonnee die zelf dit adres koos",
        "vraag na wat klopt en verbeter AFAS",
    ),
    "limit_max_write_back": Words(
        "er zouden meer AFAS-records geschreven worden dan limits.max_write_back: geen enkel is geschreven",
        "bekijk een dry run, start dan eenmaal met max_write_back",
    ),
    "no_afas_record_for_this_row": Words(
        "voor het type van deze rij staat geen record in write_back, of de kolommen die het record aanwijzen zijn leeg",
        "vul de GetConnector of het bestand aan",
    ),
    "refused_by_afas": Words(
        "AFAS weigerde het record; de zin van AFAS staat bij refused; opnieuw na 5 minuten, 1, 2 en 7 dagen",
        "verbeter wat AFAS zegt",
    ),
    "value_does_not_fit_in_afas": Words(
        "te lang voor het AFAS-veld, of niet van dat type; er wordt niets afgekapt",
        "kies een ander veld, of geef values op",
    ),
    "changed_while_reading": Words(
        "rij of lid veranderde tijdens de run; wordt vanzelf opnieuw geprobeerd",
        "niets",
    ),
    "limit_max_created": Words(
        "er zouden er meer bijkomen dan limits.max_created",
        "controleren, dan de grens verhogen",
    ),
    "limit_max_unsubscribed_percent": Words(
        "er zouden er meer afgemeld worden dan de grens",
        "controleer het toestemmingsveld, dan de grens verhogen",
    ),
    "email_missing": Words(
        "geen e-mailadres in AFAS",
        "niets, of invullen",
    ),
    "email_invalid": Words(
        "wat er in het e-mailveld staat, is geen adres",
        "verbeteren in AFAS",
    ),
    "key_missing": Words(
        "de sleutelkolom is leeg",
        "de connector verbeteren",
    ),
    "key_not_unique": Words(
        "meer rijen met één sleutel: een koppeling in de connector",
        "kies een unieke kolom als key",
    ),
    "exists": Words(
        "iemand meldde zich juist in die seconde aan; de volgende run ziet het",
        "niets",
    ),
    "compliance_state": Words(
        "afgemeld of onbestelbaar, zegt Mailchimp: wij kunnen niet aanmelden",
        "niets; de persoon kan zich met een formulier aanmelden",
    ),
    "permanently_deleted": Words(
        "in Mailchimp voorgoed gewist: kan niet geïmporteerd worden. Een rij telt als erased_on_request",
        "niets; de persoon kan zich met een formulier aanmelden",
    ),
    "looks_fake": Words(
        "Mailchimp houdt het adres voor nep",
        "verbeteren in AFAS",
    ),
    "signed_up_to_many_lists": Words(
        "de rem van Mailchimp per persoon; opnieuw na 5 minuten, 1, 2 en 7 dagen",
        "niets",
    ),
    "address_not_accepted": Words(
        "Mailchimp neemt het adres niet aan (bijvoorbeeld een functieadres)",
        "een ander adres in AFAS",
    ),
    "merge_field_not_accepted": Words(
        "een waarde past niet bij het merge-veld",
        "vergelijk type en keuzes in Mailchimp",
    ),
    "status_required": Words(
        "Mailchimp wilde een status bij een wijziging en weigerde elke weg zonder",
        "meld het ons",
    ),
    "duplicate_in_request": Words(
        "Mailchimp zag het adres dubbel; wordt opnieuw geprobeerd",
        "niets",
    ),
    "not_found": Words(
        "het lid verdween juist in die seconde; wordt opnieuw geprobeerd",
        "niets",
    ),
    "cannot_be_archived": Words(
        "het lid is intussen in afwachting of onbestelbaar",
        "niets",
    ),
    "not_subscribed": Words(
        "alleen het adres van een aangemeld lid kan wijzigen, en dat is het niet meer",
        "niets",
    ),
    "too_large": Words(
        "Mailchimp weigerde de omvang van het verzoek",
        "meld het ons",
    ),
    "refused_by_mailchimp": Words(
        "geweigerd in woorden die wij niet kennen; wordt opnieuw geprobeerd",
        "kijk naar het lid in Mailchimp",
    ),
    "consent_differs": Words(
        "AFAS en Mailchimp zijn het oneens en de regel laat dat zo: hier afgemeld en daar ja, of zelf aangemeld na "
        "het nee van AFAS",
    ),
    "address_changed_by_subscriber": Words(
        "de abonnee wijzigde het adres in Mailchimp; dat wordt niet teruggezet. AFAS heeft nog het oude",
    ),
    "phone_left_out": Words(
        "geen telefoonnummer",
    ),
    "address_left_out": Words(
        "straat, postcode of plaats ontbreekt",
    ),
    "date_left_out": Words(
        "geen datum",
    ),
    "number_left_out": Words(
        "geen getal",
    ),
    "yes_no_left_out": Words(
        "geen ja en geen nee",
    ),
    "choice_left_out": Words(
        "niet een van de keuzes van het merge-veld",
    ),
    "column_without_definition_in_afas": Words(
        'AFAS antwoordt "(replaced)": de definitie van de kolom komt uit een andere omgeving',
    ),
    "text_cut_to_255": Words(
        "langer dan een merge-veld aankan",
    ),
    "opted_out_while_writing": Words(
        "de persoon meldde zich tijdens de run af: dat blijft",
    ),
    "came_back_and_was_archived_again": Words(
        "een wijziging wekte een lid dat iemand had gearchiveerd; meteen teruggedraaid",
    ),
    "value_not_taken_by_mailchimp": Words(
        "Mailchimp zei dat het gelukt was, en hield een andere waarde",
    ),
    "missing_in_survey_but_still_in_afas": Words(
        "een rij verschoof onder het lezen; op sleutel nagevraagd, en gebleven",
    ),
    "changed_in_afas_and_by_subscriber": Words(
        "één waarde veranderde aan beide kanten: die van AFAS blijft",
    ),
    "row_without_modified_date": Words(
        "alleen door volledige herladen gezien",
    ),
}
"""By reason, refusal or notice; the words of the page for operators."""
