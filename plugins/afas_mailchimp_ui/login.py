"""A person whose login has ended gets a page that leads to it, where a script gets its 401 as JSON."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import HTTPException, Request, status
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, Response

from afas_mailchimp_ui.rendering import PREFIX, fill, speaker_for


async def answer_refusal(request: Request, error: HTTPException) -> Response:
    """Answer as FastAPI does, except a browser without a login that asks for the page."""
    path = request.url.path.rstrip("/")
    is_page = request.method == "GET" and path.endswith(PREFIX) and "text/html" in request.headers.get("accept", "")
    if error.status_code != status.HTTP_401_UNAUTHORIZED or not is_page:
        return await http_exception_handler(request, error)
    login = f"{path.removesuffix(PREFIX)}/api/v2/auth/login?{urlencode({'next': f'{path}/'})}"
    text = fill("login.html", request, speaker_for(request), login=login)
    return HTMLResponse(text, status.HTTP_401_UNAUTHORIZED)
