"""Which members stand for a row that has another address than they: AFAS moved it, or the subscriber did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.audience_index import STRICTNESS, AudienceIndex, KnownMember, row_name
from afas_mailchimp.member_key import address_digest
from afas_mailchimp.survey import Survey


def lowest(*statuses: MemberStatus) -> MemberStatus:
    """The status that allows least mail."""
    return min(statuses, key=lambda status: STRICTNESS[status])


def follows(member: KnownMember, at: str) -> bool:
    """Whether the subscriber changed the address: what we last put at the member is still what AFAS says.

    :param at: subscriber hash of the row's address in AFAS.
    """
    return member.id != at and member.base is not None and member.base.address == address_digest(at)


def left_by_us(member: KnownMember) -> bool:
    """Whether we archived this member and nobody touched it since: the only kind that may come back."""
    marked = member.key is not None and member.key.archived_from is not None
    return member.status == MemberStatus.ARCHIVED and marked and _untouched(member)


def archived_by_a_person(members: Iterable[KnownMember]) -> bool:
    """Whether a person took one of a row's members out: the row comes in nowhere else."""
    return any(member.status == MemberStatus.ARCHIVED and not left_by_us(member) for member in members)


def came_back_alone(member: KnownMember) -> bool:
    """Whether we archived this member and the person signed up again since: no longer ours to take out."""
    marked = member.key is not None and member.key.archived_from is not None
    return member.status != MemberStatus.ARCHIVED and marked and not _untouched(member)


def _untouched(member: KnownMember) -> bool:
    return member.base is not None and member.base.left_with == member.opted_in_at


@dataclass(frozen=True, slots=True)
class Standing:
    """Members by the rows that they stand for."""

    index: AudienceIndex
    survey: Survey

    def is_at(self, name: str, at: str) -> bool:
        """Whether the member at an address carries a row's key."""
        return any(member.id == at for member in self.index.holders(name))

    def is_newcomer(self, name: str, at: str) -> bool:
        """Whether a row has no member anywhere, and no other row has its address.

        :param at: its address, where nobody is.
        """
        return not self.index.is_held(name) and self.survey.stands_alone(name, at)

    def is_settled(self, name: str, member: KnownMember) -> bool:
        """Whether a row and a living member have each other and nobody else: no address moved, none is shared."""
        if member.status == MemberStatus.ARCHIVED or member.key is None or row_name(member.key) != name:
            return False
        mine = member.key.owner == self.index.owner and self.index.is_only_holder(name, member.id)
        return mine and self.survey.stands_alone(name, member.id)

    def left_with_opt_out(self) -> Iterator[str]:
        """Addresses to which rows moved whose member elsewhere has opted out."""
        for name, member_id, status in self.index.ours():
            if status == MemberStatus.UNSUBSCRIBED:
                at = self.survey.address_of(name)
                if at is not None and at != member_id:
                    yield at

    def followed(self, name: str, at: str) -> KnownMember | None:
        """The member that took a row's key along to an address of the subscriber's choice.

        :param at: the row's address in AFAS; a member there that has the row's key comes first.
        """
        holders = self.index.holders(name)
        if not holders or any(member.id == at for member in holders):
            return None
        # An archived one counts only while the row has no living member anywhere.
        living = [member for member in holders if member.status != MemberStatus.ARCHIVED]
        return next((member for member in living or holders if follows(member, at)), None)

    def is_claimed(self, at: str) -> bool:
        """Whether a row stands for whoever is at an address; not one whose subscriber went elsewhere."""
        claim = self.survey.claim(at)
        return claim is not None and self.followed(claim.winner, at) is None

    def former_of(self, name: str, at: str) -> list[KnownMember]:
        """Members that a row left behind at other addresses."""
        holders = self.index.holders(name)
        return [member for member in holders if member.id != at and not follows(member, at)] if holders else []

    def former(self, at: str) -> list[KnownMember]:
        """Members that rows now at one address left behind; not those of a row that has a living member here."""
        here = self.index.get(at)
        holder = row_name(here.key) if here and here.key and here.status != MemberStatus.ARCHIVED else None
        return [member for name in self.survey.names_at(at) if name != holder for member in self.former_of(name, at)]

    def owner_elsewhere(self, member: KnownMember) -> str | None:
        """Name of the member's own row, when that row takes part at another address now."""
        if member.key is None or member.key.owner != self.index.owner:
            return None
        name = row_name(member.key)
        at = self.survey.address_of(name)
        return name if at is not None and at != member.id else None

    def is_followed(self, member: KnownMember) -> bool:
        """Whether the member's own row still stands for it, at an address that the subscriber chose."""
        name = self.owner_elsewhere(member)
        return name is not None and follows(member, self.survey.address_of(name) or "")
