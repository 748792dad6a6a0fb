"""One member at a time: looked up, lowered, changed, moved to another address, archived, brought back.

Each of these calls may be sent twice, when the first answer got lost; what the second one is refused for is then
looked into, since it may be refused because the first one worked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from afas_mailchimp.audience import Member, MemberStatus, MergeValue, NewMember, Refusal
from afas_mailchimp.email_address import subscriber_hash
from afas_mailchimp.errors import RefusedError
from hooks.afas_mailchimp_mailchimp_answers import Subject
from hooks.afas_mailchimp_mailchimp_client import SafeClient
from hooks.afas_mailchimp_mailchimp_values import (
    MEMBER_FIELDS,
    Json,
    carries,
    list_path,
    member_path,
    new_member_body,
    read_member,
    read_moment,
    write_values,
)

_STATUS_MAY_BE_WHY = frozenset({Refusal.OTHER, Refusal.BAD_ADDRESS, Refusal.COMPLIANCE, Refusal.MERGE_FIELDS})

_UNSUBSCRIBED = "unsub"
_MOST = 1_000


class Singles:
    """Calls about one member of an audience.

    :param client: returns the client, made at first use.
    """

    def __init__(self, client: Callable[[], SafeClient]) -> None:
        self._client = client

    def member(self, list_id: str, member_id: str) -> Member | None:
        """Return a member in whatever status, None when there is none."""
        found = self._look_up(list_id, member_id, fields=MEMBER_FIELDS, doing="reading a member")
        return None if found is None else read_member(found)

    def address_of(self, list_id: str, member_id: str) -> str | None:
        """Return a member's address, None when there is none."""
        found = self._look_up(list_id, member_id, fields=("email_address",), doing="reading a member's address")
        return None if found is None else str(found.get("email_address") or "") or None

    def opted_out_at(self, list_id: str, member_id: str) -> datetime | None:
        """Return when a member last unsubscribed, None when its activity does not tell."""
        try:
            found = self._client().lists(
                "get_list_member_activity_feed",
                list_path(list_id),
                member_path(member_id),
                activity_filters=[_UNSUBSCRIBED],
                count=_MOST,
                fields=["activity.activity_type", "activity.created_at_timestamp"],
                doing="reading when a member unsubscribed",
                subject=Subject.MEMBER,
            )
        except RefusedError as refused:
            if refused.refusal == Refusal.NOT_FOUND:
                return None
            raise
        # The order is nowhere promised, and neither is that the filter is heeded.
        moments = (
            read_moment(each.get("created_at_timestamp"))
            for each in found.get("activity") or ()
            if each.get("activity_type") == _UNSUBSCRIBED
        )
        return max((each for each in moments if each is not None), default=None)

    def unsubscribe(self, list_id: str, member_id: str) -> Member:
        """Write the status ``unsubscribed`` and nothing else."""
        return self._patch(list_id, member_id, {"status": MemberStatus.UNSUBSCRIBED.value}, doing="unsubscribing")

    def write_merge_fields(self, list_id: str, member_id: str, values: Mapping[str, MergeValue]) -> Member:
        """Write merge fields and nothing else."""
        return self._patch(list_id, member_id, write_values(values), doing="writing merge fields of a member")

    def move(self, list_id: str, member_id: str, *, address: str, values: Mapping[str, MergeValue]) -> Member:
        """Change the address of a subscribed member, and merge fields with it."""
        client, body = self._client(), {"email_address": address, **write_values(values)}
        try:
            return self._patch(list_id, member_id, body, doing="moving a member to another address")
        except RefusedError as refused:
            error = refused
        if error.refusal == Refusal.NOT_FOUND and client.attempts > 1:
            now = self.member(list_id, subscriber_hash(address))
            if now is not None and carries(now, values):
                return now
        if error.refusal in _STATUS_MAY_BE_WHY:
            # Why a move was refused may be said in words alone, in the language of the account: so look.
            now = self.member(list_id, member_id)
            if now is not None and now.status is not MemberStatus.SUBSCRIBED:
                raise RefusedError(error.message, status=error.status, refusal=Refusal.NOT_SUBSCRIBED)
        raise error

    def return_member(self, list_id: str, member: NewMember) -> Member:
        """Bring an archived member back; one in any other status is refused, which PUT would not do."""
        client = self._client()
        try:
            return read_member(
                client.lists(
                    "add_list_member",
                    list_path(list_id),
                    new_member_body(member),
                    skip_merge_validation="true",
                    doing="bringing back a member",
                )
            )
        except RefusedError as refused:
            if refused.refusal != Refusal.EXISTS or client.attempts == 1:
                raise
            now = self.member(list_id, member.id)
            if now is None or now.status is not member.status or not carries(now, member.merge_fields):
                raise
            return now

    def archive(self, list_id: str, member_id: str) -> None:
        """Archive a member."""
        client = self._client()
        try:
            client.lists(
                "delete_list_member",
                list_path(list_id),
                member_path(member_id),
                doing="archiving a member",
                subject=Subject.MEMBER,
            )
        except RefusedError:
            # A first try may have had its effect, its answer lost: then the second one is refused.
            if client.attempts == 1:
                raise
            now = self.member(list_id, member_id)
            if now is None or now.status is not MemberStatus.ARCHIVED:
                raise

    def delete_for_good(self, list_id: str, member_id: str) -> bool:
        """Delete a member so that its address can never be imported again; False when there is none."""
        client = self._client()
        try:
            client.lists(
                "delete_list_member_permanent",
                list_path(list_id),
                member_path(member_id),
                doing="deleting a member for good",
                subject=Subject.MEMBER,
            )
        except RefusedError as error:
            if error.refusal != Refusal.NOT_FOUND:
                raise
            # A first try may have had its effect, its answer lost: then the second one finds nobody.
            return client.attempts > 1
        return True

    def remove_tags(self, list_id: str, member_id: str, names: Sequence[str]) -> None:
        """Take tags from a member, those that it has."""
        wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
        if not wanted:
            return
        # A body of any other shape is answered 204 as well, and does nothing; ``is_syncing`` keeps automations quiet.
        body = {"tags": [{"name": name, "status": "inactive"} for name in wanted], "is_syncing": True}
        self._client().lists(
            "update_list_member_tags",
            list_path(list_id),
            member_path(member_id),
            body,
            doing="taking tags from a member",
            subject=Subject.MEMBER,
        )

    def _look_up(self, list_id: str, member_id: str, *, fields: Sequence[str], doing: str) -> Json | None:
        try:
            return self._client().lists(
                "get_list_member",
                list_path(list_id),
                member_path(member_id),
                fields=list(fields),
                doing=doing,
                subject=Subject.MEMBER,
            )
        except RefusedError as refused:
            if refused.refusal == Refusal.NOT_FOUND:
                return None
            raise

    def _patch(self, list_id: str, member_id: str, body: dict[str, Any], *, doing: str) -> Member:
        return read_member(
            self._client().lists(
                "update_list_member",
                list_path(list_id),
                member_path(member_id),
                body,
                skip_merge_validation="true",
                doing=doing,
                subject=Subject.MEMBER,
            )
        )
