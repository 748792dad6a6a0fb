"""The AFAS Profit stand-in: who may come in, which endpoint it is, and the answer in AFAS's form."""

from __future__ import annotations

import base64
import binascii
import random
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandbox.afas import answers, metainfo
from sandbox.afas.environment import DEFAULT_TOKEN, Profit
from sandbox.afas.filters import QueryError, check_booleans
from sandbox.afas.reads import PARAMETERS, UnexpectedError, parse_query, read, render_page
from sandbox.afas.update_body import InvalidJsonError, decode, parse
from sandbox.afas.update_errors import NotTaughtError, Reason, UpdateError
from sandbox.afas.update_schema import UPDATE_CONNECTORS
from sandbox.afas.updates import update
from sandbox.afas.verbs import VERBS, carry_out, run_due
from sandbox.wire import Request, Response

if TYPE_CHECKING:
    from sandbox.afas.connectors import Connector

__all__ = ["DEFAULT_TOKEN", "AfasService"]

QUERY_LIMIT = 2049
_TOKEN = "<token><version>1</version><data>{}</data></token>"  # noqa: S105 - the shape of one


class AfasService:
    """GetConnectors, UpdateConnectors and metainfo of one environment.

    :param token: the 64 hexadecimal digits of the app-connector token.
    :param seed: of everything random: undefined order, trace identifiers.
    """

    name = "afas"
    base_path = "/ProfitRestServices"
    # Profit asks for at most 8 parallel calls and does not count them; the statistics of the server tell the peak.
    max_connections = 10_000
    verbs = tuple(VERBS)

    def __init__(self, *, token: str = DEFAULT_TOKEN, seed: int = 0) -> None:
        self._token = token
        self._seed = seed
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Empty the environment, with the standard connectors and settings."""
        with self._lock:
            self._profit = Profit(token=self._token)
            self._chance = random.Random(self._seed)  # noqa: S311 - repeatable on purpose

    def too_many_connections(self) -> Response:
        """Never asked for: there is no hard limit."""
        return answers.error(answers.UNEXPECTED["en"], reference=self._reference())

    def control(self, verb: str, arguments: Mapping[str, object]) -> object:
        """Carry out a verb of ``sandbox.afas.verbs``."""
        with self._lock:
            return carry_out(self._profit, verb, arguments)

    def fault_response(self, kind: str, seconds: float | None, message: str) -> Response | None:
        """Faults as AFAS would word them."""
        with self._lock:
            if kind == "429":
                return Response(429, b'{"message":"Too Many Requests"}', {"Content-Type": answers.JSON})
            if kind == "401":
                response = answers.refused(401)
            elif kind == "503":
                response = answers.maintenance(seconds)
            elif kind in {"500", "500_after"}:
                response = self._unexpected("") if not message else self._error(message)
            else:
                return None
            return self._complete(response)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        with self._lock:
            return self._complete(self._answer(request))

    def _answer(self, request: Request) -> Response:  # noqa: PLR0911 - one for each endpoint
        # An over-long query never gets as far as Profit, so it looks like a path that is not there.
        if request.raw_query and len(request.raw_query) + 1 > QUERY_LIMIT:
            return answers.refused(404)
        if request.method == "POST" and request.path.strip("/").lower() == "oauth/token":
            fresh = f"{self._chance.getrandbits(256):064x}"
            return self._profit.oauth.token(request, now=self._profit.clock.now(), fresh=fresh)
        denied = self._denied(request.headers.get("authorization", ""))
        if denied is not None:
            return denied
        parts = request.path.strip("/").split("/")
        match [parts[0].lower(), *parts[1:]]:
            case ["metainfo", *rest] if request.method == "GET":
                return self._metainfo(rest)
            case ["profitversion"] if request.method == "GET":
                return answers.ok({"version": "22.22.5"}) if self._profit.version_connector else answers.refused(401)
            case ["connectors", name] if request.method == "GET":
                response = self._read(name, request)
                run_due(self._profit, name)
                return response
            case ["connectors", name] if request.method == "PUT":
                response = self._update(name, request)
                run_due(self._profit, name)
                return response
            case ["connectors", *_] if request.method in {"POST", "PUT", "DELETE"}:
                return answers.not_taught("UpdateConnectors for anything but PUT")
            case ["oauth", *_]:
                return answers.not_taught("OAuth")
            case _:
                return answers.refused(404)

    def _denied(self, header: str) -> Response | None:
        scheme, _, credentials = header.partition(" ")
        if scheme.lower() == "afastoken" and credentials.strip().startswith("<"):
            return self._unexpected("")
        if scheme.lower() == "bearer":
            return self._profit.oauth.denied(credentials.strip(), now=self._profit.clock.now())
        try:
            token = base64.b64decode(credentials.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return answers.refused(401)
        good = scheme.lower() == "afastoken" and token == _TOKEN.format(self._profit.token)
        return None if good and self._profit.takes_classic_token() else answers.refused(401)

    def _metainfo(self, rest: list[str]) -> Response:
        profit = self._profit
        match [rest[0].lower(), *rest[1:]] if rest else []:
            case []:
                return answers.ok(metainfo.session(profit.environment, profit.connectors, profit.closed))
            case ["get", name]:
                connector = profit.connectors.get(name)
                refusal = self._not_allowed(connector)
                return refusal or answers.ok(metainfo.get_connector(profit.connectors[name]))
            case ["update", name]:
                if not self._may_update(name):
                    return self._without_right(answers.UPDATE_UNAUTHORISED)
                return answers.ok(metainfo.update_connector(name, profit.environment, profit.free_fields))
            case _:
                return answers.refused(404)

    def _not_allowed(self, connector: Connector | None) -> Response | None:
        if connector is None or not connector.authorised:
            return self._without_right(answers.UNAUTHORISED)
        return self._error(answers.BLOCKED) if connector.blocked else None

    def _without_right(self, text: str) -> Response:
        return answers.refused(401) if self._profit.unauthorised == "401" else self._error(text)

    def _may_update(self, name: str) -> bool:
        return name in UPDATE_CONNECTORS and name not in self._profit.closed

    def _update(self, name: str, request: Request) -> Response:
        if not self._may_update(name):
            return self._without_right(answers.UPDATE_UNAUTHORISED)
        try:
            body = decode(request.body, request.headers.get("content-type", ""))
            return answers.created(update(self._profit, parse(name, body)))
        except NotTaughtError as error:
            return answers.not_taught(str(error))
        except InvalidJsonError:
            return answers.invalid_json()
        except UpdateError as error:
            unexpected = error.reason is Reason.UNEXPECTED
            number = answers.ErrorNumber.UNEXPECTED if unexpected else answers.ErrorNumber.VALIDATION
            text = error.text(request.headers.get("accept-language", ""))
            return answers.error(text, reference=self._reference(), number=number)

    def _read(self, name: str, request: Request) -> Response:
        profit = self._profit
        connector = profit.connectors.get(name)
        refusal = self._not_allowed(connector)
        if refusal is not None or connector is None:
            return refusal or answers.refused(401)
        parameters = {key.lower(): value for key, value in request.query}
        unknown = sorted(set(parameters) - set(PARAMETERS))
        if unknown:
            return answers.not_taught(f"the parameter {unknown[0]}")
        try:
            query = parse_query(parameters)
            view = profit.view(connector)
            check_booleans(view, query.groups, profit.booleans)
            places = read(view, connector, query, chance=self._chance)
            if profit.max_cells is not None and len(places) * len(connector.columns) > profit.max_cells:
                return self._error("Out of memory")
            body = render_page(view, query, places, profit.rounding)
        except UnexpectedError:
            return self._unexpected(request.headers.get("accept-language", ""))
        except QueryError as error:
            return self._error(str(error))
        return Response(200, body, {"Content-Type": answers.JSON}, units=len(places))

    def _unexpected(self, language: str) -> Response:
        text = answers.UNEXPECTED["nl" if language.lower().startswith("nl") else "en"]
        return answers.error(text, reference=self._reference(), number=answers.ErrorNumber.UNEXPECTED)

    def _error(self, message: str) -> Response:
        return answers.error(message, reference=self._reference())

    def _reference(self) -> str:
        return f"{self._chance.getrandbits(128):032X}"

    def _complete(self, response: Response) -> Response:
        response.headers.update({
            "Date": self._profit.clock.date_header(),
            "Cache-Control": "no-store, no-cache",
            "X-AFAS-Proxy-Version": "4.3.0.0",
            "X-Trace-Identifier": f"{self._chance.getrandbits(128):032x}",
            "Access-Control-Allow-Origin": "*",
        })
        return response
