"""Writes the fault matrix into the pages that people read: ``python -m tests.integration.faults.page``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.integration.faults.matrix import FAULTS
from tests.integration.faults.table import Fault, Phase, System, Then, phases_of

DOCS = Path(__file__).parents[3] / "docs"
BEGIN, END = "<!-- matrix: python -m tests.integration.faults.page -->", "<!-- /matrix -->"


@dataclass(frozen=True, slots=True)
class Page:
    """One page and its words."""

    path: Path
    dutch: bool
    fails: str
    once: str
    lasting: str
    sentence: str
    mend: str
    then: Mapping[Then, str]

    def phase(self, phase: Phase) -> str:
        """Name of a phase."""
        return phase.dutch if self.dutch else phase.english

    def name(self, fault: Fault) -> str:
        """What fails."""
        return fault.dutch if self.dutch else fault.english


ENGLISH = Page(
    path=DOCS / "faults.md",
    dutch=False,
    fails="fault",
    once="one call is hit",
    lasting="it lasts, from",
    sentence="the sentence in the log",
    mend="what to do",
    then={each: each.value for each in Then},
)
DUTCH = Page(
    path=DOCS / "nl" / "storingen.md",
    dutch=True,
    fails="storing",
    once="één aanroep wordt geraakt",
    lasting="het houdt aan, vanaf",
    sentence="de zin in het log",
    mend="wat te doen",
    then={
        Then.GOES_ON: "gaat door",
        Then.RETRIED: "opnieuw",
        Then.LATER: "later",
        Then.WAITS: "wacht",
        Then.REPORTED: "gemeld",
        Then.STOPS: "stopt",
    },
)
NOWHERE = "–"  # noqa: RUF001 - as in the other tables
PAGES = (ENGLISH, DUTCH)


def renewed(text: str, page: Page) -> str:
    """A page with its tables written anew; what people wrote around them stays."""
    body = f"{BEGIN}\n\n{rendered(page)}\n{END}"
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: body, text, flags=re.DOTALL)


def rendered(page: Page) -> str:
    """Both systems: what happens in which phase, then what is said and what to do."""
    return "\n".join(part for system in System for part in _system(page, system))


def _system(page: Page, system: System) -> Iterator[str]:
    faults, phases = [fault for fault in FAULTS if fault.system == system], phases_of(system)
    head = [page.fails, page.once, *(f"{page.lasting} {page.phase(phases[0])}", *(page.phase(p) for p in phases[1:]))]
    happens = [[page.name(fault), _once(page, fault, phases), *_lasting(page, fault, phases)] for fault in faults]
    said = [
        [page.name(fault), "<br>".join(_sentences(fault, phases)), fault.mend_dutch if page.dutch else fault.mend]
        for fault in faults
    ]
    yield f"### {system}\n\n{_table(head, happens)}\n\n{_table([page.fails, page.sentence, page.mend], said)}\n"


def _once(page: Page, fault: Fault, phases: Iterable[Phase]) -> str:
    """What happens mostly, and where it does not."""
    if fault.once is None:
        return NOWHERE
    cells = [(phase, fault.cell(phase)) for phase in phases]
    others = [
        f"{page.phase(phase)}: {page.then[cell.once]}"
        for phase, cell in cells
        if cell and cell.once and cell.once != fault.once
    ]
    return "; ".join([page.then[fault.once], *others])


def _lasting(page: Page, fault: Fault, phases: Iterable[Phase]) -> Iterator[str]:
    for phase in phases:
        cell = fault.cell(phase)
        yield page.then[cell.lasting] if cell else NOWHERE


def _sentences(fault: Fault, phases: Iterable[Phase]) -> list[str]:
    said = [fault.sentence(phase) for phase in phases if fault.cell(phase)]
    return [f"`{each}`" for each in dict.fromkeys([fault.says, *said])]


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    for each in PAGES:
        each.path.write_text(renewed(each.path.read_text(encoding="utf-8"), each), encoding="utf-8")
