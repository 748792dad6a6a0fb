"""Words of the fault matrix: systems, phases, what a run makes of a fault, and one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.integration.importing.world import LIST_ID


class System(StrEnum):
    """Who fails."""

    AFAS = "AFAS"
    MAILCHIMP = "Mailchimp"


class Then(StrEnum):
    """What a run makes of a fault."""

    GOES_ON = "goes on"
    RETRIED = "retried"
    LATER = "later"
    WAITS = "waits"
    REPORTED = "reported"
    STOPS = "stops"


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a run that a fault can hit.

    :param match: part of ``METHOD path`` of its calls.
    :param skip: calls of the same kind that come before it.
    """

    key: str
    system: System
    task: str
    match: str
    skip: int
    english: str
    dutch: str


def _mailchimp(key: str, task: str, match: str, english: str, dutch: str, *, skip: int = 0) -> Phase:
    return Phase(key, System.MAILCHIMP, task, match, skip, english, dutch)


def _afas(key: str, task: str, match: str, english: str, dutch: str, *, skip: int = 0) -> Phase:
    return Phase(key, System.AFAS, task, match, skip, english, dutch)


BACK, IMPORT = "write_back", "import_customers"
PHASES = {
    phase.key: phase
    for phase in (
        _afas("asks", "preflight", "GET /metainfo", "preflight", "preflight"),
        _afas("rows", BACK, "GET /connectors", "rows to write back", "rijen voor terugkoppelen"),
        _afas("records", BACK, "PUT /connectors", "writing AFAS records", "schrijven in AFAS"),
        _afas("survey", IMPORT, "GET /connectors", "survey", "inventarisatie"),
        _afas("reading", IMPORT, "GET /connectors", "reading while writing", "lezen tijdens het schrijven", skip=3),
        _mailchimp("looks", "preflight", f"GET /lists/{LIST_ID}", "preflight", "preflight"),
        _mailchimp("news", BACK, f"GET /lists/{LIST_ID}/members", "members to write back", "leden voor terugkoppelen"),
        _mailchimp("members", IMPORT, f"GET /lists/{LIST_ID}/members", "reading members", "leden lezen"),
        _mailchimp("opt_out", IMPORT, f"PATCH /lists/{LIST_ID}/members", "opt-out", "afmelden"),
        _mailchimp("create", IMPORT, f"POST /lists/{LIST_ID}", "creating a chunk", "toevoegen"),
        _mailchimp("update", IMPORT, f"POST /lists/{LIST_ID}", "updating a chunk", "bijwerken", skip=2),
        _mailchimp("tags", IMPORT, f"POST /lists/{LIST_ID}/segments", "tags", "tags"),
        _mailchimp(
            "mark", IMPORT, f"PATCH /lists/{LIST_ID}/members", "marking who left", "markeren wie weg is", skip=1
        ),
        _mailchimp("archive", IMPORT, f"DELETE /lists/{LIST_ID}/members", "archiving", "archiveren"),
    )
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a run makes of one fault in one phase.

    :param once: when one call is hit; None where the fault lasts by its nature.
    :param lasting: when every call from there on is hit.
    :param says: the sentence, where it is another one than that of the row.
    """

    once: Then | None
    lasting: Then
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One documented failure.

    :param order: as the stand-in's control surface takes it.
    :param verb: instead of an order: verb, what breaks it, what mends it (None: it cannot be mended).
    :param says: the sentence that the operator sees; ``…`` stands for what differs.
    :param cells: phases where it is different from the row's own cell; None where it makes no sense.
    :param mend: what the operator does.
    :param lost: merge field that is lost with the values of members whom nobody writes again.
    """

    key: str
    system: System
    english: str
    dutch: str
    says: str
    mend: str
    mend_dutch: str
    order: Mapping[str, Any] = field(default_factory=dict)
    verb: tuple[str, Mapping[str, Any], Mapping[str, Any] | None] | None = None
    once: Then | None = Then.RETRIED
    lasting: Then = Then.LATER
    cells: Mapping[str, Cell | None] = field(default_factory=dict)
    lost: str = ""

    def cell(self, phase: Phase) -> Cell | None:
        """What a run makes of it in a phase."""
        return self.cells[phase.key] if phase.key in self.cells else Cell(self.once, self.lasting)

    def sentence(self, phase: Phase) -> str:
        """The sentence in a phase."""
        cell = self.cell(phase)
        return (cell.says if cell else "") or self.says


def phases_of(system: System) -> list[Phase]:
    """Phases in the order of a run."""
    return [phase for phase in PHASES.values() if phase.system == system]
