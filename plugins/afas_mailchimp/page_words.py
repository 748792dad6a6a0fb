"""Every text of the status page, English and Dutch, by name. ``{}`` and ``{name}`` are filled in by the page."""

from __future__ import annotations

from enum import StrEnum

from afas_mailchimp.page_words_actions import ACTION_WORDS


class Language(StrEnum):
    """Languages of the page."""

    ENGLISH = "en"
    DUTCH = "nl"


def choose_language(asked: str | None, accepted: str | None) -> Language:
    """Choose by what the person picked, else by the first language of the browser that the page has.

    :param asked: such as ``nl``.
    :param accepted: the header ``Accept-Language``, in the order of preference that browsers send.
    """
    if asked in set(Language):
        return Language(asked)
    for part in (accepted or "").split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in set(Language):
            return Language(code)
    return Language.ENGLISH


def word(name: str, language: Language, /, *places: object, **named: object) -> str:
    """Return one text with its places filled in."""
    return WORDS[name][language == Language.DUTCH].format(*places, **named)


WORDS: dict[str, tuple[str, str]] = {
    **ACTION_WORDS,
    "title": ("AFAS → Mailchimp", "AFAS → Mailchimp"),
    "skip": ("To the syncs", "Naar de koppelingen"),
    "language": ("Language", "Taal"),
    "updated_at": ("As of {}", "Stand van {}"),
    "no_syncs": (
        "No syncs that you may see. Airflow has found no sync file yet, or you have no rights on their DAGs.",
        "Geen koppelingen die u mag zien. Airflow vond nog geen syncbestand, of u hebt geen rechten op hun DAG's.",
    ),
    "sync": ("sync", "koppeling"),
    "not_kept": ("not kept", "niet bewaard"),
    "unknown": ("not known", "niet bekend"),
    "none": ("none", "geen"),
    # states
    "state_bad_file": ("Mistake in the file", "Fout in het bestand"),
    "state_never_run": ("Never run", "Nog niet gedraaid"),
    "state_first_run": ("First run", "Eerste run"),
    "state_failed": ("Failed", "Mislukt"),
    "state_limit": ("Stopped by a protection", "Gestopt door een beveiliging"),
    "state_paused": ("Paused", "Gepauzeerd"),
    "state_behind": ("Behind", "Loopt achter"),
    "state_in_sync": ("In sync", "Gelijk"),
    "says_bad_file": ("The sync file has a mistake; nothing runs.", "Het syncbestand bevat een fout; er draait niets."),
    "says_never_run": (
        "Nothing has been compared yet. Begin with a dry run.",
        "Er is nog niets vergeleken. Begin met een proefrun.",
    ),
    "says_never_run_tried": (
        "Nothing has been written yet. The dry run tells what a run would do.",
        "Er is nog niets geschreven. De proefrun zegt wat een run zou doen.",
    ),
    "says_first_run": ("The first run is on its way.", "De eerste run is bezig."),
    "says_failed": ("Runs fail since {}.", "Runs mislukken sinds {}."),
    "says_limit": (
        "A protection left something out since {}. A person must look.",
        "Een beveiliging houdt sinds {} iets tegen. Iemand moet kijken.",
    ),
    "says_paused": (
        "Paused: changes in AFAS do not reach Mailchimp.",
        "Gepauzeerd: wijzigingen in AFAS komen niet in Mailchimp.",
    ),
    "says_behind": (
        "Changes since {} may not be in Mailchimp yet.",
        "Wijzigingen sinds {} staan mogelijk nog niet in Mailchimp.",
    ),
    "says_in_sync": ("Mailchimp has what AFAS says, since {}.", "Mailchimp heeft wat AFAS zegt, sinds {}."),
    "says_in_sync_unknown": ("Mailchimp has what AFAS says.", "Mailchimp heeft wat AFAS zegt."),
    "at_least": ("{} or longer", "{} of langer"),
    "count_states": ("{count} {state}", "{count} {state}"),
    # facts
    "now_running": ("Now running", "Nu bezig"),
    "run_queued": ("waiting to begin", "wacht op start"),
    "task_preflight": ("checking both sides", "beide kanten controleren"),
    "task_write_back": ("writing back to AFAS", "terugkoppelen naar AFAS"),
    "task_import_customers": ("importing", "importeren"),
    "phase_reading both sides": ("reading both sides", "beide kanten lezen"),
    "phase_comparing and writing": ("comparing and writing", "vergelijken en schrijven"),
    "phase_archiving": ("archiving", "archiveren"),
    "progress_of": ("{rows} of {of} rows", "{rows} van {of} rijen"),
    "progress": ("{rows} rows", "{rows} rijen"),
    "time_left": ("about {} left", "nog ongeveer {}"),
    "last_run": ("Last run", "Laatste run"),
    "last_dry_run": ("Last dry run", "Laatste proefrun"),
    "next_run": ("Next run", "Volgende run"),
    "next_by_hand": ("by hand only", "alleen met de hand"),
    "next_paused": ("paused", "gepauzeerd"),
    "next_any": ("any moment", "elk moment"),
    "lag": ("Lag", "Achterstand"),
    "lag_of": ("{source}: {lag}", "{source}: {lag}"),
    "no_lag": ("no run confirmed yet", "nog geen run bevestigd"),
    "nothing_to_do": ("nothing to do", "niets te doen"),
    "failed_in": ("failed in {}", "mislukt in {}"),
    "failed": ("failed", "mislukt"),
    "succeeded": ("ended well", "goed geëindigd"),
    "dry_run_word": ("dry run", "proefrun"),
    "full_word": ("full reload", "volledige herlaad"),
    "incremental_word": ("changes only", "alleen wijzigingen"),
    "unfinished": (
        "The last run was cut off while members changed hands; the next one puts that right.",
        "De laatste run brak af terwijl leden van rij wisselden; de volgende maakt dat af.",
    ),
    "retry": ("{} rows are due for another try.", "{} rijen worden opnieuw geprobeerd."),
    "file_unseen": (
        "The sync file cannot be seen from Airflow's API server, so settings and schedule are missing here.",
        "Het syncbestand is vanaf de API-server van Airflow niet te zien; instellingen en schema ontbreken hier.",
    ),
    "open_log": ("Open log", "Log openen"),
    "open_dag": ("Open in Airflow", "Openen in Airflow"),
    # counts
    "created": ("created", "aangemaakt"),
    "updated": ("updated", "bijgewerkt"),
    "unchanged": ("unchanged", "ongewijzigd"),
    "unsubscribed": ("opted out", "afgemeld"),
    "skipped": ("skipped", "overgeslagen"),
    "invalid": ("invalid", "ongeldig"),
    "rejected": ("refused by Mailchimp", "geweigerd door Mailchimp"),
    "archived": ("archived", "gearchiveerd"),
    # balance
    "balance": ("Balance", "Balans"),
    "balance_as_of": ("full reload of {}", "volledige herlaad van {}"),
    "balance_none": ("After the first full run.", "Na de eerste volledige run."),
    "in_afas": ("Rows in AFAS", "Rijen in AFAS"),
    "line_filtered": ("filtered out", "weggefilterd"),
    "line_invalid": ("no valid e-mail address or key", "geen geldig e-mailadres of sleutel"),
    "line_shared": ("address shared with another row", "adres gedeeld met een andere rij"),
    "line_no_consent": ("no consent", "geen toestemming"),
    "line_other": ("other reasons", "andere redenen"),
    "line_rejected": ("refused by Mailchimp", "geweigerd door Mailchimp"),
    "expected": ("Expected in Mailchimp", "Verwacht in Mailchimp"),
    "in_mailchimp": ("In Mailchimp", "In Mailchimp"),
    "balance_even": ("Even.", "Sluit."),
    "balance_more": (
        "{} members have no row in this sync: signed up by themselves, of another sync, or the memory of an opt-out.",
        "{} leden hebben geen rij in deze koppeling: zelf aangemeld, van een andere koppeling, of een oude afmelding.",
    ),
    "balance_fewer": (
        "{} rows have no member of their own: look at the reasons below, or run a full reload.",
        "{} rijen hebben geen eigen lid: kijk naar de redenen hieronder, of doe een volledige herlaad.",
    ),
    "status_subscribed": ("subscribed", "aangemeld"),
    "status_pending": ("pending", "in afwachting"),
    "status_transactional": ("transactional", "transactioneel"),
    "status_unsubscribed": ("unsubscribed", "afgemeld"),
    "status_cleaned": ("bounced", "onbestelbaar"),
    "status_archived": ("archived", "gearchiveerd"),
    "bill": ("Mailchimp charges for", "Mailchimp rekent voor"),
    "bill_contacts": ("{} contacts", "{} contacten"),
    "bill_unmailable": ("of which opted out, never mailed: {}", "waarvan afgemeld, nooit gemaild: {}"),
    "bill_without_row": ("of which without a row in this sync: {}", "waarvan zonder rij in deze koppeling: {}"),
    # plot
    "plot": ("Last runs: {}", "Laatste runs: {}"),
    "plot_says": (
        "What each of the last {runs} runs wrote and refused; {failed} failed. The height of a bar is logarithmic.",
        "Wat elk van de laatste {runs} runs schreef en afkeurde; {failed} mislukt. De hoogte is logaritmisch.",
    ),
    "plot_none": ("No runs are kept yet.", "Er zijn nog geen runs bewaard."),
    # rows
    "to_mend": ("Rows to mend", "Rijen om te verbeteren"),
    "by_rule": ("Left out by a rule", "Overgeslagen door een regel"),
    "worth_a_look": ("Worth a look", "Het bekijken waard"),
    "mend": ("What to do: {}.", "Wat te doen: {}."),
    "keys": ("AFAS keys", "AFAS-sleutels"),
    "and_more": ("and {} more", "en nog {}"),
    "reports_hidden": (
        "You may not see what this DAG reports (XCom), so counts are missing here.",
        "U mag niet zien wat deze DAG rapporteert (XCom); aantallen ontbreken hier.",
    ),
    "warnings": ("Warnings", "Waarschuwingen"),
    "consent_differs": (
        "Rows for which AFAS and Mailchimp disagree about consent: {}. They stand under “Worth a look”.",
        "Rijen waarover AFAS en Mailchimp het oneens zijn (toestemming): {}. Ze staan onder “Het bekijken waard”.",
    ),
    "near_max_archive_percent": (
        "The last run archived {count} members{share}; above {allowed} it archives nobody (max_archive_percent).",
        "De laatste run archiveerde {count} leden{share}; boven {allowed} wordt het niemand (max_archive_percent).",
    ),
    "near_max_unsubscribed_percent": (
        "The last run opted {count} members out{share}; above {allowed} it opts nobody out (max_unsubscribed_percent).",
        "De laatste run meldde {count} leden af{share}; boven {allowed} wordt het niemand (max_unsubscribed_percent).",
    ),
    "near_max_rejected_percent": (
        "Mailchimp refused {count} rows of the last run{share}; above {allowed} a run fails (max_rejected_percent).",
        "Mailchimp weigerde {count} rijen in de laatste run{share}; boven {allowed} faalt hij (max_rejected_percent).",
    ),
    "near_max_created": (
        "The last run created {count} members{share}; above {allowed} it creates none (max_created).",
        "De laatste run maakte {count} leden aan{share}; boven {allowed} maakt hij er geen aan (max_created).",
    ),
    "problems": ("What stopped the run", "Wat de run tegenhield"),
    # retention
    "privacy": ("Logs and privacy", "Logs en privacy"),
    "term": ("Kept: {days} days, failed runs {failed} days", "Bewaard: {days} dagen, mislukte runs {failed} dagen"),
    "term_zero": (
        "Kept: nothing once a run has ended well; failed runs {failed} days",
        "Bewaard: niets na een goed geëindigde run; mislukte runs {failed} dagen",
    ),
    "oldest_trace": ("Oldest trace", "Oudste spoor"),
    "last_proof": ("Last proof", "Laatste bewijs"),
    "proof_good": ("clean", "schoon"),
    "proof_bad": ("something is left past its term", "er is iets blijven staan na de termijn"),
    "proof_none": ("never proved yet", "nog nooit bewezen"),
    "retention_paused": (
        "The log retention is paused: nothing is ever erased.",
        "De bewaartermijn staat op pauze: er wordt nooit iets gewist.",
    ),
    "retention_absent": ("The log retention DAG is not there.", "De DAG voor de bewaartermijn is er niet."),
    "leavers_due": (
        "{} archived members are past their term; erase them with the DAG afas_mailchimp_erase.",
        "{} gearchiveerde leden zijn hun termijn voorbij; wis ze met de DAG afas_mailchimp_erase.",
    ),
}
"""By name: English, Dutch."""
