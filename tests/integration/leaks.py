"""Looks for what must not get out: in texts, representations, tracebacks and log lines."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Iterable

import pytest

from afas_mailchimp.needles import needles


def everything_said(error: BaseException | None, logs: pytest.LogCaptureFixture) -> str:
    """Collect all that a person or a log could see of an error and of the run so far."""
    said = [record.getMessage() for record in logs.records]
    said += [str(record.exc_text or "") for record in logs.records]
    while error is not None:
        said += [str(error), repr(error), "".join(traceback.format_exception(error)), repr(error.args)]
        error = error.__cause__ or error.__context__
    return "\n".join(said)


def found_in(text: str, secrets: Iterable[str]) -> list[str]:
    """Return the secrets that occur in a text, in any form that the scan knows: encoded, escaped, hashed."""
    lowered = text.encode("utf-8", "surrogatepass").lower()
    return [
        secret
        for secret in secrets
        if secret.lower() in text.lower() or any(each.text in lowered for each in needles([(1, secret, False)]))
    ]


def copied(error: Exception) -> Exception:
    """Send an error through pickle, as Airflow does between its processes."""
    copy: Exception = pickle.loads(pickle.dumps(error))
    return copy
