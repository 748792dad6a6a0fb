"""What happens for one row: the value that decisions make and writes carry out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from afas_mailchimp.audience import MemberStatus, MergeValue
from afas_mailchimp.member_key import Base
from afas_mailchimp.outcomes import Notice, Outcome, Reason
from afas_mailchimp.values import Value


class Decision(Value, frozen=True, gc=False):
    """What happens for one row. At most one of ``create``, ``move_from``, ``returns`` is set; they exclude ``update``.

    :param outcome: how the row ends when every write succeeds.
    :param create: status for the new member.
    :param opted_in_at: opt-in time to create or return it with, None for now.
    :param move_from: id of the member whose address becomes the row's.
    :param returns: status to which a member that we archived comes back.
    :param update: merge values to write to the member.
    :param member_id: the member that is written when it is not the one at the row's address.
    :param opt_out: members to lower to unsubscribed.
    :param inherits: the opt-out comes along from a former address, and is made before anything else of this row.
    :param takes_over_from: name of the row that had this member, and that comes in elsewhere first.
    :param leaves_behind: members that rows with this address have at former ones.
    :param set_tags: the source's tags are set once, on entry.
    :param drop_tags: tags of the source that the member leaves.
    :param overwrites: merge tags whose present value is replaced.
    :param known_status: status of the member before the write.
    :param known_opt_in: its opt-in time before the write.
    :param base: the member's base field once the write is done.
    """

    hidden: ClassVar[frozenset[str]] = frozenset({"move_from", "update", "member_id", "opt_out", "leaves_behind"})

    outcome: Outcome
    reason: Reason | None = None
    create: MemberStatus | None = None
    opted_in_at: datetime | None = None
    move_from: str | None = None
    returns: MemberStatus | None = None
    update: Mapping[str, MergeValue] = {}
    member_id: str | None = None
    opt_out: tuple[str, ...] = ()
    inherits: bool = False
    takes_over_from: str | None = None
    leaves_behind: tuple[str, ...] = ()
    set_tags: bool = False
    drop_tags: tuple[str, ...] = ()
    adopts: bool = False
    overwrites: tuple[str, ...] = ()
    known_status: MemberStatus | None = None
    known_opt_in: datetime | None = None
    base: Base | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether anything but an opt-out is written."""
        return bool(self.create or self.move_from or self.returns or self.update or self.set_tags)
