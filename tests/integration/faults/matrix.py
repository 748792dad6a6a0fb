"""All rows of the fault matrix: what the tests try is what ``docs/faults.md`` says."""

from __future__ import annotations

from collections.abc import Iterator

from tests.integration.faults.matrix_afas import AFAS_FAULTS
from tests.integration.faults.matrix_mailchimp import MAILCHIMP_FAULTS
from tests.integration.faults.table import Cell, Fault, Phase, phases_of

FAULTS = (*AFAS_FAULTS, *MAILCHIMP_FAULTS)


def cells() -> Iterator[tuple[Fault, Phase, Cell, bool]]:
    """Every cell that makes sense, for a fault that hits one call and for one that lasts."""
    for fault in FAULTS:
        for phase in phases_of(fault.system):
            cell = fault.cell(phase)
            if cell is None:
                continue
            if cell.once is not None:
                yield fault, phase, cell, False
            yield fault, phase, cell, True
