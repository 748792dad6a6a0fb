"""What people and marketers do in Mailchimp in a history. The oracle is told; it never asks the product."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from pendulum import DateTime

from sandbox.mailchimp.model import Member
from tests.integration.importing.history_oracle import MAILABLE, Oracle
from tests.integration.importing.history_rows import NAMES, PEOPLE
from tests.integration.importing.history_world import HistoryWorld
from tests.integration.importing.world import member_id

PERSON = st.sampled_from(PEOPLE)
FOREIGN = ("subscribed", "subscribed", "unsubscribed", "cleaned", "transactional", "archived")
FOREIGN_KEYS = ("", "", "", "other:debtors:10001", "wat is dit")
LOWERING = ("unsubscribe", "unsubscribe_admin", "unsubscribe_api", "clean", "archive", "forget")


class MailchimpActions(RuleBasedStateMachine):
    """Members opt out, bounce, sign up, move, are archived, erased and added."""

    world: HistoryWorld
    oracle: Oracle
    dated: bool
    braked: DateTime | None
    """Since when Mailchimp may have refused somebody who would be welcome later."""

    def member(self, address: str) -> Member | None:
        """Whoever has an address, in any status."""
        return self.world.mailchimp.service._audience.members.get(member_id(address))

    def lower(self, address: str, what: str) -> None:
        """Take somebody out of the mail, in one of the ways there are."""
        member = self.member(address)
        verb, _, by = what.partition("_")
        if member is None or (member.status == "archived" and (self.dated or verb in {"archive", "clean"})):
            return
        if verb == "unsubscribe" and member.status not in {*MAILABLE, "archived"}:
            return
        if verb == "archive" and "-" in self.key_of(member):
            # Nobody can tell this from our own archiving that was cut off behind the mark.
            return
        self.world.mailchimp.call(verb, email=address, **({"by": by} if by else {}))
        self.oracle.refuses(address, what)

    def sign_up(self, address: str) -> None:
        """Sign up with the form of the audience."""
        self.world.mailchimp.call("person_signs_up", email=address)
        self.oracle.signs_up(address)

    def key_of(self, member: Member) -> str:
        """What a member's key field holds."""
        field = self.world.mailchimp.service._audience.field_by_tag("AFASID")
        return str(member.values.get(field.merge_id, "")) if field else ""

    @rule(address=PERSON, what=st.sampled_from(LOWERING))
    def opts_out(self, address: str, what: str):
        """A person opts out or bounces, a marketer archives or erases somebody."""
        if not (self.dated and what == "forget"):
            self.lower(address, what)

    @precondition(lambda self: not self.dated)
    @rule(address=PERSON)
    def signs_up(self, address: str):
        """A person signs up, also who opted out before."""
        self.sign_up(address)

    @precondition(lambda self: not self.dated)
    @rule(address=PERSON, new=PERSON)
    def changes_address(self, address: str, new: str):
        """A subscriber changes the address in Mailchimp."""
        member, there = self.member(address), self.member(new)
        forgotten = member_id(new) in self.world.mailchimp.service._audience.forgotten
        if member and member.status == "subscribed" and not there and not forgotten:
            self.oracle.wanders(member.contact_id)
            self.world.mailchimp.call("person_changes_address", email=address, new_email=new)

    @precondition(lambda self: not self.dated)
    @rule(address=PERSON, tag=st.sampled_from(["FNAME", "COMPANY", "PHONE", "BIRTHDAY"]), name=st.sampled_from(NAMES))
    def edits(self, address: str, tag: str, name: str | None):
        """A person edits a field of the profile."""
        if self.member(address) and self.world.mailchimp.service._audience.field_by_tag(tag):
            value = {"PHONE": "+31201234567", "BIRTHDAY": "07/14"}.get(tag, name or "")
            self.world.mailchimp.call("person_edits", email=address, merge_fields={tag: value})

    @precondition(lambda self: not self.dated)
    @rule(address=PERSON, status=st.sampled_from(FOREIGN), key=st.sampled_from(FOREIGN_KEYS))
    def foreign(self, address: str, status: str, key: str):
        """A marketer adds somebody, perhaps with another sync's key or a text of their own in our field."""
        audience = self.world.mailchimp.service._audience
        if self.member(address) or member_id(address) in audience.forgotten:
            return
        fields = {"FNAME": "Klaas", "BIRTHDAY": "12/31"}
        if key and audience.field_by_tag("AFASID"):
            fields["AFASID"] = key
        row = {"email_address": address, "status": status, "merge_fields": fields, "tags": ["vriend"]}
        self.world.mailchimp.call("seed_members", members=[row])
        self.oracle.signs_up(address)
        if status in {"unsubscribed", "cleaned", "archived"}:
            self.oracle.refuses(address, f"added as {status}")

    @rule(address=PERSON, what=st.sampled_from(["debiteur", "vip", "brake"]), on=st.booleans())
    def meddles(self, address: str, what: str, on: bool):
        """A marketer sets or removes a tag, also ours; or Mailchimp takes no sign-up of an address for a while."""
        audience, member = self.world.mailchimp.service._audience, self.member(address)
        if what == "brake":
            self.brake(address, on=on)
        elif member:
            segment = audience.segment_named(what) or audience.add_segment(what)
            (audience.tag if on else audience.untag)(member, segment)

    def brake(self, address: str, *, on: bool) -> None:
        """Let Mailchimp say that somebody signed up to a lot of lists."""
        self.world.mailchimp.call("many_lists", email=address, on=on)
        if on and self.braked is None:
            self.braked = self.world.now
