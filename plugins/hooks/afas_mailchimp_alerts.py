"""Sends alerts through an Airflow connection of type *Apprise*: mail, Slack, Teams, and whatever else it knows."""

from __future__ import annotations

import logging

import apprise
from airflow.providers.apprise.hooks.apprise import AppriseHook

from afas_mailchimp.errors import ConfigurationError, TemporaryError
from hooks.afas_mailchimp_connections import KnownConnection

_SHAPE = 'its Config must be like {"path": "mailtos://user:password@mail.example?to=beheer@bedrijf.example"}'


class AlertsHook(KnownConnection, AppriseHook):
    """One receiver, or several that share a connection.

    :param apprise_conn_id: connection of type ``apprise``; its Config holds addresses and secrets.
    """

    conn_name_attr = "apprise_conn_id"
    hook_name = "Apprise"

    def send(self, title: str, body: str) -> None:
        """Send a message to every receiver of the connection.

        :raises ConfigurationError: the connection is missing, or Apprise does not understand it.
        :raises TemporaryError: a receiver did not take it.
        """
        # Its lines would hold addresses, and at DEBUG what is sent.
        logging.getLogger("apprise").setLevel(logging.CRITICAL)
        receivers = apprise.Apprise()
        connection = self.get_connection(self.apprise_conn_id)
        try:
            self.set_config_from_conn(connection, receivers)
            understood = len(receivers) > 0
        except Exception:  # noqa: BLE001 - the text of a foreign error may quote what was typed
            understood = False
        if not understood:
            raise ConfigurationError(f"Connection {self.apprise_conn_id!r} cannot be used for alerts: {_SHAPE}.")
        try:
            taken = bool(receivers.notify(title=title, body=body))
        except Exception:  # noqa: BLE001 - likewise
            taken = False
        if not taken:
            raise TemporaryError(f"The alert through connection {self.apprise_conn_id!r} was not taken.")
