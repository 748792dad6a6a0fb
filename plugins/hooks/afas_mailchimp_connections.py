"""What a person typed into a connection, as a base URL and a credential. Nothing is sent, nothing is quoted."""

from __future__ import annotations

import base64
import binascii
import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from afas_mailchimp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import Connection

    from hooks.afas_mailchimp_transport import Transport

_AFAS_HOSTS = {"production": "rest", "test": "resttest", "accept": "restaccept"}
_TOKEN = re.compile(
    r"\s*<token>\s*<version>\s*1\s*</version>\s*<data>\s*([0-9A-Fa-f]{64})\s*</data>\s*</token>\s*", re.ASCII
)
_AFAS_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.)+afas\.online", re.ASCII)
_CLIENT = re.compile(r"[\x21-\x7e]{1,1024}", re.ASCII)
_HEX = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_API_KEY = re.compile(r"[0-9a-f]{32}-([a-z]{2,4}\d{1,3})", re.ASCII)
_MAILCHIMP_HOST = re.compile(r"[a-z]{2,4}\d{1,3}\.api\.mailchimp\.com", re.ASCII)


class ConnectionFields(Protocol):
    """The part of an Airflow connection that is used here."""

    conn_id: str
    host: str | None
    schema: str | None
    login: str | None
    port: int | None
    password: str | None

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """The extra field."""


class KnownConnection(BaseHook):
    """A hook whose missing connection is told in one sentence, at the first try instead of after all retries."""

    hook_name: str
    _writing: Transport

    def write_only_while(self, check: Callable[[], None]) -> None:
        """Ask before every write whether it may still be done.

        :param check: raises when it may not; called from any thread.
        """
        self._writing.before_writing = check

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """Return a connection. :raise ConfigurationError: Airflow has none of that name."""
        try:
            return super().get_connection(conn_id)
        except AirflowNotFoundException:
            raise ConfigurationError(
                f"Airflow has no connection {conn_id!r}. Make it under Admin, Connections (type {cls.hook_name}), or "
                "name another one in the sync file."
            ) from None


def afas_base_url(connection: ConnectionFields) -> str:
    """Return the base URL of the REST services: from a member number and environment, or as given."""
    host = (connection.host or "").strip()
    if not re.fullmatch(r"\d{5}", host, re.ASCII):
        if "://" not in host:
            raise ConfigurationError(
                f"Connection {connection.conn_id}: Host must be the five digits of the AFAS environment (12345), "
                "or a base URL that begins with https:// and ends with /ProfitRestServices."
            )
        return _base_url(connection)
    environment = str(connection.extra_dejson.get("environment") or "production")
    if environment not in _AFAS_HOSTS:
        raise ConfigurationError(
            f"Connection {connection.conn_id}: Environment must be one of {', '.join(sorted(_AFAS_HOSTS))}."
        )
    return f"https://{host}.{_AFAS_HOSTS[environment]}.afas.online/ProfitRestServices"


def is_afas_itself(url: str) -> bool:
    """Whether a base URL, checked already, leads to AFAS's own hosts, or to a stand-in on this machine."""
    host = urlsplit(url).hostname or ""
    return _is_loopback(host) or bool(_AFAS_HOST.fullmatch(host))


def afas_client(connection: ConnectionFields) -> tuple[str, str] | None:
    """Return client id and secret of OAuth, or nothing where Login is empty: then Password is a classic token."""
    where = f"Connection {connection.conn_id}:"
    name, secret = (connection.login or "").strip(), (connection.password or "").strip()
    if {"client_id", "client_secret"} & connection.extra_dejson.keys():
        raise ConfigurationError(
            f"{where} the client id of OAuth belongs in Login and the client secret in Password, not in Extra: take "
            "them out of Extra."
        )
    if not name:
        return None
    if _classic(name):
        raise ConfigurationError(f"{where} Login holds a classic token. It belongs in Password, with Login empty.")
    if _classic(secret):
        raise ConfigurationError(
            f"{where} Login holds a client id, but Password a classic token. With OAuth, Password is the client "
            "secret; with a classic token, Login stays empty."
        )
    if not secret:
        raise ConfigurationError(f"{where} Login holds a client id, so Password must hold the client secret of OAuth.")
    if not (_CLIENT.fullmatch(name) and _CLIENT.fullmatch(secret)):
        raise ConfigurationError(
            f"{where} client id (Login) and client secret (Password) are one word each, without spaces, line breaks or "
            "letters with accents: copy them from AFAS once more."
        )
    return name, secret


def afas_token(connection: ConnectionFields) -> str:
    """Return the token as AFAS wants it in the header: base64 of its XML, from any of the three forms people paste."""
    text = (connection.password or "").strip()
    data = _classic(text) or text
    if not _HEX.fullmatch(data):
        raise ConfigurationError(
            f"Connection {connection.conn_id}: Password is not an AFAS app connector token. Paste it as AFAS shows it "
            "(<token><version>1</version><data>…</data></token>), its 64 hexadecimal digits, or its base64. If it is "
            "the client secret of OAuth, Login must hold the client id."
        )
    return base64.b64encode(f"<token><version>1</version><data>{data}</data></token>".encode()).decode()


def mailchimp_credentials(connection: ConnectionFields) -> tuple[str, str]:
    """Return base URL and API key, both checked: a key must never travel to any other host than Mailchimp's."""
    key = (connection.password or "").strip()
    data_centre = _API_KEY.fullmatch(key)
    if not data_centre:
        raise ConfigurationError(
            f"Connection {connection.conn_id}: Password is not a Mailchimp API key: 32 hexadecimal digits, a dash and "
            "the data centre, such as us21 (Mailchimp: Account, Extras, API keys)."
        )
    if not (connection.host or "").strip():
        return f"https://{data_centre.group(1)}.api.mailchimp.com/3.0", key
    url = _base_url(connection)
    host = urlsplit(url).hostname or ""
    if not (_is_loopback(host) or _MAILCHIMP_HOST.fullmatch(host)):
        raise ConfigurationError(
            f"Connection {connection.conn_id}: Host must be empty, or a base URL of Mailchimp itself "
            "(https://us21.api.mailchimp.com/3.0): the API key is sent nowhere else."
        )
    return url, key


def whole_number(connection: ConnectionFields, name: str, *, default: int | None, least: int, most: int) -> int | None:
    """Return a number from the extra field, checked."""
    value = connection.extra_dejson.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,7}", str(value), re.ASCII) or not least <= int(value) <= most:
        raise ConfigurationError(
            f"Connection {connection.conn_id}: {name} must be a whole number from {least} to {most}."
        )
    return int(value)


def _base_url(connection: ConnectionFields) -> str:
    """Put together what Airflow may have taken apart: a URI form stores port and path in fields of their own."""
    where = f"Connection {connection.conn_id}: Host"
    try:
        parts = urlsplit((connection.host or "").strip())
        host, port = parts.hostname or "", parts.port or connection.port
    except ValueError:
        raise ConfigurationError(f"{where} is not a readable URL.") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigurationError(f"{where} must be a URL that begins with https://.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError(f"{where} must be a plain base URL, without user, query or fragment.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigurationError(f"{where} must begin with https://: plain http is for this machine alone.")
    path = parts.path.strip("/")
    if not path and connection.schema and connection.schema not in {"http", "https"}:
        path = connection.schema.strip("/")
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}{f':{port}' if port else ''}{f'/{path}' if path else ''}"


def _classic(text: str) -> str | None:
    """Return what a classic token holds, from its XML or the base64 of that."""
    found = _TOKEN.fullmatch(text) or _TOKEN.fullmatch(_decoded(text))
    return found.group(1) if found else None


def _decoded(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
