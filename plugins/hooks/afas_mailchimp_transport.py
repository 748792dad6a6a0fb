"""How both hooks speak HTTP: pooled, bounded in tries and in time, retried for named causes only.

What goes over the line is personal (addresses, filters with addresses in URLs), so nothing of it may reach a log or
an exception: errors are made from our own words, and are raised outside the handler of the library's error.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from itertools import count
from typing import Any, TypeVar

import msgspec
import requests
import tenacity
from requests.adapters import HTTPAdapter
from tenacity.stop import stop_base

from afas_mailchimp.errors import TemporaryError

log = logging.getLogger(__name__)
T = TypeVar("T")

CONNECT_SECONDS = 10.0
SOCKET_SECONDS = 130.0
"""Longest silence within an answer."""

READ_SECONDS = 300.0
"""Longest time for an answer as a whole."""

_CHUNK = 64 * 1024


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Retry:
    """How long to keep trying.

    :param attempts: tries of one call, the first included.
    :param seconds: no new try is begun later than this after the first one began.
    :param waits: seconds before the second, third, … try (the last one repeats), varied by up to a quarter.
    :param longest_wait: when the other side asks for more than this, give up at once and say so.
    :param sleep: replaced in tests.
    """

    attempts: int = 6
    seconds: float = 180.0
    waits: tuple[float, ...] = (0.5, 2.0, 5.0, 15.0, 30.0)
    longest_wait: float = 120.0
    sleep: Callable[[float], None] = _sleep

    def wait_before(self, attempt: int, error: BaseException | None) -> float:
        """Seconds before try number ``attempt + 1``: what the other side asked for, or our own."""
        wait = self.waits[min(attempt, len(self.waits)) - 1] if self.waits else 0.0
        wait *= random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret
        asked = error.retry_after if isinstance(error, TemporaryError) else None
        return wait if asked is None else max(asked, 0.0)


@dataclass(slots=True)
class Answer:
    """One HTTP answer, read to its end; it quacks as much like a ``requests.Response`` as the Mailchimp client needs.

    :param attempts: tries that the call took; above 1, an earlier try may have had its effect already.
    :param shape: what is wanted of the JSON, a ``TypedDict`` without types: the rest is not even made into values.
    """

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    attempts: int = 1
    shape: Any = Any
    _parsed: list[Any] = field(default_factory=list, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is not an error."""
        return self.status_code < 400  # noqa: PLR2004 - HTTP

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Parse the body, once. :raise ValueError: when it is not JSON."""
        if not self._parsed:
            self._parsed.append(parse(self.content, self.shape))
        return self._parsed[0]

    def json_object(self) -> dict[str, Any] | None:
        """Return the body where it is a JSON object, whatever the Content-Type says; else None."""
        try:
            parsed = self.json()
        except ValueError:
            return None
        return parsed if isinstance(parsed, dict) else None

    def retry_after(self) -> float | None:
        """Return the seconds asked for by ``Retry-After``, given as a number or as a date."""
        value = self.headers.get("Retry-After", "").strip()
        if not value:
            return None
        if value.isdigit():
            return float(value)
        until = http_date(value)
        if until is None:
            return None
        return max(0.0, (until - (http_date(self.headers.get("Date", "")) or datetime.now(UTC))).total_seconds())


def parse(content: bytes, shape: Any = Any) -> Any:
    """Parse JSON. What msgspec refuses and the standard library takes (half a surrogate, NaN) is taken all the same.

    :param shape: see ``Answer``.
    :raise ValueError: it is not JSON.
    """
    try:
        return msgspec.json.decode(content, type=shape)
    except ValueError:
        return json.loads(content)


def written(body: Any) -> bytes:
    """Write JSON. Half a surrogate, which msgspec refuses, is written as the standard library does."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        return json.dumps(body, allow_nan=False).encode()


def http_date(value: str) -> datetime | None:
    """Parse an HTTP date; None when it is absent or unreadable."""
    try:
        parsed = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def is_retryable(error: BaseException) -> bool:
    """Whether the same call may succeed a little later. The only place that decides it."""
    return isinstance(error, TemporaryError)


def pooled_adapter(connections: int) -> HTTPAdapter:
    """Make an adapter that keeps at most ``connections`` open, further threads wait for one."""
    return HTTPAdapter(pool_connections=1, pool_maxsize=connections, pool_block=True, max_retries=0)


def harden(session: requests.Session) -> requests.Session:
    """Take from a session what could leak or surprise: cookies, and URLs in the library's own log lines.

    ``trust_env`` stays on for proxies and CA files. It would also read ``~/.netrc``, but only for a session
    without ``auth``; ours always have one.
    """
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # urllib3 logs path and query: every request at DEBUG, and one with odd headers at WARNING.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    return session


class Transport:
    """Sends requests for one hook, from up to ten threads at once.

    :param system: ``AFAS`` or ``Mailchimp``, for the sentences.
    :param session: makes or returns the session; called at each try.
    """

    def __init__(self, system: str, session: Callable[[], requests.Session], retry: Retry) -> None:
        self.system = system
        self.retry = retry
        self.calls = 0
        self.date: datetime | None = None
        self.before_writing: Callable[[], None] = lambda: None
        """Called right before each try of a call that could change something; what it raises ends the call."""
        self._session = session
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        url: str,
        *,
        read: Callable[[Answer], T],
        doing: str,
        params: Any = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> T:
        """Send a request until an answer can be read, and return what ``read`` made of it.

        :param read: turns an answer into a value, or raises a ``SyncError``; a ``TemporaryError`` is tried again.
        :param doing: what is being done, for sentences: no values in it.
        """

        def attempt(number: int) -> T:
            if method != "GET":
                self.before_writing()
            answer = self._once(requests.Request(method, url, params=params, headers=headers, data=body), doing)
            answer.attempts = number
            value = read(answer)
            self.date = http_date(answer.headers.get("Date", "")) or self.date
            return value

        return self._repeat(attempt, doing)

    def _repeat(self, attempt: Callable[[int], T], doing: str) -> T:
        retry = self.retry
        numbers = count(1)

        def tell(state: tenacity.RetryCallState) -> None:
            wait = state.next_action.sleep if state.next_action else 0.0
            log.warning("%s (%s): try %d failed, next in %.1f s.", self.system, doing, state.attempt_number, wait)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(is_retryable),
            wait=lambda state: retry.wait_before(state.attempt_number, _error(state)),
            stop=_Patience(retry),
            sleep=retry.sleep,
            before_sleep=tell,
            reraise=True,
        )
        return retrying(lambda: attempt(next(numbers)))

    def _once(self, request: requests.Request, doing: str) -> Answer:
        failure: TemporaryError
        with self._lock:
            self.calls += 1
        try:
            return self._exchange(request)
        except requests.Timeout:
            failure = TemporaryError(f"{self.system} did not answer in time ({doing}).")
        except requests.RequestException as error:
            failure = TemporaryError(f"{self.system} could not be reached or broke off ({doing}): {_kind(error)}.")
        # Raised here and not in the handler: the library's error holds the URL, and would travel along as context.
        raise failure

    def _exchange(self, request: requests.Request) -> Answer:
        session = self._session()
        prepared = session.prepare_request(request)
        settings = session.merge_environment_settings(prepared.url or "", {}, True, None, None)
        deadline = time.monotonic() + READ_SECONDS
        with session.send(
            prepared, timeout=(CONNECT_SECONDS, SOCKET_SECONDS), allow_redirects=False, **settings
        ) as response:
            content = bytearray()
            for chunk in response.iter_content(_CHUNK):
                content += chunk
                # The time-out of a socket counts per piece: an answer that trickles in would never meet it.
                if time.monotonic() > deadline:
                    raise requests.ReadTimeout
            return Answer(response.status_code, response.headers, bytes(content))


class _Patience(stop_base):
    """When to give up: tries or seconds used up, or a longer wait asked for than a task should sleep."""

    def __init__(self, retry: Retry) -> None:
        self._retry = retry

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        error = _error(state)
        asked = error.retry_after if isinstance(error, TemporaryError) else None
        spent = (state.seconds_since_start or 0.0) + state.upcoming_sleep
        return (
            state.attempt_number >= self._retry.attempts
            or spent > self._retry.seconds
            or (asked or 0.0) > self._retry.longest_wait
        )


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome and state.outcome.failed else None


def _kind(error: requests.RequestException) -> str:
    """Name the class alone: the text of these errors holds the URL."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the secure connection could not be made, check certificates and proxy"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refused"
    return type(error).__name__
