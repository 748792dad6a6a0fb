"""What happens in Mailchimp without the API: people, marketers, and the hands of a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from sandbox.mailchimp import clock, seeding
from sandbox.mailchimp.address import subscriber_hash
from sandbox.mailchimp.audience import DEFAULT_SETTINGS, Audience
from sandbox.mailchimp.model import By, Member, Status
from sandbox.mailchimp.projection import Projection
from sandbox.mailchimp.render import field_json, members_json
from sandbox.wire import UnknownVerbError

Arguments = Mapping[str, object]


class Control:
    """The control verbs of the Mailchimp stand-in. Each answers JSON; a mistake in one is a ValueError."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
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
            "marketer_deletes_merge_field": self._marketer_deletes_merge_field,
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
            return action(arguments)

    def _unsubscribe(self, arguments: Arguments) -> object:
        by = By(_text(arguments, "by", default="user"))
        member = self._member(arguments)
        before = member.status
        self._audience.set_status(member, Status.UNSUBSCRIBED)
        member.unsubscribed_by = by
        member.compliance = member.compliance or by is By.USER
        return self._done(member, "unsubscribe", by, before)

    def _clean(self, arguments: Arguments) -> object:
        member = self._member(arguments)
        before = member.status
        self._audience.set_status(member, Status.CLEANED)
        member.compliance = True
        return self._done(member, "clean", By.ADMIN, before)

    def _archive(self, arguments: Arguments) -> object:
        member = self._member(arguments)
        before = member.status
        self._audience.set_status(member, Status.ARCHIVED)
        return self._done(member, "archive", By.ADMIN, before)

    def _forget(self, arguments: Arguments) -> object:
        member = self._member(arguments)
        before = member.status
        self._audience.forget(member)
        return self._done(member, "forget", By.ADMIN, before)

    def _person_signs_up(self, arguments: Arguments) -> object:
        audience, address = self._audience, _text(arguments, "email")
        member = audience.find(address)
        before = "absent" if member is None else member.status.value
        if member is None:
            member = audience.born(address, status=Status.SUBSCRIBED)
            audience.keep(member)
        audience.forgotten.pop(member.id, None)
        audience.set_status(member, Status.SUBSCRIBED)
        member.unsubscribed_by, member.compliance = None, False
        member.timestamp_signup = member.timestamp_opt = audience.clock.now()
        member.ip_signup = member.ip_opt = "192.0.2.10"
        member.source = "Hosted Signup Form"
        return self._done(member, "sign_up", By.USER, before)

    def _person_changes_address(self, arguments: Arguments) -> object:
        member, new = self._member(arguments), _text(arguments, "new_email")
        there = self._audience.find(new)
        if there is not None and there is not member:
            message = "new_email is a member already"
            raise ValueError(message)
        self._audience.set_address(member, new)
        return self._done(member, "change_address", By.USER, member.status, names=["email_address"])

    def _person_edits(self, arguments: Arguments) -> object:
        member, values = self._member(arguments), arguments.get("merge_fields")
        if not isinstance(values, Mapping):
            message = "merge_fields is an object of tags and values"
            raise ValueError(message)  # noqa: TRY004 - every mistake of a caller is one kind
        seeding.put_values(self._audience, member, values)
        return self._done(member, "edit", By.USER, member.status, names=[f"merge_fields.{tag}" for tag in values])

    def _marketer_deletes_merge_field(self, arguments: Arguments) -> object:
        tag = _text(arguments, "tag")
        field = self._audience.field_by_tag(tag)
        if field is None:
            message = f"no merge field {tag!r}"
            raise ValueError(message)
        self._audience.drop_field(field)
        return {"tag": tag}

    def _many_lists(self, arguments: Arguments) -> object:
        hashed = subscriber_hash(_text(arguments, "email"))
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
            self._audience.switches.turn(_text(arguments, "name"), arguments.get("value"))
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
        since = arguments.get("since", 0)
        if not isinstance(since, int):
            message = "since is how many writes to leave out"
            raise ValueError(message)  # noqa: TRY004 - every mistake of a caller is one kind
        return {
            "writes": [asdict(write) for write in self._audience.writes[since:]],
            "total": len(self._audience.writes),
        }

    def _member(self, arguments: Arguments) -> Member:
        member = self._audience.find(_text(arguments, "email"))
        if member is None:
            message = "email is not a member"
            raise ValueError(message)
        return member

    def _done(self, member: Member, kind: str, by: By, before: str, *, names: list[str] | None = None) -> object:
        self._audience.changed(member, kind=kind, by=by, before=before, names=names or ["status"])
        return {"id": member.id, "status": member.status.value}


def _text(arguments: Arguments, name: str, *, default: str = "") -> str:
    value = arguments.get(name, default)
    if not isinstance(value, str) or not value:
        message = f"{name} is missing, or not a text"
        raise ValueError(message)
    return value
