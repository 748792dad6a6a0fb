"""OAuth as far as it is taught: client credentials at ``POST /oauth/token``, and the Bearer token they give."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message
from urllib.parse import parse_qsl, unquote_plus

from sandbox.afas import answers
from sandbox.wire import Request, Response

FORM = "application/x-www-form-urlencoded"
SIGN_INS = ("token", "hybrid", "oauth")
SETTINGS = ("client_id", "client_secret", "token_seconds", "secret_expiry", "revoked", "names_errors", "sign_in")


@dataclass(slots=True)
class OAuth:
    """The OAuth client of an app connector, and the tokens given to it.

    :param token_seconds: how long a token is good.
    :param secret_expiry: from then on the secret is refused; None is never.
    :param revoked: whether the app connector is blocked: neither its secret nor its tokens are good any more.
    :param names_errors: whether a refused token is named in ``WWW-Authenticate`` (from Profit 9 on).
    :param sign_in: type of the app connector: classic ``token``, ``hybrid`` (both) or ``oauth``.
    """

    client_id: str = "sandbox-koppeling"
    client_secret: str = "5A4D0BF1-C0DE-4AFA-8A4D-0BF1C0DE4AFA"  # noqa: S105 - the sandbox's own
    token_seconds: int = 3600
    secret_expiry: datetime | None = None
    revoked: bool = False
    names_errors: bool = True
    sign_in: str = "hybrid"
    given: dict[str, datetime] = field(default_factory=dict)

    def set(self, name: str, value: object) -> None:
        """Change a setting by name."""
        match name:
            case "client_id" | "client_secret":
                setattr(self, name, str(value))
            case "token_seconds":
                self.token_seconds = int(str(value))
            case "secret_expiry":
                moment = None if value is None else datetime.fromisoformat(str(value))
                if moment is not None and moment.tzinfo is None:
                    msg = "secret_expiry has a zone, such as 2026-10-25T01:30:00Z"
                    raise ValueError(msg)
                self.secret_expiry = moment
            case "revoked" | "names_errors":
                setattr(self, name, bool(value))
            case "sign_in" if value in SIGN_INS:
                self.sign_in = str(value)
            case _:
                msg = f"{value!r} is not a value of {name}"
                raise ValueError(msg)

    def token(self, request: Request, *, now: datetime, fresh: str) -> Response:
        """Answer ``POST /oauth/token``.

        :param fresh: the token to give.
        """
        header = Message()
        header["Content-Type"] = request.headers.get("content-type", "")
        pairs = parse_qsl(request.body.decode("utf-8", "replace"))
        form = dict(pairs)
        if "dpop" in request.headers or "client_assertion" in form:
            return answers.not_taught("OAuth clients with DPoP or with a key of their own")
        basic = "authorization" in request.headers
        once = len(form) == len(pairs) and not (basic and "client_secret" in form)
        if header.get_content_type() != FORM or not once or form.get("grant_type") != "client_credentials":
            return _refused("invalid_request")
        inside = (form.get("client_id"), form.get("client_secret"))
        shown = _basic(request.headers["authorization"]) if basic else inside
        expired = self.secret_expiry is not None and now >= self.secret_expiry
        if shown != (self.client_id, self.client_secret) or expired or self.revoked or self.sign_in == "token":
            return _refused("invalid_client", status=401 if basic else 400)
        self.given[fresh] = now + timedelta(seconds=self.token_seconds)
        return answers.ok({"access_token": fresh, "token_type": "Bearer", "expires_in": self.token_seconds})

    def denied(self, token: str, *, now: datetime) -> Response | None:
        """Refuse a Bearer token that was never given, was thrown away, or has expired."""
        until = self.given.get(token)
        if until is not None and now < until and not self.revoked and self.sign_in != "token":
            return None
        response = answers.refused(401)
        if self.names_errors:
            response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return response


def _basic(header: str) -> tuple[str, str] | None:
    """Read client id and secret from a Basic header; both are form-encoded in it (RFC 6749, 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (unquote_plus(name), unquote_plus(secret)) if scheme.lower() == "basic" and colon else None


def _refused(error: str, *, status: int = 400) -> Response:
    response = Response(status, json.dumps({"error": error}).encode(), {"Content-Type": answers.JSON})
    if status == 401:  # noqa: PLR2004 - HTTP
        response.headers["WWW-Authenticate"] = 'Basic realm="AFAS"'
    return response
