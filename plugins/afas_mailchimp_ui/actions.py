"""What a person can do from the page. Each route asks for the right that Airflow's own route would ask for.

A button of the page is ``<button data-action="run" data-body='{…}'>`` inside an element with ``data-dag``: it posts the
body to ``/dags/<dag>/<action>`` and shows the ``message`` of the answer. Another action is one route and one button.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from enum import StrEnum
from typing import Annotated, Any

from airflow.api.common.trigger_dag import trigger_dag
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.api_fastapi.logging.decorators import action_logging
from airflow.models.dag import DagModel
from airflow.sdk.exceptions import AirflowException
from airflow.utils.types import DagRunTriggeredByType
from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel, ConfigDict

from afas_mailchimp.page_text import Speaker
from afas_mailchimp.retention import RETENTION_DAG, SYNC_DAG
from afas_mailchimp.settings import SyncFile
from afas_mailchimp_ui.access import MAY_EDIT, MAY_TRIGGER, same_origin
from afas_mailchimp_ui.metadata import DagSeen, our_dags
from afas_mailchimp_ui.rendering import SpeakerDep
from afas_mailchimp_ui.syncs import file_of

router = APIRouter(dependencies=[Depends(same_origin)])


class Run(StrEnum):
    """Runs that can be started from the page, each with its parameters."""

    NOW = "run"
    DRY = "dry_run"
    FULL_DRY = "full_dry_run"
    FULL = "full_reload"


PARAMETERS: Mapping[Run, Mapping[str, Any]] = {
    Run.NOW: {},
    Run.DRY: {"dry_run": True},
    Run.FULL_DRY: {"dry_run": True, "full_reload": True},
    Run.FULL: {"full_reload": True},
}
NEEDS_CONFIRMATION = frozenset({Run.FULL})


class Body(BaseModel):
    """Base of what is sent: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RunBody(Body):
    """Which run; one that may archive people wants to be confirmed."""

    kind: Run
    confirm: bool = False


class PauseBody(Body):
    """Whether the DAG is to be paused."""

    paused: bool


class ConfirmBody(Body):
    """What cannot be undone wants to be confirmed."""

    confirm: bool = False


class NoBody(Body):
    """Nothing to say."""


def known_dag(dag_id: str, session: SessionDep) -> DagSeen:
    """One of the package's DAGs; of any other this page knows nothing."""
    found = our_dags(session).get(dag_id)
    if found is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "No DAG of this package.")
    return found


KnownDag = Annotated[DagSeen, Depends(known_dag)]


def sync_of(dag: KnownDag) -> SyncFile:
    """The sync behind a DAG, where its file can be used and seen from here."""
    found = file_of(dag) if dag.dag_id.startswith(SYNC_DAG) else None
    if found is None or found.sync is None:
        raise HTTPException(status.HTTP_409_CONFLICT, "The sync file cannot be used from here.")
    return found.sync


SyncDep = Annotated[SyncFile, Depends(sync_of)]


@router.post("/dags/{dag_id}/run", dependencies=[Depends(MAY_TRIGGER), Depends(action_logging("trigger_dag_run"))])
def run(body: RunBody, dag: KnownDag, user: GetUserDep, speaker: SpeakerDep, session: SessionDep) -> dict[str, str]:
    """Start a run of a sync."""
    if not dag.dag_id.startswith(SYNC_DAG):
        raise HTTPException(status.HTTP_404_NOT_FOUND, "No sync.")
    if body.kind in NEEDS_CONFIRMATION and not body.confirm:
        raise HTTPException(status.HTTP_409_CONFLICT, speaker.say("confirm_needed"))
    _trigger(dag, dict(PARAMETERS[body.kind]), user=user, speaker=speaker, session=session)
    return {"message": speaker.say("started")}


@router.post(
    "/dags/{dag_id}/erase-logs", dependencies=[Depends(MAY_TRIGGER), Depends(action_logging("trigger_dag_run"))]
)
def erase_logs(
    body: ConfirmBody, dag: KnownDag, user: GetUserDep, speaker: SpeakerDep, session: SessionDep
) -> dict[str, str]:
    """Start the log retention for everything that has ended."""
    if dag.dag_id != RETENTION_DAG:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Not the log retention.")
    if not body.confirm:
        raise HTTPException(status.HTTP_409_CONFLICT, speaker.say("confirm_needed"))
    _trigger(dag, {"older_than_days": 0}, user=user, speaker=speaker, session=session)
    return {"message": speaker.say("erasing")}


@router.post("/dags/{dag_id}/pause", dependencies=[Depends(MAY_EDIT), Depends(action_logging("patch_dag"))])
def pause(body: PauseBody, dag: KnownDag, speaker: SpeakerDep, session: SessionDep) -> dict[str, str]:
    """Pause a DAG, or let it go on."""
    found = session.get(DagModel, dag.dag_id)
    if found is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "No DAG of this package.")
    found.is_paused = body.paused
    return {"message": speaker.say("now_paused" if body.paused else "now_active")}


@router.post("/dags/{dag_id}/test", dependencies=[Depends(MAY_TRIGGER)])
def try_connections(_body: NoBody, sync: SyncDep) -> dict[str, Any]:
    """Try both connections of a sync, from this API server."""
    # Imported where it is asked for: an API server starts sooner without the libraries of the hooks.
    from hooks.afas import AfasHook  # noqa: PLC0415
    from hooks.mailchimp import MailchimpHook  # noqa: PLC0415

    lines = []
    for name, hook_class in ((sync.afas.connection, AfasHook), (sync.audience.connection, MailchimpHook)):
        with closing(hook_class(name)) as hook:
            good, text = hook.test_connection()
        lines.append({"good": good, "text": f"{name}: {text}"})
    return {"lines": lines}


@router.post("/dags/{dag_id}/test-alert", dependencies=[Depends(MAY_TRIGGER)])
def try_alert(_body: NoBody, sync: SyncDep, speaker: SpeakerDep) -> dict[str, Any]:
    """Send a test message to everybody who gets the alerts of a sync, from this API server."""
    from afas_mailchimp.alert_words import test_body, test_title  # noqa: PLC0415
    from operators.afas_mailchimp_alert import base_url, failures  # noqa: PLC0415

    if sync.alerts is None:
        raise HTTPException(status.HTTP_409_CONFLICT, speaker.say("alerts_none"))
    language = sync.alerts.language
    missed = failures(sync.alerts, test_title(sync.name, language), test_body(language, link=base_url()))
    lines = [{"good": False, "text": text} for text in missed]
    return {"lines": lines or [{"good": True, "text": speaker.say("alert_sent", ", ".join(sync.alerts.to))}]}


def _trigger(dag: DagSeen, conf: dict[str, Any], *, user: GetUserDep, speaker: Speaker, session: SessionDep) -> None:
    """Start a run as Airflow's own API does, and say when it would wait for ever."""
    if dag.paused:
        raise HTTPException(status.HTTP_409_CONFLICT, speaker.say("paused_so_no_run"))
    try:
        trigger_dag(
            dag.dag_id,
            triggered_by=DagRunTriggeredByType.UI,
            triggering_user_name=user.get_name(),
            conf=conf,
            session=session,
        )
    except (AirflowException, ValueError):
        raise HTTPException(status.HTTP_409_CONFLICT, speaker.say("not_started")) from None
