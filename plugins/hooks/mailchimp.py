"""MailchimpHook: one audience of Mailchimp, read and written. Each kind of write is a method of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from requests import Session

from afas_mailchimp.audience import (
    BATCH_SIZE,
    Audience,
    BatchAnswer,
    Member,
    MemberStatus,
    MemberUpdate,
    MergeField,
    MergeValue,
    NewMember,
)
from afas_mailchimp.errors import SyncError
from afas_mailchimp.findings import NewField
from afas_mailchimp.member_news import Detail, MemberNews
from hooks.afas_mailchimp_connections import KnownConnection, mailchimp_credentials, whole_number
from hooks.afas_mailchimp_mailchimp_answers import Subject
from hooks.afas_mailchimp_mailchimp_client import SafeClient
from hooks.afas_mailchimp_mailchimp_merge_fields import MergeFields
from hooks.afas_mailchimp_mailchimp_reading import Readings
from hooks.afas_mailchimp_mailchimp_singles import Singles
from hooks.afas_mailchimp_mailchimp_tags import Tags
from hooks.afas_mailchimp_mailchimp_values import (
    BatchShape,
    create_body,
    list_path,
    read_audience,
    read_batch,
    update_body,
)
from hooks.afas_mailchimp_transport import Retry, Transport, harden, pooled_adapter

if TYPE_CHECKING:
    from airflow.sdk import Connection

log = logging.getLogger(__name__)

PAGE = 1_000


class MailchimpHook(KnownConnection):
    """Reads and writes an audience.

    :param mailchimp_conn_id: connection of type ``mailchimp``.
    :param retry: how long to keep trying.
    """

    conn_name_attr = "mailchimp_conn_id"
    default_conn_name = "mailchimp_default"
    conn_type = "mailchimp"
    hook_name = "Mailchimp"

    def __init__(self, mailchimp_conn_id: str = default_conn_name, *, retry: Retry = Retry()) -> None:  # noqa: B008 - frozen
        super().__init__()
        self.mailchimp_conn_id = mailchimp_conn_id
        self._writing = self._transport = Transport("Mailchimp", self._pooled, retry)
        self._session: Session | None = None
        self._client: SafeClient | None = None
        self._connection: Connection | None = None
        self._tags = Tags(self.get_conn)
        self._singles = Singles(self.get_conn)
        self._readings = Readings(self.get_conn, self.clock)
        self._lock = threading.RLock()

    @property
    def connections(self) -> int:
        """How many of Mailchimp's ten connections may be used at once."""
        return whole_number(self._settings(), "connections", default=5, least=1, most=10) or 1

    @property
    def calls(self) -> int:
        """HTTP requests sent, tries included."""
        return self._transport.calls

    @property
    def identity(self) -> str:
        """Base URL of the account's data centre: another one is another account."""
        return mailchimp_credentials(self._settings())[0]

    def get_conn(self) -> SafeClient:
        """Return the client, made at first use."""
        with self._lock:
            if self._client is None:
                url, _ = mailchimp_credentials(self._settings())
                self._client = SafeClient(url, self._transport, connection=self.mailchimp_conn_id)
            return self._client

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None

    def clock(self) -> datetime:
        """Return Mailchimp's own time (UTC) at its latest answer."""
        if self._transport.date is None:
            self.get_conn().ping()
        if self._transport.date is None:
            log.warning("Mailchimp sends no Date header: this machine's clock is used instead.")
        return self._transport.date or datetime.now(UTC)

    def test_connection(self) -> tuple[bool, str]:
        """Try the connection, for the Test button of the connection form."""
        try:
            self.get_conn().ping()
            found = self.get_conn().lists(
                "get_all_lists", count=1, fields=["total_items"], doing="counting audiences", subject=Subject.ACCOUNT
            )
        except SyncError as error:
            return False, str(error)
        except Exception as error:  # noqa: BLE001 - the text of a foreign error may quote what was typed
            return False, f"The connection could not be tried: {type(error).__name__}."
        finally:
            self.close()
        return True, f"Mailchimp answers: the key is accepted, audiences in the account: {found.get('total_items')}."

    # ---- audience and its fields

    def audience(self, list_id: str) -> Audience:
        """Return what matters of an audience."""
        names = ["id", "name", "stats.member_count", "double_optin", "has_welcome", "marketing_permissions"]
        return read_audience(
            self.get_conn().lists("get_list", list_path(list_id), fields=names, doing="reading the audience")
        )

    def merge_fields(self, list_id: str) -> tuple[MergeField, ...]:
        """Return all merge fields (Mailchimp would show ten)."""
        return MergeFields(self.get_conn(), list_path(list_id)).all()

    def create_merge_field(self, list_id: str, new: NewField) -> MergeField:
        """Create a merge field that subscribers cannot see and need not fill."""
        return MergeFields(self.get_conn(), list_path(list_id)).create(new)

    def describe_merge_field(self, list_id: str, field: MergeField, help_text: str) -> None:
        """Replace the help text of a merge field."""
        MergeFields(self.get_conn(), list_path(list_id)).describe(field, help_text)

    # ---- members

    def members(
        self, list_id: str, *, status: MemberStatus | None, tags: Sequence[str]
    ) -> Iterator[tuple[Member, ...]]:
        """Yield all members with a status, in pages, each member once.

        :param status: None yields all but the archived ones.
        :param tags: merge fields to keep.
        """
        return self._readings.members(list_id, status=status, tags=tags, size=PAGE, threads=self.connections)

    def news(
        self,
        list_id: str,
        *,
        since: datetime | None,
        statuses: Collection[MemberStatus],
        tags: Sequence[str],
        details: Collection[Detail],
    ) -> Iterator[tuple[MemberNews, ...]]:
        """Yield members that changed, with their addresses, in pages, each once; archived ones never.

        Who changes meanwhile may come as he was, or not at all: go on later from a moment before this reading.

        :param since: changed after it, in whole seconds (a second itself is not in it); None yields all.
        :param statuses: with ``since`` and several of them one reading serves: nothing changed costs one call.
        :param tags: merge fields to ask for; without any none are fetched.
        :raise SyncError: Mailchimp ignored ``since``.
        """
        return self._readings.news(
            list_id, since=since, statuses=statuses, tags=tags, details=details, size=PAGE, threads=self.connections
        )

    def member(self, list_id: str, member_id: str) -> Member | None:
        """Return a member in whatever status, None when there is none."""
        return self._singles.member(list_id, member_id)

    def address_of(self, list_id: str, member_id: str) -> str | None:
        """Return a member's address, to ask AFAS about it; None when there is none. Never log it."""
        return self._singles.address_of(list_id, member_id)

    def opted_out_at(self, list_id: str, member_id: str) -> datetime | None:
        """Return when a member last unsubscribed (UTC), None when Mailchimp has no such moment."""
        return self._singles.opted_out_at(list_id, member_id)

    def create_members(self, list_id: str, members: Sequence[NewMember]) -> BatchAnswer:
        """Create members; one that exists in any status is not changed. At most 500."""
        return self._batch(list_id, members, create_body(members), doing="creating members")

    def update_members(self, list_id: str, updates: Sequence[MemberUpdate]) -> BatchAnswer:
        """Write merge fields of members, never a status. At most 500."""
        return self._batch(list_id, updates, update_body(updates), doing="updating members")

    def unsubscribe(self, list_id: str, member_id: str) -> Member:
        """Lower a member to unsubscribed, and write nothing else."""
        return self._singles.unsubscribe(list_id, member_id)

    def write_merge_fields(self, list_id: str, member_id: str, values: Mapping[str, MergeValue]) -> Member:
        """Write merge fields of one member, and nothing else."""
        return self._singles.write_merge_fields(list_id, member_id, values)

    def move(self, list_id: str, member_id: str, *, address: str, values: Mapping[str, MergeValue]) -> Member:
        """Change a subscribed member's address, never its status; the answer has the id of the new address.

        :param values: merge fields to write with it, the key among them: a move whose answer was lost is known by them.
        :raise RefusedError: somebody is at the new address (EXISTS), the member is not subscribed (NOT_SUBSCRIBED) or
            not there (NOT_FOUND), the address is not accepted (BAD_ADDRESS, LOOKS_FAKE, FORGOTTEN).
        """
        return self._singles.move(list_id, member_id, address=address, values=values)

    def return_member(self, list_id: str, member: NewMember) -> Member:
        """Bring back an archived member, with a status and its original opt-in time.

        :raise RefusedError: it is there in another status (EXISTS), or opted out (COMPLIANCE), or a refusal of creates.
        """
        return self._singles.return_member(list_id, member)

    def archive(self, list_id: str, member_id: str) -> None:
        """Archive a member.

        :raise RefusedError: there is none, or it cannot be archived (pending, cleaned, archived before).
        """
        self._singles.archive(list_id, member_id)

    def delete_for_good(self, list_id: str, member_id: str) -> bool:
        """Delete a member and forget its address for ever, which cannot be undone; False when there is none."""
        return self._singles.delete_for_good(list_id, member_id)

    # ---- tags

    def tag_id(self, list_id: str, name: str) -> int:
        """Return the id of a tag, made where missing."""
        return self._tags.id_of(list_path(list_id), name)

    def add_to_tag(self, list_id: str, tag_id: int, addresses: Sequence[str]) -> None:
        """Give members a tag, 500 in a call; an address without a member is left out by Mailchimp."""
        self._tags.add(list_path(list_id), tag_id, addresses)

    def remove_tags(self, list_id: str, member_id: str, names: Sequence[str]) -> None:
        """Take tags from a member; those that it does not have are left out.

        :raise RefusedError: there is no such member (NOT_FOUND).
        """
        self._singles.remove_tags(list_id, member_id, names)

    # ---- underneath

    def _batch(
        self,
        list_id: str,
        items: Sequence[NewMember] | Sequence[MemberUpdate],
        body: dict[str, Any],
        *,
        doing: str,
    ) -> BatchAnswer:
        if len(items) > BATCH_SIZE:
            raise ValueError(f"Mailchimp takes at most {BATCH_SIZE} members in a call.")
        if not items:
            return BatchAnswer((), (), ())
        # "true" as text: the client would send True, which Mailchimp's own specification refuses.
        found = self.get_conn().lists(
            "batch_list_members", list_path(list_id), body, skip_merge_validation="true", doing=doing, shape=BatchShape
        )
        return read_batch(found, items)

    def _settings(self) -> Connection:
        with self._lock:
            if self._connection is None:
                self._connection = self.get_connection(self.mailchimp_conn_id)
            return self._connection

    def _pooled(self) -> Session:
        with self._lock:
            if self._session is None:
                _, key = mailchimp_credentials(self._settings())
                session = harden(Session())
                adapter = pooled_adapter(self.connections)
                session.mount("https://", adapter)
                session.mount("http://", adapter)
                session.auth = ("airflow", key)
                self._session = session
            return self._session
