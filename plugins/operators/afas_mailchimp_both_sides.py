"""The first half of a full run: AFAS into the survey and the audience into the index, at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from afas_mailchimp.progress import Phase
from operators.afas_mailchimp_reading import SURVEY_THREADS, read_audience, read_rows

if TYPE_CHECKING:
    from operators.afas_mailchimp_delivery import DeliveryAddresses
    from operators.afas_mailchimp_progress import Teller
    from operators.afas_mailchimp_scene import Scene

ROWS_BETWEEN = 250
"""Rows after which the time is looked at."""


class _Given(Exception):  # noqa: N818 - a signal between two threads, never an error
    """The other side failed, so this one need not go on."""


def read_both_sides(scene: Scene, deliveries: Iterable[DeliveryAddresses], teller: Teller) -> None:
    """Read every source and every member; whichever fails ends the other.

    :raises SyncError: of the side that failed first.
    """
    given_up = threading.Event()

    def still_wanted(_: int) -> None:
        if given_up.is_set():
            raise _Given

    with ThreadPoolExecutor(1, thread_name_prefix="audience") as pool:
        audience = pool.submit(read_audience, scene.mailchimp, scene.list_id, scene.index, progress=still_wanted)
        try:
            for reader in scene.readers.values():
                for _, facts in read_rows(scene.afas, reader, threads=SURVEY_THREADS):
                    scene.survey.add(facts)
                    if scene.survey.rows % ROWS_BETWEEN == 0:
                        _tell(scene, teller)
                        _raise_early(audience)
            for delivery in deliveries:
                delivery.load_all()
            while not audience.done():
                wait([audience], timeout=1.0)
                _tell(scene, teller)
        finally:
            given_up.set()
        audience.result()


def _raise_early(audience: Future[None]) -> None:
    if audience.done():
        audience.result()


def _tell(scene: Scene, teller: Teller) -> None:
    teller.tell(Phase.SURVEY, rows=scene.survey.rows, members=len(scene.index))
