"""The Mailchimp stand-in as a service: key, route, answer, problem document."""

from __future__ import annotations

import base64
import binascii
import json
import random
import re
import uuid
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import Final

from sandbox.mailchimp import operations, problem
from sandbox.mailchimp.account import refuse_if_closed
from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.call import Call, Query
from sandbox.mailchimp.control import Control
from sandbox.mailchimp.routes import match
from sandbox.wire import Request, Response

API_KEY: Final = "0123456789abcdef0123456789abcdef-us21"
_PERSONAL: Final = re.compile(r"[^/]*@[^/]*|[0-9a-f]{32}")


class MailchimpService:
    """One account with one audience.

    :param api_key: 32 hexadecimal digits, a dash, the data centre.
    :param seed: makes identities and shuffles repeatable.
    """

    name = "mailchimp"
    base_path = "/3.0"
    max_connections = 10

    def __init__(self, list_id: str = "a1b2c3d4e5", api_key: str = API_KEY, seed: int = 0) -> None:
        self.list_id = list_id
        self.api_key = api_key
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Begin anew: an empty audience with the fields that each audience has."""
        self._instances = random.Random(self._seed)  # noqa: S311 - repeatable on purpose
        self._audience = Audience(list_id=self.list_id, seed=self._seed)
        self._control = Control(self._audience)

    def control(self, verb: str, arguments: Mapping[str, object]) -> object:
        """Carry out a control verb; a mistake in its arguments is a ValueError."""
        if verb == "reset":
            self.reset()
            return {}
        return self._control.carry_out(verb, arguments)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        if request.path.startswith(operations.RESULTS_PATH):
            return self._results(request)
        try:
            self._check_key(request.headers.get("authorization", ""))
            refuse_if_closed(self._audience)
            return self._answer(request)
        except problem.ProblemError as refused:
            return self._refusal(refused)

    def too_many_connections(self) -> Response:
        """Refuse the eleventh connection."""
        detail = "You have exceeded the limit of 10 simultaneous connections."
        return self._refusal(problem.ProblemError(429, "Too Many Requests", detail))

    def _answer(self, request: Request) -> Response:
        answer, units = self._carried_out(
            request.method,
            request.path,
            request.query,
            request.body,
            root_url=f"http://{request.headers.get('host', '127.0.0.1')}{self.base_path}",
        )
        instance = self._instance()
        if answer is None:
            return Response(204, headers=self._headers(instance))
        headers = self._headers(instance, content_type="application/json; charset=utf-8")
        headers["Link"] = '<https://us21.api.mailchimp.com/schema/3.0/Definitions/Response.json>; rel="describedBy"'
        return Response(200, json.dumps(answer, separators=(",", ":")).encode(), headers, units=units)

    def _carried_out(
        self, method: str, path: str, pairs: Sequence[tuple[str, str]], body: bytes, *, root_url: str
    ) -> tuple[dict[str, object] | None, int]:
        found, methods = match(method, path)
        if found is None:
            if methods:
                detail = (
                    "The requested method and resource are not compatible. "
                    "See the Allow header for this resource's available methods."
                )
                raise problem.ProblemError(405, "Method Not Allowed", detail, allow=", ".join(methods))
            raise problem.not_taught(f"{method} {_PERSONAL.sub('{}', path)}")
        audience, route = self._audience, found.route
        if found.list_id is not None and (found.list_id != audience.list_id or audience.deleted):
            raise problem.not_found()
        if untaught := sorted({name for name, _ in pairs} & route.untaught):
            raise problem.not_taught(f"the query parameter {', '.join(untaught)}")
        with audience.lock:
            capital_true = audience.switches["capital_true"] == "accept"
            query = Query(pairs, allowed=route.query, capital_true=capital_true)
            call = Call(audience, found.ids, query, body, root_url=root_url, run=self._operation)
            if method != "GET":
                audience.listings.clear()
            answer = route.handler(call)
            self._control.answered(f"{method} {path}")
            return answer, call.units

    def _operation(self, method: str, path: str, params: Sequence[tuple[str, str]], body: bytes) -> tuple[int, str]:
        """Carry out one operation of an asynchronous batch; its answer is a text inside the results."""
        try:
            answer, _ = self._carried_out(method, path, params, body, root_url="")
        except problem.ProblemError as refused:
            return refused.status, json.dumps(refused.document(self._instance()))
        return (204, "") if answer is None else (200, json.dumps(answer))

    def _results(self, request: Request) -> Response:
        """Hand out the results of a batch: from storage that wants a signature and no key."""
        if "authorization" in request.headers:
            return Response(400, b"<Error><Code>InvalidArgument</Code></Error>", {"Content-Type": "application/xml"})
        batch_id = request.path.removeprefix(operations.RESULTS_PATH).removesuffix(".tar.gz")
        audience = self._audience
        with audience.lock:
            archive = operations.archive_of(audience, batch_id, dict(request.query).get("signature", ""))
        if archive is None:
            return Response(403, b"<Error><Code>AccessDenied</Code></Error>", {"Content-Type": "application/xml"})
        return Response(200, archive, {"Content-Type": "application/x-gzip"})

    def _check_key(self, authorization: str) -> None:
        scheme, _, credentials = authorization.partition(" ")
        key = ""
        if scheme.lower() == "bearer":
            key = credentials.strip()
        elif scheme.lower() == "basic":
            try:
                key = base64.b64decode(credentials, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                key = ""
        if not key:
            raise problem.ProblemError(401, "API Key Missing", "Your request did not include an API key.")
        if key == self.api_key:
            return
        secret, _, centre = self.api_key.rpartition("-")
        if key.rpartition("-")[0] == secret:
            raise problem.ProblemError(403, "Forbidden", f"The API key provided is linked to datacenter '{centre}'")
        detail = "Your API key may be invalid, or you've attempted to access the wrong datacenter."
        raise problem.ProblemError(401, "API Key Invalid", detail)

    def _refusal(self, refused: problem.ProblemError) -> Response:
        instance = self._instance()
        headers = self._headers(instance, content_type="application/problem+json; charset=utf-8")
        if refused.allow:
            headers["Allow"] = refused.allow
        return Response(refused.status, json.dumps(refused.document(instance)).encode(), headers)

    def _instance(self) -> str:
        return str(uuid.UUID(int=self._instances.getrandbits(128), version=4))

    def _headers(self, instance: str, *, content_type: str = "") -> dict[str, str]:
        headers = {"X-Request-Id": instance, "Date": formatdate(self._audience.clock.now(), usegmt=True)}
        if content_type:
            headers["Content-Type"] = content_type
        return headers
