"""OAuth as far as it is taught: client credentials in the body of ``POST /oauth/token``, and the Bearer token."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message
from urllib.parse import parse_qsl

from sandbox.afas import answers
from sandbox.wire import Request, Response

FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class OAuth:
    """The OAuth client of an app connector, and the tokens given to it.

    :param token_seconds: how long a token is good.
    """

    client_id: str = "sandbox-koppeling"
    client_secret: str = "5A4D0BF1-C0DE-4AFA-8A4D-0BF1C0DE4AFA"  # noqa: S105 - the sandbox's own
    token_seconds: int = 3600
    given: dict[str, datetime] = field(default_factory=dict)

    def token(self, request: Request, *, now: datetime, fresh: str) -> Response:
        """Answer ``POST /oauth/token``.

        :param fresh: the token to give.
        """
        if "authorization" in request.headers:
            return answers.not_taught("OAuth clients that show themselves in a header")
        header = Message()
        header["Content-Type"] = request.headers.get("content-type", "")
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        if header.get_content_type() != FORM or form.get("grant_type") != "client_credentials":
            return _refused("invalid_request")
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return _refused("invalid_client")
        self.given[fresh] = now + timedelta(seconds=self.token_seconds)
        return answers.ok({"access_token": fresh, "token_type": "Bearer", "expires_in": self.token_seconds})

    def denied(self, token: str, *, now: datetime) -> Response | None:
        """Refuse a Bearer token that was never given, or has expired."""
        until = self.given.get(token)
        if until is not None and now < until:
            return None
        response = answers.refused(401)
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return response


def _refused(error: str) -> Response:
    return Response(400, json.dumps({"error": error}).encode(), {"Content-Type": answers.JSON})
