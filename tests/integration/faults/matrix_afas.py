"""What AFAS is known to do when it fails; facts: AFAS's own documentation of errors, maintenance and authorisation."""

from __future__ import annotations

from sandbox.afas import DEFAULT_TOKEN
from tests.integration.faults.table import Cell, Fault, System, Then
from tests.integration.importing.world import EXTRA

BROKE_OFF = "AFAS broke off while KnOrganisation was written: whether it did so is not known."
UNKNOWN_WRITE = Cell(Then.LATER, Then.LATER, BROKE_OFF)
REFUSED = Cell(Then.REPORTED, Then.REPORTED, "debtors:…: AFAS refused to write KnOrganisation: …")
NOTHING_TO_MEND = "nothing", "niets"
WAIT = "nothing; look at afasstatus.nl when it lasts", "niets; kijk op afasstatus.nl als het aanhoudt"
PAGE = "lower `page_size` in the connection's extra", "verlaag `page_size` bij Extra van de verbinding"
TIME_OUT = "De maximale tijdsduur voor het uitvoeren van de opdracht is verstreken."


def _afas(key: str, english: str, dutch: str, says: str, mend: tuple[str, str], **more: object) -> Fault:
    return Fault(
        key=key,
        system=System.AFAS,
        english=english,
        dutch=dutch,
        says=says,
        mend=mend[0],
        mend_dutch=mend[1],
        **more,  # type: ignore[arg-type]
    )


AFAS_FAULTS = (
    _afas(
        "maintenance",
        "maintenance: 503 with Retry-After of two hours",
        "onderhoud: 503 met Retry-After van twee uur",
        "AFAS is under maintenance until about … (Amsterdam time), see afasstatus.nl. This task gives up its place and "
        "goes on at about … (Amsterdam time), which uses no try (wait 1 of at most 12).",
        NOTHING_TO_MEND,
        order={"kind": "503"},
        once=Then.WAITS,
        lasting=Then.WAITS,
    ),
    _afas(
        "maintenance_page",
        "maintenance: 503 with a page and no Retry-After",
        "onderhoud: 503 met een pagina, zonder Retry-After",
        "AFAS is under maintenance (HTTP 503), see afasstatus.nl.",
        WAIT,
        order={"kind": "html", "status": 503},
    ),
    _afas(
        "time_out",
        "500 that says that the query took longer than 900 s",
        "500 omdat de vraag langer dan 900 s duurde",
        "AFAS needed too long for this question and gave up: lower page_size in the extra of the connection if this "
        "returns. This task gives up its place and goes on at about … (Amsterdam time), which uses no try (wait 1 of "
        "at most 12).",
        PAGE,
        order={"kind": "500", "message": TIME_OUT},
        once=Then.WAITS,
        lasting=Then.WAITS,
        cells={"records": UNKNOWN_WRITE},
    ),
    _afas(
        "too_large",
        "500 that says out of memory",
        "500 omdat het geheugen op is",
        "The page was too large for AFAS: set a lower page_size in the extra of the connection, profitLogReference ….",
        PAGE,
        order={"kind": "500", "message": "Out of memory"},
        once=Then.LATER,
        cells={"records": REFUSED},
    ),
    _afas(
        "validation",
        "500 as AFAS's word for a record or question that is wrong",
        "500 als woord van AFAS voor een record of vraag die niet klopt",
        "AFAS could not carry out the question (HTTP 500, profitLogReference …).",
        ("give the reference to AFAS support", "geef het kenmerk door aan AFAS"),
        order={"kind": "500", "message": "The entered value for 'Employee' does not exist."},
        once=Then.LATER,
        cells={"records": REFUSED},
    ),
    _afas(
        "ip_list",
        "403 because our address is not on the allow list",
        "403 omdat ons adres niet op de lijst staat",
        "AFAS refuses this address of ours: add the IP address of the Airflow workers to the allow list of the app "
        "connector.",
        ("add the workers' address in AFAS", "zet het adres van de workers op de lijst in AFAS"),
        order={"kind": "403_empty"},
        once=Then.STOPS,
        lasting=Then.STOPS,
    ),
    _afas(
        "gateway",
        "400 with a page of HTML from what stands before AFAS",
        "400 met een HTML-pagina van wat voor AFAS staat",
        "AFAS cannot be reached behind its gateway (HTTP 400).",
        WAIT,
        order={"kind": "html", "status": 400},
        cells={"records": UNKNOWN_WRITE},
    ),
    _afas(
        "proxy",
        "502 with a page of HTML from a proxy",
        "502 met een HTML-pagina van een proxy",
        "AFAS cannot answer now (HTTP 502).",
        WAIT,
        order={"kind": "html", "status": 502},
        cells={"records": UNKNOWN_WRITE},
    ),
    _afas(
        "empty",
        "200 with an empty body",
        "200 zonder inhoud",
        "AFAS sent an answer that is not complete JSON.",
        WAIT,
        order={"kind": "empty"},
        # An empty answer to a write is documented as good.
        cells={"records": Cell(Then.GOES_ON, Then.GOES_ON)},
    ),
    _afas(
        "cut",
        "200 with half of the JSON",
        "200 met halve JSON",
        "AFAS sent an answer that is not complete JSON.",
        WAIT,
        order={"kind": "cut_json"},
        cells={"records": UNKNOWN_WRITE},
    ),
    _afas(
        "reset",
        "connection reset before the effect",
        "verbinding verbroken voor het effect",
        "AFAS could not be reached or broke off (…): ConnectionError.",
        WAIT,
        order={"kind": "reset"},
        cells={"records": UNKNOWN_WRITE},
    ),
    _afas(
        "reset_after",
        "connection reset after the effect",
        "verbinding verbroken na het effect",
        "AFAS could not be reached or broke off (…): ConnectionError.",
        WAIT,
        order={"kind": "reset_after"},
        cells={"records": UNKNOWN_WRITE},
    ),
    _afas(
        "hangs",
        "no answer for longer than the time-out, with effect",
        "geen antwoord binnen de time-out, met effect",
        "AFAS did not answer in time (…).",
        WAIT,
        order={"kind": "slow", "seconds": 900},
        cells={"records": UNKNOWN_WRITE},
    ),
    _afas(
        "token",
        "token expired, revoked or of another environment: 401",
        "token verlopen, ingetrokken of van een andere omgeving: 401",
        "The AFAS token is not accepted (HTTP 401): it is mistyped, expired, blocked or of another environment. Make a "
        "new one in the app connector and put it in connection afas_default.",
        ("make a new token", "maak een nieuw token"),
        verb=("settings", {"token": "f" * 64}, {"token": DEFAULT_TOKEN}),
        once=None,
        lasting=Then.STOPS,
    ),
    _afas(
        "connector",
        "GetConnector taken from the app connector",
        "GetConnector uit de app connector gehaald",
        f"GetConnector {EXTRA} does not exist or is not in the app connector of connection afas_default: add it there "
        "in AFAS (Apps, GetConnectors), or correct the name in the sync file.…",
        ("put it back in AFAS", "zet hem terug in AFAS"),
        verb=("connector", {"name": EXTRA, "authorised": False}, {"name": EXTRA, "authorised": True}),
        once=None,
        lasting=Then.STOPS,
        cells={"records": None},
    ),
    _afas(
        "blocked",
        "GetConnector blocked by AFAS or its administrator",
        "GetConnector geblokkeerd door AFAS of de beheerder",
        "AFAS or its administrator blocked this GetConnector (…): ask the AFAS administrator to release it.",
        ("ask the AFAS administrator", "vraag de AFAS-beheerder"),
        verb=("connector", {"name": EXTRA, "blocked": True}, {"name": EXTRA, "blocked": False}),
        once=None,
        lasting=Then.STOPS,
        cells={"records": None},
    ),
    _afas(
        "update_connector",
        "UpdateConnector taken from the app connector",
        "UpdateConnector uit de app connector gehaald",
        "UpdateConnector KnOrganisation does not exist or is not in the app connector of connection afas_default: add "
        "it there in AFAS (Apps, UpdateConnectors).…",
        ("put it back in AFAS", "zet hem terug in AFAS"),
        verb=(
            "update_connector",
            {"name": "KnOrganisation", "authorised": False},
            {"name": "KnOrganisation", "authorised": True},
        ),
        once=None,
        lasting=Then.STOPS,
        cells={"survey": Cell(None, Then.GOES_ON), "reading": Cell(None, Then.GOES_ON)},
    ),
)
