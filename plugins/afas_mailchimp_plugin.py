"""The only file of this package that Airflow loads as a plugin. It imports nothing of the package itself."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

from airflow.plugins_manager import AirflowPlugin

LIBRARIES = (
    "airflow.providers.http.hooks.http",
    "babel",
    "email_validator",
    "mailchimp_marketing",
    "msgspec",
    "phonenumbers",
    "tenacity",
)
"""What our tasks import and Airflow has not imported yet. Libraries only: the package's own code may be edited while
Airflow runs, and a process that had it already would go on with the old."""


class AfasMailchimpPlugin(AirflowPlugin):
    """Makes the package visible under Admin, Plugins, and its tasks start sooner."""

    name = "afas_mailchimp"

    @classmethod
    def on_load(cls, *_arguments: Any, **_more: Any) -> None:
        """Import libraries once where tasks are forked from: each task would need half a second for them."""
        if _forks_tasks():
            for library in LIBRARIES:
                # A task that misses one says so itself.
                with suppress(ImportError):
                    import_module(library)


def _forks_tasks() -> bool:
    """Whether this is a scheduler whose own children run the tasks; elsewhere all of this would be for nothing."""
    if "airflow.jobs.scheduler_job_runner" not in sys.modules:
        return False
    from airflow.configuration import conf  # noqa: PLC0415 - not before it is known to be there

    return "LocalExecutor" in (conf.get("core", "executor") or "")
