"""The UpdateConnectors of AFAS: what they take, and writing one record.

A write is sent again only where the first one cannot have been carried out. AFAS answers a refused record with HTTP
500 and a sentence; that sentence may repeat what was sent, so it is passed on only when it says nothing of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests
from urllib3.exceptions import NewConnectionError

from afas_mailchimp.errors import ConfigurationError, RefusedError, SyncError, TemporaryError
from afas_mailchimp.updateconnector import Body, UpdateConnector, UpdateField, WriteRefusal
from hooks.afas_mailchimp_afas_answers import NotAuthorised, read_json
from hooks.afas_mailchimp_transport import Answer, Transport

if TYPE_CHECKING:
    from afas_mailchimp.getconnector import Environment

Json = dict[str, Any]
# Without the charset AFAS reads every letter with an accent as a question mark.
_HEADERS = {"Content-Type": "application/json;charset=utf-8"}
_DONE = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT})
_LONGEST_SENTENCE = 200
_REFERENCE = re.compile(r"[0-9A-Fa-f]{32}", re.ASCII)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_WORD = re.compile(r"[a-z0-9]+", re.ASCII)
_LONG_WORD = 4
_LOOKS_PERSONAL = re.compile(r"@|\d[\d ().+/-]{3,}\d", re.ASCII)
_PARTICLES = frozenset({"de", "den", "der", "en", "het", "in", "op", "te", "ten", "ter", "van"})
"""Parts of Dutch names that are in any Dutch sentence too."""


class MayHaveHappened(SyncError):  # noqa: N818 - never leaves the hook
    """The connection or the answer broke off behind a write: AFAS may have carried it out."""


class WriteTransport(Transport):
    """A transport that does not repeat what may have happened."""

    def _exchange(self, request: requests.Request) -> Answer:
        try:
            return super()._exchange(request)
        except requests.RequestException as error:
            if _was_never_sent(error):
                raise
        # Behind the handler, since the library's error holds the request.
        raise MayHaveHappened


class UpdateConnectors:
    """The writing half of ``AfasHook``."""

    afas_conn_id: str
    base_url: str
    _writing: Transport
    _update_connectors: dict[str, UpdateConnector]

    def update_fields(self, connector: str) -> UpdateConnector:
        """Return what an UpdateConnector takes, free fields included; asked once per hook."""
        if connector not in self._update_connectors:
            path = f"/metainfo/update/{quote(connector, safe='')}"
            try:
                found = self._get(path, doing="asking for the fields to write")
            except NotAuthorised as refused:
                status = refused.status
            else:
                self._update_connectors[connector] = read_update_connector(connector, found)
                return self._update_connectors[connector]
            raise self._no_right(connector, status)
        return self._update_connectors[connector]

    def update(self, connector: str, body: Body) -> None:
        """Change one record; the body comes from ``afas_mailchimp.updateconnector``.

        :raise RefusedError: AFAS does not take this record; others can go on.
        :raise TemporaryError: AFAS is away, or broke off: then the record may have been changed, and writing it again
            does no harm.
        """

        def read(answer: Answer) -> RefusedError | None:
            return self._read_write(connector, body, answer)

        self.get_conn()
        data = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        url = f"{self.base_url}/connectors/{quote(connector, safe='')}"
        try:
            refusal = self._writing.send(
                "PUT", url, read=read, doing=f"writing {connector}", headers=_HEADERS, body=data
            )
        except NotAuthorised as refused:
            status: int | None = refused.status
        except MayHaveHappened:
            status = None
        else:
            if refusal is None:
                return
            if refusal.refusal != WriteRefusal.RIGHT or connector in self.environment().update_connectors:
                raise refusal
            status = refusal.status
        if status is None:
            raise TemporaryError(f"AFAS broke off while {connector} was written: whether it did so is not known.")
        raise self._no_right(connector, status)

    def _read_write(self, connector: str, body: Body, answer: Answer) -> RefusedError | None:
        """Tell what the answer to a write means: None is done."""
        status, found = answer.status_code, answer.json_object()
        if status in _DONE and (found is not None or not answer.content.strip()):
            return None
        refusal = WriteRefusal.RECORD
        try:
            read_json(answer, connection=self.afas_conn_id)
        except TemporaryError:
            if status == HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            unsure = True
        except SyncError as error:
            if status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            unsure = False
            refusal = WriteRefusal.RIGHT if isinstance(error, NotAuthorised) else refusal
        if unsure or found is None:
            raise MayHaveHappened
        text = str(found.get("externalMessage") or found.get("message") or "")
        sentence = quotable(text, body, labels=self._labels(connector) if _QUOTED.search(text) else ())
        said = sentence or "its sentence is not shown, since it may repeat a person's data"
        reference = str(found.get("profitLogReference") or "")
        where = f", profitLogReference {reference}" if _REFERENCE.fullmatch(reference) else ""
        message = f"AFAS refused to write {connector}: {said} (HTTP {status}{where})."
        return RefusedError(message, status=status, refusal=refusal)

    def _labels(self, connector: str) -> Collection[str]:
        try:
            return frozenset(_names(self.update_fields(connector)))
        except SyncError:
            return ()

    def _no_right(self, connector: str, status: int) -> ConfigurationError:
        allowed = self.environment().update_connectors
        if connector in allowed:
            return ConfigurationError(
                f"AFAS refuses UpdateConnector {connector} (HTTP {status}) although the token may use it: check the "
                "authorisation of the user behind the app connector."
            )
        near = get_close_matches(connector, sorted(allowed), n=3, cutoff=0.5)
        hint = f" Near it: {', '.join(near)}." if near else ""
        return ConfigurationError(
            f"UpdateConnector {connector} does not exist or is not in the app connector of connection "
            f"{self.afas_conn_id}: add it there in AFAS (Apps, UpdateConnectors).{hint}"
        )

    # What the hook itself has.

    def environment(self) -> Environment:
        """Ask what the token is for."""
        raise NotImplementedError

    def get_conn(self) -> requests.Session:
        """Return the session, which settles the base URL too."""
        raise NotImplementedError

    def _get(self, path: str, *, doing: str, asked_for: Collection[str] = ()) -> Json:
        raise NotImplementedError


def read_update_connector(name: str, found: Json) -> UpdateConnector:
    """Read the answer of ``GET /metainfo/update/{connector}``, and the objects in it."""
    fields = tuple(
        UpdateField(
            id=str(each["fieldId"]),
            label=str(each.get("label") or ""),
            data_type=str(each.get("dataType") or ""),
            length=int(each.get("length") or 0),
            mandatory=bool(each.get("mandatory")),
            values=tuple(
                (str(value.get("id")), str(value.get("description") or "")) for value in _objects(each.get("values"))
            ),
        )
        for each in _objects(found.get("fields"))
        if each.get("fieldId")
    )
    inner = [(str(each.get("name") or each.get("id") or ""), each) for each in _objects(found.get("objects"))]
    objects = tuple(read_update_connector(inside, each) for inside, each in inner)
    return UpdateConnector(name, str(found.get("description") or ""), fields, objects)


def quotable(text: str, body: object, *, labels: Collection[str] = ()) -> str:
    """Return AFAS's sentence on one line when nothing personal can be in it, else nothing.

    :param body: what was sent: no value of it, and no part of one, may be in the sentence.
    :param labels: names of fields: nothing else may stand in quotes.
    """
    sentence = "".join(each for each in " ".join(text.split()) if each.isprintable()).rstrip(".")
    folded = sentence.casefold()
    known = {label.casefold() for label in labels}
    quoted = {(one or other).casefold() for one, other in _QUOTED.findall(sentence)}
    if len(sentence) > _LONGEST_SENTENCE or _LOOKS_PERSONAL.search(sentence) or not quoted <= known:
        return ""
    words = set(_WORD.findall(folded))
    for value in _sent(body):
        # Both ways round: a sentence may hold a value, or what was left of it when it was cut.
        parts = set(_WORD.findall(value)) - (_PARTICLES if " " in value else frozenset())
        held = any(part in words or (len(part) >= _LONG_WORD and part in folded) for part in parts)
        cut = any(len(word) >= _LONG_WORD and word in value for word in words)
        if held or cut or (len(value) >= _LONG_WORD and value in folded):
            return ""
    return sentence


def _sent(body: object, name: str = "") -> Iterator[str]:
    """Yield the values of a body, folded; match codes are no values."""
    if isinstance(body, Mapping):
        for key, inside in body.items():
            yield from _sent(inside, str(key))
    elif isinstance(body, list | tuple):
        for inside in body:
            yield from _sent(inside, name)
    elif body is not None and str(body).strip() and not isinstance(body, bool) and not name.startswith("Match"):
        yield str(body).strip().casefold()


def _names(connector: UpdateConnector) -> Iterator[str]:
    for field in connector.fields:
        yield from (field.id, field.label)
    for inside in connector.objects:
        yield from _names(inside)


def _was_never_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


def _objects(found: object) -> list[Json]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
