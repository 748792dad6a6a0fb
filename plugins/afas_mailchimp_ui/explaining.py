"""Answers why one row is or is not in the audience: to the person who asks, and to nobody else. Nothing is kept."""

from __future__ import annotations

import threading
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import Field, StringConstraints

from afas_mailchimp.errors import SyncError
from afas_mailchimp.explanation import explain, masked
from afas_mailchimp.explanation_words import sentence
from afas_mailchimp_ui.access import MAY_TRIGGER, same_origin
from afas_mailchimp_ui.actions import Body, SyncDep
from afas_mailchimp_ui.rendering import SpeakerDep

router = APIRouter(dependencies=[Depends(same_origin)])

AT_ONCE = threading.BoundedSemaphore(2)
"""Questions at once: AFAS advises few calls at a time, and the page must leave threads for the rest of the UI."""

Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50, pattern=r"^[\w .\-/]+$")]


class Question(Body):
    """Which row.

    :param show: tell the address in full; otherwise it is masked.
    """

    source: Annotated[str, Field(max_length=40)]
    key: Key
    show: bool = False


# Not in the audit log: that would keep who was asked about. Whoever may ask may also start a run, and that is logged.
@router.post("/dags/{dag_id}/explain", dependencies=[Depends(MAY_TRIGGER)])
def explain_row(question: Question, sync: SyncDep, speaker: SpeakerDep) -> dict[str, Any]:
    """Ask AFAS and Mailchimp now."""
    # Imported where it is asked for: an API server starts sooner without the libraries of the import.
    from operators.afas_mailchimp_explain import inquire  # noqa: PLC0415

    if question.source not in sync.sources:
        raise HTTPException(status.HTTP_409_CONFLICT, speaker.say("explain_no_source"))
    if not AT_ONCE.acquire(blocking=False):
        raise HTTPException(status.HTTP_409_CONFLICT, speaker.say("explain_busy"))
    try:
        found, address = inquire(sync, question.source, question.key)
    except SyncError as error:
        # Errors of the package are written without values.
        raise HTTPException(status.HTTP_409_CONFLICT, str(error)) from None
    except Exception as error:  # noqa: BLE001 - a foreign error may quote what was asked, and would be logged
        raise HTTPException(status.HTTP_409_CONFLICT, speaker.say("explain_failed", type(error).__name__)) from None
    finally:
        AT_ONCE.release()
    lines = [
        {"good": step.good, "topic": step.topic.value, "text": sentence(step, speaker.language, moment=speaker.moment)}
        for step in explain(found)
    ]
    if address:
        shown = address if question.show else masked(address)
        lines.insert(1, {"good": None, "topic": "address", "text": speaker.say("explain_address", shown)})
    return {"lines": lines}
