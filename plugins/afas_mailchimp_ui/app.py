"""The page "AFAS → Mailchimp" in the Airflow UI: runs in the API server, reads its database, stores nothing."""

from __future__ import annotations

from typing import Annotated, Any

from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse

from afas_mailchimp_ui import actions, explaining, settings_pages
from afas_mailchimp_ui.access import RightsDep
from afas_mailchimp_ui.cards import as_json, cards, states
from afas_mailchimp_ui.headers import guarded
from afas_mailchimp_ui.login import answer_refusal
from afas_mailchimp_ui.metadata import our_dags
from afas_mailchimp_ui.rendering import PAGES, SpeakerDep, fill
from afas_mailchimp_ui.syncs import Picture, picture

# The login stands on the application, so that no route can forget it. Nothing describes the routes to strangers.
app = FastAPI(
    title="AFAS → Mailchimp", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(get_user)]
)
app.middleware("http")(guarded)
app.exception_handler(HTTPException)(answer_refusal)
for part in (actions, explaining, settings_pages):
    app.include_router(part.router)

STATIC = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "light.svg": "image/svg+xml",
    "dark.svg": "image/svg+xml",
}


def picture_for(rights: RightsDep, session: SessionDep) -> Picture:
    """What this person may see."""
    dags = {dag_id: dag for dag_id, dag in our_dags(session).items() if dag_id in rights.see}
    return picture(session, dags, reports=rights.report)


PictureDep = Annotated[Picture, Depends(picture_for)]


@app.get("/", response_class=HTMLResponse)
def page(request: Request, seen: PictureDep, rights: RightsDep, speaker: SpeakerDep) -> str:
    """Return the whole page."""
    return fill("page.html", request, speaker, **_shown(seen, rights, speaker))


@app.get("/cards", response_class=HTMLResponse)
def only_cards(request: Request, seen: PictureDep, rights: RightsDep, speaker: SpeakerDep) -> str:
    """Return the part that changes, for the page to put in its place every few seconds."""
    return fill("cards.html", request, speaker, **_shown(seen, rights, speaker))


@app.get("/data")
def data(seen: PictureDep, rights: RightsDep, speaker: SpeakerDep) -> dict[str, Any]:
    """Return the same as JSON, for scripts and monitoring."""
    return {"syncs": [as_json(each, speaker) for each in cards(seen, rights, speaker)]}


@app.get("/static/{name}")
def static(name: str) -> FileResponse:
    """Return one of the page's own files."""
    if name not in STATIC:
        raise HTTPException(404)
    return FileResponse(PAGES / name, media_type=STATIC[name])


def _shown(seen: Picture, rights: RightsDep, speaker: SpeakerDep) -> dict[str, Any]:
    made = cards(seen, rights, speaker)
    return {"cards": made, "states": states(made), "retention": seen.retention, "rights": rights}
