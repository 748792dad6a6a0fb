"""The only file of this package that Airflow loads as a plugin. It imports nothing of the package itself."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin


class AfasMailchimpPlugin(AirflowPlugin):
    """Makes the package visible under Admin, Plugins."""

    name = "afas_mailchimp"
