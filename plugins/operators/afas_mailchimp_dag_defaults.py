"""What the DAG files of the package share: where sync files are, and how their tasks are tried again."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from afas_mailchimp.errors import ConfigurationError, RefusedError, SafetyStop, TemporaryError, WaitedTooLong

TAGS = ["afas", "mailchimp"]

_RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule(ConfigurationError, RetryAction.FAIL, reason="a person must change something first"),
        RetryRule(SafetyStop, RetryAction.FAIL, reason="a person must look first"),
        RetryRule(WaitedTooLong, RetryAction.FAIL, reason="it was waited for long enough"),
        RetryRule(RefusedError, RetryAction.FAIL, reason="the same call would be refused again"),
        RetryRule(
            TemporaryError,
            RetryAction.RETRY,
            retry_delay=timedelta(minutes=2),
            reason="the other side cannot answer now",
        ),
    ]
)


def syncs_folder(dag_file: str) -> Path:
    """Return the folder with sync files: what ``AFAS_MAILCHIMP_SYNCS`` names, else ``syncs`` beside a DAG file."""
    return Path(os.environ.get("AFAS_MAILCHIMP_SYNCS") or Path(dag_file).parent / "syncs")


def default_args() -> dict[str, Any]:
    """Return what every task of the package gets."""
    return {
        "owner": "afas-mailchimp",
        "retries": 4,
        # Who is killed says nothing about the other side: the first retry comes soon, later ones ever later.
        "retry_delay": timedelta(seconds=15),
        "retry_exponential_backoff": 4.0,
        "max_retry_delay": timedelta(minutes=30),
        "retry_policy": _RETRIES,
    }
