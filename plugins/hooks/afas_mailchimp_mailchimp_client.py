"""The official Mailchimp client, with each of its traps covered. Nobody else may touch it.

Version 3.0.80 opens a connection per call, never retries, returns an error without a body as if it were a result,
raises an error that cannot be unpickled and that quotes addresses, and replaces the word ``server`` anywhere in a URL
by the data centre. What it does well is to know paths, parameters and bodies of the API; that is what is used.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from afas_mailchimp.errors import ConfigurationError, SyncError
from hooks.afas_mailchimp_mailchimp_answers import Subject, check
from hooks.afas_mailchimp_transport import Answer, Transport, written

Json = dict[str, Any]


class SafeClient:
    """Calls methods of the official client through our own transport.

    :param base_url: checked already.
    :param connection: connection id, for sentences.
    """

    def __init__(self, base_url: str, transport: Transport, *, connection: str) -> None:
        # Imported late: it loads some forty modules, and a DAG file that names the hook must parse fast.
        import mailchimp_marketing  # noqa: PLC0415
        from mailchimp_marketing.api_client import ApiClientError  # noqa: PLC0415

        if not hasattr(mailchimp_marketing, "Client"):
            raise ConfigurationError(
                "The installed mailchimp-marketing is another client under the same name: install exactly 3.0.80."
            )
        # It is not given the key: authentication belongs to the session of the transport.
        self._client = mailchimp_marketing.Client()
        self._client.api_client.host = base_url
        self._client.api_client.server = ""
        self._client.api_client.request = self._request
        self._client_error = ApiClientError
        self._transport = transport
        self._connection = connection
        self._call = threading.local()

    @property
    def attempts(self) -> int:
        """Tries that the last call of this thread took: above 1, an earlier one may have had its effect."""
        return getattr(self._call, "attempts", 1)

    def lists(
        self,
        method: str,
        *args: object,
        doing: str,
        subject: Subject = Subject.AUDIENCE,
        shape: Any = Any,
        **kwargs: object,
    ) -> Json:
        """Call a method of ``client.lists`` and return its JSON object, empty where Mailchimp sends none.

        :param doing: what is being done, for sentences: no values of people in it.
        :param subject: decides what "not found" means.
        :param shape: what is wanted of a good answer, where it is much less than all of it.
        """
        self._call.shape = shape
        return self._safely(getattr(self._client.lists, method), args, kwargs, doing=doing, subject=subject)

    def ping(self) -> Json:
        """Ask whether the key works."""
        self._call.shape = Any
        return self._safely(self._client.ping.get, (), {}, doing="trying the key", subject=Subject.ACCOUNT)

    def _safely(
        self,
        method: Callable[..., Any],
        args: Sequence[object],
        kwargs: Mapping[str, object],
        *,
        doing: str,
        subject: Subject,
    ) -> Json:
        self._call.doing, self._call.subject, self._call.attempts = doing, subject, 1
        failure: SyncError
        try:
            result = method(*args, **kwargs)
        except self._client_error as error:
            # What our own request raised comes wrapped, as its ``text``.
            failure = error.text if isinstance(error.text, SyncError) else SyncError(_odd(doing))
        else:
            if isinstance(result, dict):
                return result
            if isinstance(result, Answer) and not result.content:
                return {}
            failure = SyncError(_odd(doing))
        # Raised outside the handler, without the client's error as context: that one is not picklable.
        raise failure.with_traceback(None)

    def _request(
        self,
        method: str,
        url: str,
        query_params: Any = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        def read(answer: Answer) -> Answer:
            self._call.attempts = answer.attempts
            if answer.status_code == HTTPStatus.OK:
                answer.shape = getattr(self._call, "shape", Any)
            return check(answer, subject=self._call.subject, connection=self._connection, doing=self._call.doing)

        data = None if body is None else written(body)
        answer = self._transport.send(
            method, url, params=query_params, headers=headers, body=data, read=read, doing=self._call.doing
        )
        # The client parses only what calls itself ``application/json``; that it is JSON has been seen.
        return replace(answer, headers={"content-type": "application/json"})


def _odd(doing: str) -> str:
    return f"The Mailchimp client could not carry out a call ({doing}): its arguments or its version are wrong."
