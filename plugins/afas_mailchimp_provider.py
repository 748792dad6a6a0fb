"""Connection types ``afas`` and ``mailchimp`` with their forms. Imports nothing, so that it costs Airflow nothing.

Hints stand in the ``description`` of fields: Airflow shows them below the field.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def get_provider_info() -> dict[str, Any]:
    """Describe the package to Airflow; found by the entry point ``apache_airflow_provider``."""
    return {
        "package-name": "airflow-afas-mailchimp",
        "name": "AFAS and Mailchimp",
        "description": "Keeps a Mailchimp audience equal to AFAS Profit.",
        "connection-types": [_afas(), _mailchimp()],
    }


def _afas() -> dict[str, Any]:
    return {
        "connection-type": "afas",
        "hook-name": "AFAS Profit",
        "hook-class-name": "hooks.afas.AfasHook",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "port", "extra"],
            "relabeling": {
                "host": "Number or base URL",
                "login": "OAuth client id",
                "password": "Secret, or token",
            },
            "placeholders": {
                "host": "12345",
                "login": "leave empty with a classic token",
                "password": "client secret, or <token><version>1</version><data>…</data></token>",
            },
        },
        "conn-fields": {
            "environment": {
                "label": "Environment",
                "description": "Which AFAS environment the number belongs to. Not used with a base URL.",
                "schema": {
                    "type": ["string", "null"],
                    "enum": ["production", "test", "accept"],
                    "default": "production",
                },
            },
            "page_size": {
                "label": "Rows per call",
                "description": "Leave empty: the size follows from the number of columns. Lower it if AFAS times out.",
                "schema": {"type": ["integer", "null"], "minimum": 1, "maximum": 40000},
            },
            "integration_id": {
                "label": "Integration id",
                "description": "For AFAS partners only: subscription and project number, such as 12345_123456.",
                "schema": {"type": ["string", "null"], "pattern": "^[0-9]+_[0-9]+$"},
            },
        },
    }


def _mailchimp() -> dict[str, Any]:
    return {
        "connection-type": "mailchimp",
        "hook-name": "Mailchimp",
        "hook-class-name": "hooks.mailchimp.MailchimpHook",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "login", "port", "extra"],
            "relabeling": {"host": "Base URL (leave empty)", "password": "API key"},
            "placeholders": {
                "host": "https://us21.api.mailchimp.com/3.0",
                "password": "0123456789abcdef0123456789abcdef-us21",
            },
        },
        "conn-fields": {
            "connections": {
                "label": "Parallel connections",
                "description": "Of each task. Mailchimp allows 10 for the whole account: leave some to other programs.",
                "schema": {"type": ["integer", "null"], "minimum": 1, "maximum": 10, "default": 5},
            },
        },
    }
