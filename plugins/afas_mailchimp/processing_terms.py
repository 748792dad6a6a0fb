"""More sentences of the record of processing: recipients, terms, rights, security. Both languages side by side."""

from __future__ import annotations

from afas_mailchimp.processing_words import Text

SOURCE = Text("Where the data come from", "Waar de gegevens vandaan komen")
SOURCE_IS = Text(
    "AFAS Profit, {}, GetConnectors {}, over the Airflow connection `{}`.",
    "AFAS Profit, {}, GetConnectors {}, over de Airflow-connection `{}`.",
)
ENVIRONMENT = Text("environment `{}`", "omgeving `{}`")
WHICH_ENVIRONMENT = Text("which AFAS environment", "welke AFAS-omgeving")

RECIPIENTS = Text("Recipients and transfer", "Ontvangers en doorgifte")
RECIPIENT_IS = Text(
    "Mailchimp (Intuit Inc., United States), audience `{}`, over the Airflow connection `{}`.",
    "Mailchimp (Intuit Inc., Verenigde Staten), audience `{}`, over de Airflow-connection `{}`.",
)
TRANSFER = Text(
    "transfer to a third country (United States): is Intuit certified under the EU-US Data Privacy Framework (DPF) "
    "today, and do the standard contractual clauses (SCC) of the processing agreement apply beside it?",
    "doorgifte naar een derde land (Verenigde Staten): is Intuit vandaag gecertificeerd onder het EU-US Data Privacy "
    "Framework (DPF), en gelden daarnaast de standaardcontractbepalingen (SCC) van de verwerkersovereenkomst?",
)
SUBPROCESSORS = Text("subprocessors of Mailchimp", "subverwerkers van Mailchimp")
NOBODY_ELSE = Text(
    "This package sends the data to nobody else; who else uses the audience is not its to see.",
    "Dit pakket stuurt de gegevens aan niemand anders; wie de audience verder gebruikt, kan het niet zien.",
)

BACK = Text("Written back to AFAS", "Teruggeschreven naar AFAS")
BACK_HEAD = Text(
    "source | fact of the member | field in AFAS | record | how",
    "bron | gegeven van het lid | veld in AFAS | record | hoe",
)
NOTHING_BACK = Text("Nothing: the package only reads AFAS.", "Niets: het pakket leest AFAS alleen.")
PRESENT_VALUE = Text("present value: `{}`", "huidige waarde: `{}`")
VALUES = Text("values: {}", "waarden: {}")
MAY_CLEAR = Text("may be emptied", "mag leeg worden gemaakt")
MAY_RETURN = Text("a later sign-up of the person's own may raise consent", "een latere eigen aanmelding mag verhogen")
RECORD_NAMED = Text("named by {}", "aangewezen door {}")
RECORD_TYPES = Text("where `{}` is {}", "waar `{}` {} is")
USUAL_TYPES = Text("as usual", "zoals gebruikelijk")

TERMS = Text("What is kept, where and for how long", "Wat wordt bewaard, waar en hoe lang")
TERMS_HEAD = Text("where | what | how long", "waar | wat | hoe lang")
IN_MAILCHIMP = Text("Mailchimp audience", "Mailchimp-audience")
IN_HIDDEN = Text("hidden fields `{}` and `{}` of each member", "verborgen velden `{}` en `{}` van elk lid")
HIDDEN = Text(
    "AFAS key (`{}:<source>:<key>`) and digests", "AFAS-sleutel (`{}:<bron>:<sleutel>`) en samenvattingen (digests)"
)
WITH_MEMBER = Text("as long as the member", "zo lang als het lid")
ARCHIVED = Text(
    "archived when the row goes from AFAS or no longer fits; archived members stay in Mailchimp until erased",
    "gearchiveerd als de rij uit AFAS verdwijnt of niet meer voldoet; blijft dan in Mailchimp tot er gewist wordt",
)
NOT_ARCHIVED = Text(
    "members whose row goes from AFAS stay as they are, until a person removes them",
    "leden van wie de rij uit AFAS verdwijnt, blijven zoals zij zijn, tot een mens ze verwijdert",
)
MEMBERS = Text("the data above, status, tags", "de gegevens hierboven, status, tags")
TERM_IN_MAILCHIMP = Text("term for archived members", "termijn voor gearchiveerde leden")
DUE_AFTER = Text(
    "after {} days the report lists them for erasure, which a person does (`afas_mailchimp_erase`, `archived`)",
    "na {} dagen noemt het rapport ze om te wissen, wat een mens doet (`afas_mailchimp_erase`, `archived`)",
)
IN_LOGS = Text("Airflow: logs, reports (XCom), run metadata", "Airflow: logs, rapporten (XCom), gegevens over runs")
IN_LOGS_ARE = Text(
    "counts and AFAS keys (pseudonymous); never a name, address or number of a person",
    "aantallen en AFAS-sleutels (pseudoniem); nooit een naam, adres of nummer van een mens",
)
IN_LOGS_FOR = Text("runs that ended well: {}; runs that failed: {}", "runs die goed eindigden: {}; mislukte runs: {}")
AT_ONCE = Text("removed as soon as the run has ended", "weg zodra de run is geëindigd")
DAYS = Text("{} days", "{} dagen")
BY_DAG = Text(
    "by the DAG `afas_mailchimp_log_retention`, which must be switched on",
    "door de DAG `afas_mailchimp_log_retention`, die aan moet staan",
)
IN_AUDIT = Text("Airflow's audit log", "Auditlog van Airflow")
IN_AUDIT_IS = Text(
    "who started which run, and when (users of Airflow)", "wie welke run startte, en wanneer (gebruikers van Airflow)"
)
AUDIT_GOES = Text("the same terms (`retention.audit_log: true`)", "dezelfde termijnen (`retention.audit_log: true`)")
AUDIT_STAYS = Text(
    "not removed by this package (`retention.audit_log: false`)",
    "dit pakket verwijdert het niet (`retention.audit_log: false`)",
)
IN_VARIABLES = Text("Airflow Variables `afas_mailchimp.{}.*`", "Airflow-Variables `afas_mailchimp.{}.*`")
RETRIES = Text(
    "AFAS keys of rows that are tried again, at most {}",
    "AFAS-sleutels van rijen die opnieuw worden geprobeerd, hooguit {}",
)
RETRIES_FOR = Text("at most {} days", "hooguit {} dagen")
STATE = Text(
    "watermarks, time of the last full reload, fingerprint of the settings; nothing of a person",
    "peilmomenten, moment van de laatste volledige herlaad, vingerafdruk van de instellingen; niets van een mens",
)
UNTIL_REMOVED = Text("until a person removes them", "tot een mens ze verwijdert")
TOMBSTONES = Text(
    "AFAS keys of people who were erased (tombstones), so that they never come back",
    "AFAS-sleutels van wie gewist is (tombstones), zodat zij nooit terugkomen",
)
IN_MEMORY = Text("memory of a running task", "geheugen van een lopende taak")
IN_MEMORY_IS = Text("the rows and members being compared", "de rijen en leden die worden vergeleken")
UNTIL_END = Text(
    "until the task ends; never on disk by this package", "tot de taak eindigt; door dit pakket nooit op schijf"
)
ELSEWHERE = Text(
    "terms of back-ups, of remote log stores and of container output: the package does not see these",
    "termijnen van back-ups, van externe logopslag en van containeruitvoer: die ziet het pakket niet",
)

RIGHTS = Text("Rights of the people", "Rechten van betrokkenen")
RIGHTS_ARE = (
    Text(
        "Objection and withdrawal: every unsubscribe in Mailchimp is kept and never undone by this package; a no in "
        "AFAS unsubscribes.",
        "Bezwaar en intrekking: elke afmelding in Mailchimp blijft staan en wordt door dit pakket nooit teruggedraaid; "
        "een nee in AFAS meldt af.",
    ),
    Text(
        "Erasure: the DAG `afas_mailchimp_erase`, by source and AFAS key; it deletes the member for good and leaves "
        "the key as a tombstone.",
        "Wissen: de DAG `afas_mailchimp_erase`, op bron en AFAS-sleutel; het lid wordt definitief verwijderd en de "
        "sleutel blijft als tombstone.",
    ),
    Text(
        "Access and rectification: in AFAS, which leads; a correction there reaches Mailchimp by the next "
        "run or full reload.",
        "Inzage en rectificatie: in AFAS, dat leidend is; een verbetering daar komt met de volgende run of volledige "
        "herlaad in Mailchimp.",
    ),
)
RIGHTS_OPEN = Text(
    "where people can turn, and who answers within a month",
    "waar mensen terechtkunnen, en wie binnen een maand antwoordt",
)

SECURITY = Text("Security", "Beveiliging")
SECURITY_IS = (
    Text(
        "Only https to AFAS and Mailchimp (plain http to this machine itself only); "
        "token and API key are in Airflow connections only.",
        "Alleen https naar AFAS en Mailchimp (http alleen naar de eigen machine); "
        "token en API-sleutel staan alleen in connections van Airflow.",
    ),
    Text(
        "No personal data in logs, reports, Variables or the metadata database, held by tests and by a "
        "scan that can be run.",
        "Geen persoonsgegevens in logs, rapporten, Variables of de database van Airflow, bewaakt door tests en door "
        "een scan die u kunt draaien.",
    ),
    Text(
        "Unmapped columns are dropped row by row; `python -m operators.afas_mailchimp_lint` lists what the "
        "token sees too much.",
        "Kolommen die nergens voor dienen, worden per rij weggelaten; `python -m operators.afas_mailchimp_lint` somt "
        "op wat het token te veel ziet.",
    ),
    Text(
        "Limits stop mass changes by mistake: archived {}, unsubscribed {}, created {}, written back {}.",
        "Grenzen houden grote vergissingen tegen: gearchiveerd {}, afgemeld {}, aangemaakt {}, teruggeschreven {}.",
    ),
)
NO_LIMIT = Text("no limit", "geen grens")
SECURITY_OPEN = Text(
    "who can open Airflow, AFAS and Mailchimp; encryption of the database and its back-ups",
    "wie in Airflow, AFAS en Mailchimp kan; versleuteling van de database en haar back-ups",
)

SETTINGS = Text("Settings that this page was made of", "Instellingen waaruit deze pagina is gemaakt")
SETTINGS_ARE = Text(
    "Everything in force, defaults included. Another value here is another processing: make the page anew.",
    "Alles wat geldt, ook standaardwaarden. Een andere waarde hier is een andere verwerking: maak de pagina opnieuw.",
)
SETTINGS_HEAD = Text("setting | value", "instelling | waarde")
