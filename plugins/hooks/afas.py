"""AfasHook: the GetConnectors and UpdateConnectors of AFAS Profit over its REST services."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.providers.http.hooks.http import HttpHook

from afas_mailchimp.errors import ConfigurationError, SyncError
from afas_mailchimp.getconnector import Condition, ConnectorField, Environment, Filter, Operator, Row
from hooks.afas_mailchimp_afas_answers import AMSTERDAM, NotAuthorised, read_json
from hooks.afas_mailchimp_afas_paging import KeyPages
from hooks.afas_mailchimp_afas_query import LONGEST_QUERY, in_digits, in_pieces, in_words, query
from hooks.afas_mailchimp_afas_sign_in import AfasToken, SignIn, sign_in
from hooks.afas_mailchimp_afas_updates import UpdateConnectors, WriteTransport
from hooks.afas_mailchimp_afas_values import (
    Json,
    not_allowed,
    read_environment,
    read_fields,
    read_rows,
    row_reader,
)
from hooks.afas_mailchimp_connections import KnownConnection, afas_base_url, whole_number
from hooks.afas_mailchimp_transport import Answer, Retry, Transport, harden, pooled_adapter

if TYPE_CHECKING:
    from requests import Session

log = logging.getLogger(__name__)

CELLS_PER_CALL = 150_000
"""Columns times rows of one call, the vendor's rule of thumb. All columns count: a GetConnector sends them all."""

LARGEST_PAGE = 5_000
FEW = 1_000
"""Rows a page where few are expected: small enough for any connector without asking how many columns it has."""

_YES_OR_NO = frozenset({"true", "false", "1", "0"})
_PARALLEL = 8
_LONGEST_PAGE_SETTING = 40_000


class AfasHook(KnownConnection, HttpHook, UpdateConnectors):
    """Reads and writes. From ``HttpHook`` it has connection, session, authentication and adapter.

    What goes over the line is its own: see ``docs/decisions`` for what is inherited and why.

    :param afas_conn_id: connection of type ``afas``.
    :param retry: how long to keep trying.
    """

    conn_name_attr = "afas_conn_id"
    default_conn_name = "afas_default"
    conn_type = "afas"
    hook_name = "AFAS Profit"
    # The language decides labels and error texts; without it, a setting of the AFAS environment would.
    default_headers = {"Accept": "application/json", "Accept-Language": "nl-nl", "Accept-Encoding": "gzip"}  # noqa: RUF012

    def __init__(self, afas_conn_id: str = default_conn_name, *, retry: Retry = Retry()) -> None:  # noqa: B008 - frozen
        super().__init__(
            method="GET", http_conn_id=afas_conn_id, auth_type=AfasToken, adapter=pooled_adapter(_PARALLEL)
        )
        self.afas_conn_id = afas_conn_id
        self._transport = Transport("AFAS", self.get_conn, retry)
        self._writing = WriteTransport("AFAS", self.get_conn, retry)
        self._update_connectors = {}
        self._session: Session | None = None
        self._sign_in = SignIn()
        self._fields: dict[str, tuple[ConnectorField, ...]] = {}
        self._cuts: dict[tuple[str, str, int], list[str | int]] = {}
        self._page_size: int | None = None
        self._lock = threading.RLock()

    @property
    def calls(self) -> int:
        """HTTP requests sent, tries and tokens included."""
        return self._transport.calls + self._writing.calls + self._sign_in.calls

    @property
    def identity(self) -> str:
        """Base URL of the environment: another one is another set of customers."""
        # Airflow is asked for a connection once: each time costs a task ten milliseconds.
        self.get_conn()
        return str(self.base_url)

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None

    def environment(self) -> Environment:
        """Ask what the token is for."""
        try:
            found = self._get("/metainfo", doing="asking what the token may do")
        except NotAuthorised as refused:
            raise self._sign_in.refused(refused.status, self.afas_conn_id) from None
        return read_environment(found, classic=self._sign_in.classic)

    def fields(self, connector: str) -> tuple[ConnectorField, ...]:
        """Return the columns of a GetConnector, asked once per hook."""
        if connector not in self._fields:
            found = self._ask(connector, f"/metainfo/get/{quote(connector, safe='')}", doing=f"fields of {connector}")
            self._fields[connector] = read_fields(found)
        return self._fields[connector]

    def clock(self) -> datetime:
        """Return AFAS's own time in Amsterdam at its latest answer, whole seconds."""
        if self._transport.date is None:
            self.environment()
        moment = self._transport.date
        if moment is None:
            log.warning("AFAS sends no Date header: this machine's clock is used instead.")
            moment = datetime.now(UTC)
        return moment.astimezone(AMSTERDAM).replace(microsecond=0)

    def pages(
        self,
        connector: str,
        *,
        columns: Sequence[str],
        key: str,
        where: Filter = (),
        page_size: int | None = None,
        threads: int = 1,
        few: bool = False,
    ) -> Iterator[tuple[Row, ...]]:
        """Yield the rows of a GetConnector in pages, in the order of ``key``; only an empty page is the end.

        :param columns: what to keep of each row.
        :param key: a column that is unique; its order is AFAS's own.
        :param where: alternatives of conditions.
        :param threads: calls at once; AFAS advises at most five on one set of data.
        :param few: only few rows are expected: then a page that is not full is the end, too.
        """

        def fetch(where: Filter, *, take: int, skip: int = 0) -> list[Json]:
            return self._rows(connector, columns=columns, key=key, where=where, take=take, skip=skip)

        take = page_size or self._take(connector)
        pages = KeyPages(connector, key, where, take, fetch, row_reader(connector, columns), few=few)
        if threads == 1:
            return pages.one_by_one()
        return pages.at_once(threads, [] if where else self._cuts.setdefault((connector, key, take), []))

    def find(
        self,
        connector: str,
        *,
        columns: Sequence[str],
        key: str,
        field: str,
        values: Sequence[str],
        contains: bool = False,
    ) -> Iterator[Row]:
        """Yield the rows whose field equals (or contains) one of the values, each once.

        :param field: column to look in.
        :param values: blank ones are left out; a yes or no may be written ``true``, ``1``, ``false`` or ``0``.
        """
        operator = Operator.CONTAINS if contains else Operator.EQUAL
        spelled = self._spelled(connector, key, field, [value for value in values if value.strip()])
        wanted = [Condition(field, operator, value) for value in dict.fromkeys(spelled)]
        seen: set[Row] = set()
        take = self._page_size or FEW
        for where in in_pieces(key, take, wanted):
            for page in self.pages(connector, columns=(*columns, key), key=key, where=where, page_size=take, few=True):
                fresh = [row for row in dict.fromkeys(page) if row not in seen]
                seen.update(fresh)
                yield from (row[:-1] for row in fresh)

    def test_connection(self) -> tuple[bool, str]:
        """Try the connection, for the Test button of the connection form."""
        try:
            found = self.environment()
        except SyncError as error:
            return False, str(error)
        except Exception as error:  # noqa: BLE001 - the text of a foreign error may quote what was typed
            return False, f"The connection could not be tried: {type(error).__name__}."
        finally:
            self.close()
        way = "OAuth"
        if self._sign_in.classic:
            way = f"classic token, ends on {found.token_expires}" if found.token_expires else "classic token"
        return True, (
            f"AFAS answers: environment {found.id}, app connector {found.app!r}, "
            f"{len(found.get_connectors)} GetConnectors allowed ({way})."
        )

    # From here on: what HttpHook would do otherwise.

    def get_conn(self, headers: dict[Any, Any] | None = None, extra_options: dict[str, Any] | None = None) -> Session:
        """Return the one pooled session of this hook (``HttpHook`` makes one per call)."""
        with self._lock:
            if self._session is None:
                self._session = harden(super().get_conn(headers, extra_options))
            return self._session

    def run(
        self,
        endpoint: str | None = None,
        data: dict[str, Any] | str | None = None,
        headers: dict[str, Any] | None = None,
        extra_options: dict[str, Any] | None = None,
        **request_kwargs: Any,
    ) -> Any:
        """GET an endpoint and return its JSON object; the other arguments of ``HttpHook.run`` are refused."""
        if headers or extra_options or request_kwargs or isinstance(data, str):
            raise ValueError("AfasHook.run takes an endpoint, and query parameters as a dictionary.")
        pairs = "&".join(
            f"{quote(str(name), safe='')}={quote(str(each), safe='')}" for name, each in (data or {}).items()
        )
        return self._get(f"/{(endpoint or '').lstrip('/')}{f'?{pairs}' if pairs else ''}", doing="a call of your own")

    def _set_base_url(self, connection: Any) -> None:
        self.base_url = afas_base_url(connection)
        self._base_url_initialized = True

    def _configure_session_from_auth(self, session: Session, connection: Any) -> Session:
        # Kept when the session is given back: a token that was given is good for the next one.
        if type(self._sign_in) is SignIn:
            self._sign_in = sign_in(connection, self.base_url)
        session.auth = self._sign_in
        self._page_size = whole_number(connection, "page_size", default=None, least=1, most=_LONGEST_PAGE_SETTING)
        return session

    def _configure_session_from_extra(
        self,
        session: Session,
        connection: Any,
        extra_options: dict[str, Any],  # noqa: ARG002 - inherited signature
    ) -> Session:
        """Send one known extra along; HttpHook would make headers of all of them."""
        if integration := connection.extra_dejson.get("integration_id"):
            session.headers["IntegrationId"] = str(integration)
        return session

    def _take(self, connector: str) -> int:
        columns = max(1, len(self.fields(connector)))
        return self._page_size or max(1, min(CELLS_PER_CALL // columns, LARGEST_PAGE))

    def _spelled(self, connector: str, key: str, field: str, values: Sequence[str]) -> Sequence[str]:
        """Write yes and no in the form that this AFAS takes: the documentation has no example, so one row is tried."""
        if not values or not {value.strip().lower() for value in values} <= _YES_OR_NO:
            return values
        if not any(each.id == field and each.data_type == "boolean" for each in self.fields(connector)):
            return values
        words = in_words(values)
        try:
            tried = [[Condition(field, Operator.EQUAL, words[0])]]
            self._rows(connector, columns=[key], key=key, where=tried, take=1)
        except SyncError as error:
            if type(error) is not SyncError:
                raise
            return in_digits(values)
        return words

    def _rows(
        self, connector: str, *, columns: Sequence[str], key: str, where: Filter, take: int, skip: int = 0
    ) -> list[Json]:
        text = query(key=key, take=take, where=where, skip=skip)
        if len(text) > LONGEST_QUERY:
            raise ConfigurationError(
                f"The filter on {connector} makes a question of {len(text)} characters, AFAS takes {LONGEST_QUERY}: "
                "shorten the filter in the sync file."
            )
        asked_for = {*columns, key, *(each.field for group in where for each in group)}
        path = f"/connectors/{quote(connector, safe='')}{text}"
        return read_rows(self._ask(connector, path, doing=f"reading {connector}", asked_for=asked_for))

    def _ask(self, connector: str, path: str, *, doing: str, asked_for: Collection[str] = ()) -> Json:
        """Ask something of one connector; a refusal is looked into, since AFAS has one for three causes."""
        try:
            return self._get(path, doing=doing, asked_for=asked_for)
        except NotAuthorised as refused:
            status = refused.status
        allowed = self.environment().get_connectors
        raise not_allowed(connector, allowed, status=status, connection=self.afas_conn_id)

    def _get(self, path: str, *, doing: str, asked_for: Collection[str] = ()) -> Json:
        def read(answer: Answer) -> Json:
            return read_json(answer, connection=self.afas_conn_id, asked_for=asked_for, doing=doing)

        self.get_conn()
        return self._transport.send("GET", f"{self.base_url}{path}", read=read, doing=doing)
