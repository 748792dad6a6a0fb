"""What happens in Mailchimp without the API: people, marketers, and the hands of a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from sandbox.mailchimp import account, activity, clock, figures, marketer, orders, seeding
from sandbox.mailchimp.address import subscriber_hash
from sandbox.mailchimp.audience import DEFAULT_SETTINGS, Audience
from sandbox.mailchimp.model import By, Status
from sandbox.mailchimp.orders import Arguments
from sandbox.mailchimp.projection import Projection
from sandbox.mailchimp.render import field_json, members_json
from sandbox.mailchimp.waiting import Waiting
from sandbox.wire import UnknownVerbError


class Control:
    """The control verbs of the Mailchimp stand-in. Each answers JSON; a mistake in one is a ValueError."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._waiting = Waiting(members=f"GET /lists/{audience.list_id}/members")
        self._verbs: dict[str, Callable[[Arguments], object]] = {
            "seed": lambda arguments: seeding.seed(audience, arguments),
            "seed_members": lambda arguments: seeding.seed(audience, arguments),
            "unsubscribe": self._unsubscribe,
            "clean": self._clean,
            "archive": self._archive,
            "forget": self._forget,
            "person_signs_up": self._person_signs_up,
            "person_changes_address": self._person_changes_address,
            "person_edits": self._person_edits,
            "mailchimp_figures": lambda arguments: figures.worked_out(audience, arguments),
            "marketer_tags": lambda arguments: marketer.tags(audience, arguments),
            "marketer_sets_interests": lambda arguments: marketer.interests(audience, arguments),
            "marketer_overwrites": lambda arguments: marketer.overwrites(audience, arguments),
            "marketer_copies": lambda arguments: marketer.copies(audience, arguments),
            "marketer_deletes_merge_field": lambda arguments: marketer.deletes_merge_field(audience, arguments),
            "marketer_deletes_audience": lambda arguments: account.audience_deleted(audience, arguments),
            "account": lambda arguments: account.account(audience, arguments),
            "after_requests": lambda arguments: self._waiting.add(arguments, verbs=self._verbs),
            "age_members": lambda arguments: seeding.age(audience, arguments),
            "many_lists": self._many_lists,
            "list_settings": self._list_settings,
            "switch": self._switch,
            "clock": self._clock,
            "dump": self._dump,
            "writes": self._writes,
        }

    def carry_out(self, verb: str, arguments: Arguments) -> object:
        """Carry out one verb."""
        action = self._verbs.get(verb)
        if action is None:
            raise UnknownVerbError(verb, [*self._verbs, "reset"])
        with self._audience.lock:
            self._audience.listings.clear()
            return action(arguments)

    def answered(self, call: str) -> None:
        """Carry out what waited for a call, given as ``METHOD path``."""
        self._waiting.answered(call, self.carry_out)

    def _unsubscribe(self, arguments: Arguments) -> object:
        orders.only(arguments, "email", "by", "reason")
        by = By(orders.text(arguments, "by", default="user"))
        member = orders.member(self._audience, arguments)
        before = member.status
        self._audience.set_status(member, Status.UNSUBSCRIBED)
        member.unsubscribed_by = by
        member.compliance = member.compliance or by is By.USER
        member.reason = orders.text(arguments, "reason") if "reason" in arguments else ""
        activity.record_opt_out(self._audience, member, by, reason=member.reason)
        return orders.done(self._audience, member, "unsubscribe", by, before)

    def _clean(self, arguments: Arguments) -> object:
        member = orders.member(self._audience, arguments)
        before = member.status
        self._audience.set_status(member, Status.CLEANED)
        member.compliance = True
        return orders.done(self._audience, member, "clean", By.ADMIN, before)

    def _archive(self, arguments: Arguments) -> object:
        member = orders.member(self._audience, arguments)
        before = member.status
        self._audience.set_status(member, Status.ARCHIVED)
        return orders.done(self._audience, member, "archive", By.ADMIN, before)

    def _forget(self, arguments: Arguments) -> object:
        member = orders.member(self._audience, arguments)
        before = member.status
        self._audience.forget(member)
        return orders.done(self._audience, member, "forget", By.ADMIN, before)

    def _person_signs_up(self, arguments: Arguments) -> object:
        audience, address = self._audience, orders.text(arguments, "email")
        member = audience.find(address)
        before = "absent" if member is None else member.status.value
        if member is None:
            member = audience.born(address, status=Status.SUBSCRIBED)
            audience.keep(member)
        audience.forgotten.pop(member.id, None)
        audience.set_status(member, Status.SUBSCRIBED)
        member.unsubscribed_by, member.reason, member.compliance = None, "", False
        member.timestamp_signup = member.timestamp_opt = audience.clock.now()
        member.ip_signup = member.ip_opt = "192.0.2.10"
        member.source = "Hosted Signup Form"
        return orders.done(self._audience, member, "sign_up", By.USER, before)

    def _person_changes_address(self, arguments: Arguments) -> object:
        member, new = orders.member(self._audience, arguments), orders.text(arguments, "new_email")
        there = self._audience.find(new)
        if there is not None and there is not member:
            message = "new_email is a member already"
            raise ValueError(message)
        self._audience.set_address(member, new)
        self._audience.forgotten.pop(member.id, None)
        return orders.done(self._audience, member, "change_address", By.USER, member.status, names=["email_address"])

    def _person_edits(self, arguments: Arguments) -> object:
        orders.only(arguments, "email", "merge_fields", "language")
        member = orders.member(self._audience, arguments)
        # One of the two is enough.
        said = {"merge_fields": {}, **arguments} if "language" in arguments else arguments
        values = orders.mapping(said, "merge_fields")
        names = [f"merge_fields.{tag}" for tag in values]
        seeding.put_values(self._audience, member, values)
        if "language" in arguments:
            member.language = orders.text(arguments, "language")
            names.append("language")
        return orders.done(self._audience, member, "edit", By.USER, member.status, names=names)

    def _many_lists(self, arguments: Arguments) -> object:
        hashed = subscriber_hash(orders.text(arguments, "email"))
        if arguments.get("on", True):
            self._audience.many_lists.add(hashed)
        else:
            self._audience.many_lists.discard(hashed)
        return {"id": hashed}

    def _list_settings(self, arguments: Arguments) -> object:
        unknown = sorted(set(arguments) - set(DEFAULT_SETTINGS))
        if unknown:
            message = f"no list setting {', '.join(unknown)}; there are {', '.join(DEFAULT_SETTINGS)}"
            raise ValueError(message)
        self._audience.settings.update(arguments)
        return dict(self._audience.settings)

    def _switch(self, arguments: Arguments) -> object:
        if arguments:
            self._audience.switches.turn(orders.text(arguments, "name"), arguments.get("value"))
        return self._audience.switches.positions()

    def _clock(self, arguments: Arguments) -> object:
        at = arguments.get("at")
        moment = None if at is None else clock.read(str(at))
        if at is not None and moment is None:
            message = "at is a moment such as 2026-11-23T08:15:00+00:00, or null"
            raise ValueError(message)
        self._audience.clock.stop(moment)
        return {"now": clock.written(self._audience.clock.now())}

    def _dump(self, _arguments: Arguments) -> object:
        audience = self._audience
        members = list(audience.members.values())
        rows = members_json(audience, members, Projection(without={"_links": {}}))
        for row, member in zip(rows, members, strict=True):
            row["unsubscribed_by"] = member.unsubscribed_by
            row["compliance"] = member.compliance
        segments = [
            {
                "id": segment.id,
                "name": segment.name,
                "members": sorted(audience.by_contact[contact].address for contact in segment.members),
            }
            for segment in audience.segments.values()
        ]
        return {
            "members": rows,
            "merge_fields": [field_json(audience, field) for field in audience.fields.values()],
            "segments": segments,
            "forgotten": sorted(audience.forgotten.values()),
        }

    def _writes(self, arguments: Arguments) -> object:
        since = orders.whole(arguments, "since", default=0)
        return {
            "writes": [asdict(write) for write in self._audience.writes[since:]],
            "total": len(self._audience.writes),
        }
