"""Who may see and who may act: Airflow's own login and permissions, and proof that a POST comes from our page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.batch_apis import IsAuthorizedDagRequest
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from airflow.configuration import conf
from airflow.models.dag import DagModel
from fastapi import Depends, HTTPException, Request, status

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod

MAY_SEE = requires_access_dag("GET")
MAY_TRIGGER = requires_access_dag("POST", DagAccessEntity.RUN)
MAY_EDIT = requires_access_dag("PUT")
"""As Airflow's own routes ask: to see a DAG, to trigger it, to pause it. They take the DAG from the path."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may do, by DAG.

    :param see: DAGs whose cards are shown.
    :param report: of these, those whose XComs may be read.
    """

    see: frozenset[str]
    report: frozenset[str]
    trigger: frozenset[str]
    edit: frozenset[str]


def rights_of(user: GetUserDep, session: SessionDep) -> Rights:
    """Ask Airflow's auth manager once for all DAGs."""
    manager = get_auth_manager()
    see = frozenset(manager.get_authorized_dag_ids(user=user, session=session))
    ours = frozenset(dag_id for dag_id in see if dag_id.startswith("afas_mailchimp_"))
    teams = DagModel.get_dag_id_to_team_name_mapping(sorted(ours), session=session) if _has_teams() else {}

    def having(method: ResourceMethod, entity: DagAccessEntity | None) -> frozenset[str]:
        asked = [
            IsAuthorizedDagRequest(
                method=method, access_entity=entity, details=DagDetails(id=dag_id, team_name=teams.get(dag_id))
            )
            for dag_id in ours
        ]
        # Nearly always a permission is there for all or for none, so all are asked about at once.
        if manager.batch_is_authorized_dag(asked, user=user):
            return ours
        return frozenset(
            dag_id for dag_id, one in zip(ours, asked, strict=True) if manager.batch_is_authorized_dag([one], user=user)
        )

    return Rights(
        see=ours,
        report=having("GET", DagAccessEntity.XCOM) & having("GET", DagAccessEntity.RUN),
        trigger=having("POST", DagAccessEntity.RUN),
        edit=having("PUT", None),
    )


RightsDep = Annotated[Rights, Depends(rights_of)]


def _has_teams() -> bool:
    return conf.getboolean("core", "multi_team", fallback=False)


def same_origin(request: Request) -> None:
    """Refuse a POST that another site could have made a browser send.

    Three things at once: JSON, which a form cannot send; what the browser says of where it comes from; and, with a
    cookie, that the browser does say it. A caller with a bearer token is no browser that could be misled.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, "Send JSON.")
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site != "same-origin":
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This request comes from another site.")
    if origin is not None and urlsplit(origin).netloc.lower() not in _own_hosts(request):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This request comes from another site.")
    has_token = request.headers.get("authorization", "").lower().startswith("bearer ")
    if site is None and origin is None and not has_token:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "The browser does not say where this request comes from.")


def _own_hosts(request: Request) -> set[str]:
    """The host that was asked, and the one that Airflow is configured to have (behind a proxy they differ)."""
    configured = urlsplit(conf.get("api", "base_url", fallback="") or "").netloc
    return {host.lower() for host in (request.headers.get("host", ""), configured) if host}
