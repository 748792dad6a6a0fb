"""The only file of this package that Airflow loads as a plugin. Only the API server gets more of the package by it."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

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


PAGE = "/afas-mailchimp"


def _page() -> list[dict[str, Any]]:
    """The status page, where there is an API server to serve it; no other process imports any of it."""
    if "airflow.api_fastapi.app" not in sys.modules:
        return []
    app = import_module("afas_mailchimp_ui.app").app
    return [{"app": app, "url_prefix": PAGE, "name": "AFAS to Mailchimp"}]


def _link() -> list[dict[str, Any]]:
    """The page's place in the navigation. Airflow may live below a path of its own."""
    from airflow.configuration import conf  # noqa: PLC0415 - Airflow is only partly there when this file is loaded

    root = urlsplit(conf.get("api", "base_url", fallback="") or "").path.rstrip("/")
    return [
        {
            "name": "AFAS → Mailchimp",
            "href": f"{root}{PAGE}/",
            "destination": "nav",
            "url_route": "afas-mailchimp",
            "nav_top_level": True,
            "icon": f"{root}{PAGE}/static/light.svg",
            "icon_dark_mode": f"{root}{PAGE}/static/dark.svg",
        }
    ]


class AfasMailchimpPlugin(AirflowPlugin):
    """Makes the package visible under Admin, Plugins, and its tasks start sooner."""

    name = "afas_mailchimp"
    fastapi_apps: list[Any] = _page()
    external_views: list[Any] = _link()

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
