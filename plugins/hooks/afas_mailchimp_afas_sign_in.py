"""How ``AfasHook`` signs in: with the classic token of an app connector, or with OAuth client credentials.

Of an access token only its life in seconds is used, by a clock that nobody sets: wrong clocks change nothing. AFAS may
throw a token away earlier; the 401 that tells so leads to one other token and to one repeat.
"""

from __future__ import annotations

import copy
import re
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests
from requests.auth import AuthBase

from afas_mailchimp.errors import ConfigurationError, SyncError, TemporaryError
from hooks.afas_mailchimp_afas_answers import NotAuthorised, read_json
from hooks.afas_mailchimp_afas_values import token_refused
from hooks.afas_mailchimp_connections import afas_client, afas_token, is_afas_itself
from hooks.afas_mailchimp_transport import Answer, Retry, Transport, harden

if TYPE_CHECKING:
    from hooks.afas_mailchimp_connections import ConnectionFields

RENEW_BEFORE = 60.0
"""Seconds before its end at which a token is renewed; of a short life a fifth."""

LIFE_UNSAID = 600.0
"""Seconds that a token is used when AFAS does not say how long it lives."""

_FORM = {
    "Accept": "application/json",
    "Accept-Language": "nl-nl",
    "Content-Type": "application/x-www-form-urlencoded",
}
_TOKEN = re.compile(r"[\w.~+/=-]{1,8192}", re.ASCII)
_ERRORS = frozenset({
    *("invalid_request", "invalid_grant", "invalid_scope", "unauthorized_client", "unsupported_grant_type"),
    *("use_dpop_nonce", "invalid_dpop_proof"),
})
"""Errors of OAuth that may be repeated: another text may hold what was sent."""


class SignIn(AuthBase):
    """A way to sign in; this one is before the connection was looked at.

    :ivar classic: with a token that AFAS ends on a day of its own.
    :ivar calls: HTTP requests beside those that were asked for.
    """

    classic = True
    calls = 0

    def refused(self, status: int, connection: str) -> ConfigurationError:
        """Say what it means that AFAS does not let us in."""
        return token_refused(status, connection)


class AfasToken(SignIn):
    """The ``Authorization: AfasToken`` header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"AfasToken {self._token}"
        return request


@dataclass(slots=True)
class _Access:
    """An access token.

    :param until: when to renew it.
    :param on_trial: it replaces one that was refused, and has not been accepted yet.
    """

    value: str = field(repr=False)
    until: float
    on_trial: bool


class ClientCredentials(SignIn):
    """Bearer tokens for a client id and secret: one at a time, whichever threads ask.

    :param url: base URL of the REST services.
    :param connection: connection id, for sentences.
    :param clock: seconds, never set back.
    """

    classic = False

    def __init__(
        self, url: str, client: tuple[str, str], *, connection: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = f"{url}/oauth/token"
        self._client = client
        self._connection = connection
        self._clock = clock
        self._lock = threading.Lock()
        self._access: _Access | None = None
        self._failure: SyncError | None = None
        self._fetches = self._repeats = 0

    @property
    def calls(self) -> int:  # type: ignore[override]
        """Tokens asked for, and calls repeated with another one."""
        return self._fetches + self._repeats

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header, with a token that is good for a while yet."""
        request.headers["Authorization"] = f"Bearer {self._token()}"
        request.register_hook("response", self._look)  # type: ignore[no-untyped-call]
        return request

    def refused(self, status: int, connection: str) -> ConfigurationError:
        """Say what it means that a token is refused which AFAS gave a moment ago."""
        if status == HTTPStatus.NOT_FOUND:
            return token_refused(status, connection)
        return ConfigurationError(
            f"AFAS gives an OAuth token for connection {connection} and does not accept it (HTTP {status}): check the "
            "app connector in AFAS: its type (OAuth or Hybrid), its user, and whether it was blocked."
        )

    def _look(self, response: requests.Response, **settings: Any) -> requests.Response:
        """Repeat a call once when its token was refused; ``requests`` calls this with every answer."""
        used = _token_of(response.request)
        if not self._is_worth_another(used, response):
            return response
        # Closed and not read: the pool has few connections, and the repeat takes one.
        response.close()
        request = response.request.copy()
        request.headers["Authorization"] = f"Bearer {self._token(instead_of=used)}"
        with self._lock:
            self._repeats += 1
        adapter: requests.adapters.HTTPAdapter = response.connection
        again = adapter.send(request, **settings)
        self._is_worth_another(_token_of(request), again)
        return again

    def _is_worth_another(self, used: str, answer: requests.Response) -> bool:
        """Whether the token was refused, and was not itself fetched because the one before it was refused."""
        access = self._access
        if answer.status_code != HTTPStatus.UNAUTHORIZED:
            if answer.ok and access is not None and access.value == used:
                access.on_trial = False
            return False
        named = str(answer.headers.get("WWW-Authenticate", ""))
        # Before Profit 9 nothing is named, and a connector without a right looks like a token without one.
        if "error=" in named and "invalid_token" not in named:
            return False
        return access is None or access.value != used or not access.on_trial

    def _token(self, *, instead_of: str | None = None) -> str:
        """Return a good token, fetched by one thread while the others wait.

        :param instead_of: a token that was refused.
        """
        fetches = self._fetches
        with self._lock:
            access = self._access
            if access is not None and access.value != instead_of and self._clock() < access.until:
                return access.value
            failed = self._failure
            # What failed while this thread waited, failed for it too; credentials that are wrong stay wrong.
            if failed is None or (self._fetches == fetches and not isinstance(failed, ConfigurationError)):
                found = self._fetch(on_trial=instead_of is not None)
                if isinstance(found, _Access):
                    return found.value
                failed = found
        # A copy, since each thread's raising hangs a traceback of its own on it.
        raise copy.copy(failed)

    def _fetch(self, *, on_trial: bool) -> _Access | SyncError:
        """Ask for a token, once: who needs it tries its own call again. Only with the lock held."""
        self._access = self._failure = None
        began = self._clock()
        client_id, secret = self._client
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        try:
            with closing(_session()) as session:
                value, life = Transport("AFAS", lambda: session, Retry(attempts=1)).send(
                    "POST",
                    self._url,
                    read=self._read,
                    doing="asking for an OAuth token",
                    headers=_FORM,
                    body=urlencode(form).encode(),
                )
        except SyncError as error:
            self._failure = error.with_traceback(None)
            return self._failure
        finally:
            # At the end: who began to wait before it, waited for this one.
            self._fetches += 1
        self._access = _Access(value, began + life - min(RENEW_BEFORE, life / 5), on_trial)
        return self._access

    def _read(self, answer: Answer) -> tuple[str, float]:
        """Read token and life from an answer, or raise what it means."""
        found = answer.json_object()
        if answer.status_code == HTTPStatus.UNAUTHORIZED or (answer.status_code == HTTPStatus.BAD_REQUEST and found):
            raise _not_given(str((found or {}).get("error") or ""), self._connection)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise ConfigurationError(
                f"AFAS gives no OAuth tokens at Host of connection {self._connection} (HTTP 404): check Host and "
                "Environment."
            )
        try:
            found = read_json(answer, connection=self._connection)
        except NotAuthorised:
            found = None
        if found is None:
            raise _not_given("", self._connection)
        if str(found.get("token_type") or "").lower() != "bearer":
            raise _not_given("use_dpop_nonce", self._connection)
        value = found.get("access_token")
        if not isinstance(value, str) or not _TOKEN.fullmatch(value):
            raise TemporaryError("AFAS sent an OAuth token that cannot be used.")
        return value, _seconds(found.get("expires_in"))


def sign_in(connection: ConnectionFields, url: str) -> SignIn:
    """Return the way to sign in that a connection asks for: OAuth where Login holds a client id.

    :param url: base URL of the REST services, checked.
    :raise ConfigurationError: what was typed is no credential, or must not go to that host.
    """
    client = afas_client(connection)
    if client is None:
        return AfasToken(afas_token(connection))
    if not is_afas_itself(url):
        raise ConfigurationError(
            f"Connection {connection.conn_id}: with OAuth, Host must be the five digits of the AFAS environment, or a "
            "base URL of AFAS itself (https://12345.rest.afas.online/ProfitRestServices): the client secret is sent "
            "nowhere else."
        )
    return ClientCredentials(url, client, connection=connection.conn_id)


def _session() -> requests.Session:
    session = harden(requests.Session())
    # Without any, ``~/.netrc`` would be read.
    session.auth = lambda request: request
    return session


def _token_of(request: requests.PreparedRequest) -> str:
    return str(request.headers.get("Authorization", "")).removeprefix("Bearer ")


def _seconds(said: object) -> float:
    if isinstance(said, bool) or not re.fullmatch(r"\d{1,9}(\.0)?", str(said), re.ASCII):
        return LIFE_UNSAID
    return float(str(said)) or LIFE_UNSAID


def _not_given(error: str, connection: str) -> ConfigurationError:
    """Translate the error of the token endpoint."""
    if error not in _ERRORS:
        return ConfigurationError(
            f"AFAS does not accept the OAuth client of connection {connection}: the client id (Login) or the client "
            "secret (Password) is wrong, the secret has expired, or the app connector was blocked. Make a new secret "
            "in the app connector and put it in the connection; with a classic token, leave Login empty."
        )
    if "dpop" in error:
        return ConfigurationError(
            f"The app connector of connection {connection} asks for DPoP, which is not built: switch it off in AFAS."
        )
    return ConfigurationError(
        f"AFAS gives no OAuth token for connection {connection} ({error}): the app connector must be of type OAuth or "
        "Hybrid, with client credentials allowed."
    )
