"""The settings of a sync as they were understood, and what is wrong on either side. Changed in the file only."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from afas_mailchimp.errors import SyncError
from afas_mailchimp.page_text import Speaker
from afas_mailchimp.settings import SyncFile
from afas_mailchimp.settings_view import Live, mapping_table, rules
from afas_mailchimp_ui.access import MAY_SEE, MAY_TRIGGER, RightsDep, same_origin
from afas_mailchimp_ui.actions import KnownDag, NoBody, SyncDep
from afas_mailchimp_ui.rendering import SpeakerDep, fill

router = APIRouter()


@router.get("/dags/{dag_id}/settings", response_class=HTMLResponse, dependencies=[Depends(MAY_SEE)])
def settings(request: Request, sync: SyncDep, dag: KnownDag, rights: RightsDep, speaker: SpeakerDep) -> str:
    """Return the file as it was understood."""
    return _filled(request, sync, speaker, may_check=dag.dag_id in rights.trigger)


@router.post("/dags/{dag_id}/check", dependencies=[Depends(same_origin), Depends(MAY_TRIGGER)])
def check(_body: NoBody, request: Request, sync: SyncDep, speaker: SpeakerDep) -> dict[str, Any]:
    """Return the same with what AFAS and Mailchimp say now."""
    from operators.afas_mailchimp_inspect import look_at_both_sides  # noqa: PLC0415 - heavy: only where it is asked

    try:
        live = look_at_both_sides(sync)
    except SyncError as error:
        return {"html": _filled(request, sync, speaker, unanswered=str(error), may_check=True)}
    return {"html": _filled(request, sync, speaker, live=live, may_check=True)}


def _filled(
    request: Request,
    sync: SyncFile,
    speaker: Speaker,
    *,
    live: Live | None = None,
    unanswered: str = "",
    may_check: bool,
) -> str:
    return fill(
        "settings.html",
        request,
        speaker,
        sync=sync,
        live=live,
        unanswered=unanswered,
        rules=rules(sync, speaker.language),
        mapping=mapping_table(sync, live),
        may_check=may_check,
    )
