"""What Mailchimp is known to do when it fails; facts: its documentation, and recordings of real answers."""

from __future__ import annotations

from tests.integration.faults.table import Cell, Fault, System, Then

WAIT = "nothing; look at status.mailchimp.com when it lasts", "niets; kijk op status.mailchimp.com als het aanhoudt"
CONNECTIONS = (
    "lower `connections` in the connection's extra when other tools share the account",
    "verlaag `connections` bij Extra van de verbinding als andere programma's het account delen",
)
LOG_IN = "log in to Mailchimp", "log in bij Mailchimp"
SWITCHED_OFF = "Mailchimp has switched off the account or its API access: log in there to see why."
NOT_JSON = "Mailchimp sent an answer that is not complete JSON (…)."
TURNED_AWAY = "Mailchimp or its firewall turned the call away for now (HTTP 403, …)."
BROKE_OFF = "Mailchimp could not be reached or broke off (…): ConnectionError."
# A deletion is answered without a body, so there is nothing to cut.
UNCUT = Cell(Then.GOES_ON, Then.GOES_ON)


def _mailchimp(key: str, english: str, dutch: str, says: str, mend: tuple[str, str], **more: object) -> Fault:
    return Fault(
        key=key,
        system=System.MAILCHIMP,
        english=english,
        dutch=dutch,
        says=says,
        mend=mend[0],
        mend_dutch=mend[1],
        **more,  # type: ignore[arg-type]
    )


def _account(state: str, english: str, dutch: str, says: str, mend: tuple[str, str]) -> Fault:
    return _mailchimp(
        state,
        english,
        dutch,
        says,
        mend,
        verb=("account", {"state": state}, {"state": "active"}),
        once=None,
        lasting=Then.STOPS,
    )


MAILCHIMP_FAULTS = (
    _mailchimp(
        "429",
        "429: more than ten connections",
        "429: meer dan tien verbindingen",
        "Mailchimp cannot answer now (HTTP 429, …).",
        CONNECTIONS,
        order={"kind": "429"},
    ),
    _mailchimp(
        "429_bare",
        "429 without a body, at high volume",
        "429 zonder inhoud, bij grote drukte",
        "Mailchimp cannot answer now (HTTP 429, …).",
        CONNECTIONS,
        order={"kind": "429_empty"},
    ),
    _mailchimp(
        "403_bare",
        "403 without a body, at high volume",
        "403 zonder inhoud, bij grote drukte",
        TURNED_AWAY,
        CONNECTIONS,
        order={"kind": "403_empty"},
    ),
    _mailchimp(
        "firewall",
        "403 with a page of HTML from the firewall",
        "403 met een HTML-pagina van de firewall",
        TURNED_AWAY,
        ("ask Mailchimp with the time of day when it lasts", "vraag het Mailchimp, met het tijdstip, als het aanhoudt"),
        order={"kind": "html", "status": 403},
    ),
    _mailchimp("500", "500", "500", "Mailchimp cannot answer now (HTTP 500, …).", WAIT, order={"kind": "500"}),
    _mailchimp(
        "500_after",
        "500 after the effect",
        "500 na het effect",
        "Mailchimp cannot answer now (HTTP 500, …).",
        WAIT,
        order={"kind": "500_after"},
    ),
    _mailchimp(
        "proxy",
        "502 with a page of HTML from a proxy",
        "502 met een HTML-pagina van een proxy",
        "Mailchimp cannot answer now (HTTP 502, …).",
        WAIT,
        order={"kind": "html", "status": 502},
    ),
    _mailchimp("empty", "200 with an empty body", "200 zonder inhoud", NOT_JSON, WAIT, order={"kind": "empty"}),
    _mailchimp(
        "cut",
        "200 with half of the JSON",
        "200 met halve JSON",
        NOT_JSON,
        WAIT,
        order={"kind": "cut_json"},
        cells={"archive": UNCUT},
    ),
    _mailchimp(
        "reset",
        "connection reset before the effect",
        "verbinding verbroken voor het effect",
        BROKE_OFF,
        WAIT,
        order={"kind": "reset"},
    ),
    _mailchimp(
        "reset_after",
        "connection reset after the effect",
        "verbinding verbroken na het effect",
        BROKE_OFF,
        WAIT,
        order={"kind": "reset_after"},
    ),
    _mailchimp(
        "hangs",
        "no answer within the time-out (120 s), with effect",
        "geen antwoord binnen de time-out (120 s), met effect",
        "Mailchimp did not answer in time (…).",
        WAIT,
        order={"kind": "slow", "seconds": 120},
    ),
    _account(
        "key_revoked",
        "API key revoked: 401",
        "API-sleutel ingetrokken: 401",
        "Mailchimp does not accept the API key of connection mailchimp_default: make a new one (Account, Extras, API "
        "keys) and put it in as it is shown, with the part behind the dash.",
        ("make a new key", "maak een nieuwe sleutel"),
    ),
    _account(
        "user_without_rights",
        "user without rights: 403 with a problem document",
        "gebruiker zonder rechten: 403 met uitleg",
        "The Mailchimp user behind connection mailchimp_default may not do this (…): use the key of a manager.",
        ("use a manager's key", "gebruik de sleutel van een manager"),
    ),
    _account("user_disabled", "user disabled: 403", "gebruiker uitgeschakeld: 403", SWITCHED_OFF, LOG_IN),
    _account(
        "api_disabled", "API access of the account disabled: 403", "API van het account uit: 403", SWITCHED_OFF, LOG_IN
    ),
    _account("unpaid", "bill not paid: 402", "rekening niet betaald: 402", SWITCHED_OFF, LOG_IN),
    _mailchimp(
        "audience_deleted",
        "audience deleted: 404",
        "audience verwijderd: 404",
        "Mailchimp does not know this audience (…): check list_id in the sync file (Audience, Settings) and whether "
        "connection mailchimp_default is the account that has it.",
        ("correct `list_id`", "verbeter `list_id`"),
        verb=("marketer_deletes_audience", {"deleted": True}, {"deleted": False}),
        once=None,
        lasting=Then.STOPS,
        # Behind the last chunk a 404 reads as a member that has gone; the next preflight stops.
        cells={"mark": Cell(None, Then.GOES_ON), "archive": Cell(None, Then.GOES_ON)},
    ),
    _mailchimp(
        "key_field",
        "merge field with our key deleted",
        "merge-veld met onze sleutel verwijderd",
        "Merge field AFASID is gone from the audience, and with it who is who. Somebody removed it in Mailchimp. "
        "Nothing was written. To adopt the members anew, delete the Airflow Variables afas_mailchimp.customers.* and "
        "run again.",
        ("delete the Variables, run again: members are adopted", "verwijder de Variables en start opnieuw"),
        verb=("marketer_deletes_merge_field", {"tag": "AFASID"}, None),
        once=None,
        lasting=Then.STOPS,
        cells={
            "create": Cell(
                None,
                Then.STOPS,
                "Mailchimp made the member of debtors:10007 without its key: merge field AFASID is gone, somebody "
                "removed it while the run was writing. Nothing more is written; the next preflight says how to go on.",
            ),
        }
        # Without a new member in it, a run cannot see it before the next preflight.
        | dict.fromkeys(("news", "members", "opt_out", "update", "tags", "mark", "archive")),
    ),
    _mailchimp(
        "mapped_field",
        "mapped merge field deleted",
        "gekoppeld merge-veld verwijderd",
        "… notices … value_not_taken_by_mailchimp",
        ("nothing: the preflight makes it again, and a full reload fills it", "niets: de preflight maakt het opnieuw"),
        verb=("marketer_deletes_merge_field", {"tag": "COMPANY"}, None),
        once=None,
        lasting=Then.REPORTED,
        # The preflight makes it again; where nobody's fields are written any more, nobody notices.
        cells=dict.fromkeys(("looks", "news", "mark", "archive"), Cell(None, Then.GOES_ON)),
        lost="COMPANY",
    ),
)
