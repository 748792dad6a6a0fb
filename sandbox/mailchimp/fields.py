"""Routes of the merge fields."""

from __future__ import annotations

import re
from typing import Final

from sandbox.mailchimp import body, problem
from sandbox.mailchimp.call import Call
from sandbox.mailchimp.model import FieldType, MergeField
from sandbox.mailchimp.render import field_json, links

LONGEST_TAG: Final = 10
_RESERVED: Final = frozenset({"EMAIL", "INTERESTS", "UNSUB", "FORWARD", "REWARDS", "ARCHIVE", "USER_URL", "DATE"})
_KINDS: Final = {
    "tag": "string",
    "name": "string",
    "required": "boolean",
    "default_value": "string",
    "public": "boolean",
    "display_order": "integer",
    "options": "object",
    "help_text": "string",
}
_OPTIONS: Final[dict[FieldType, dict[str, object]]] = {
    FieldType.TEXT: {"size": 25},
    FieldType.ADDRESS: {"default_country": 164},
    FieldType.DATE: {"date_format": "MM/DD/YYYY"},
    FieldType.BIRTHDAY: {"date_format": "MM/DD"},
    # Not known for a field made by the API; the format that refuses most is the one worth meeting here.
    FieldType.PHONE: {"phone_format": "US"},
}
_OPTION_KINDS: Final = {
    "default_country": "integer",
    "phone_format": "string",
    "date_format": "string",
    "choices": "array",
    "size": "integer",
}


def list_fields(call: Call) -> dict[str, object]:
    """GET: in the order of the tags, ten unless asked for more."""
    audience, query = call.audience, call.query
    kind = query.choice("type", [kind.value for kind in FieldType])
    found = sorted(audience.fields.values(), key=lambda field: field.tag)
    if kind is not None:
        found = [field for field in found if field.type == kind]
    if query.text("required") is not None:
        found = [field for field in found if field.required is query.flag("required")]
    offset, count = query.page()
    answer = {
        "merge_fields": [field_json(audience, field) for field in found[offset : offset + count]],
        "list_id": audience.list_id,
        "total_items": len(found),
        "_links": links(f"/lists/{audience.list_id}/merge-fields", schema="Lists/MergeFields"),
    }
    return call.query.projection().applied_to(answer)


def get_field(call: Call) -> dict[str, object]:
    """GET one."""
    return call.query.projection().applied_to(field_json(call.audience, _find(call)))


def post_field(call: Call) -> dict[str, object]:
    """POST: make one. Its type is for ever."""
    audience, sent = call.audience, call.body()
    body.required(sent, ("name", "type"))
    errors = _checked(sent, {**_KINDS, "type": "string"})
    if not errors and sent["type"] not in list(FieldType):
        errors.append(("type", f"Value must be one of: {', '.join(FieldType)}"))
    if errors:
        raise problem.not_validated(*errors)
    tag = _tag(call, str(sent.get("tag", "")), own=None)
    limit = audience.settings["merge_field_limit"]
    if isinstance(limit, int) and len(audience.fields) >= limit:
        raise problem.invalid("Merge Max Limit Exceeded")
    kind = FieldType(str(sent["type"]))
    options = _OPTIONS.get(kind, {}) | _options(sent)
    if kind in {FieldType.RADIO, FieldType.DROPDOWN} and not options.get("choices"):
        raise problem.not_validated(("options.choices", "This value should not be blank."))
    field = audience.add_field(tag=tag, name=str(sent["name"]), type=kind, options=options)
    _put(field, sent)
    return field_json(audience, field)


def patch_field(call: Call) -> dict[str, object]:
    """PATCH: change one. The schema has no type here, and asks for the name."""
    field, sent = _find(call), call.body()
    body.required(sent, ("name",))
    if errors := _checked(sent, _KINDS):
        raise problem.not_validated(*errors)
    if "tag" in sent:
        field.tag = _tag(call, str(sent["tag"]), own=field) or field.tag
    field.options = field.options | _options(sent)
    _put(field, sent)
    return field_json(call.audience, field)


def delete_field(call: Call) -> None:
    """DELETE: the values of all members go with it."""
    call.audience.drop_field(_find(call))


def _find(call: Call) -> MergeField:
    key = call.ids[0]
    field = call.audience.fields.get(int(key)) if key.isascii() and key.isdigit() else None
    if field is None:
        raise problem.not_found()
    return field


def _checked(sent: dict[str, object], kinds: dict[str, str]) -> body.Errors:
    body.known_only(sent, kinds)
    errors: body.Errors = []
    for name, value in sent.items():
        body.expect(value, kinds[name], name, errors)
    options = sent.get("options", {})
    if isinstance(options, dict):
        for name, value in options.items():
            if name not in _OPTION_KINDS:
                errors.append((f"options.{name}", "The schema has no such field"))
            else:
                body.expect(value, _OPTION_KINDS[name], f"options.{name}", errors)
    if isinstance(sent.get("name"), str) and not str(sent["name"]).strip():
        errors.append(("name", "This value should not be blank."))
    return errors


def _options(sent: dict[str, object]) -> dict[str, object]:
    options = sent.get("options", {})
    return dict(options) if isinstance(options, dict) else {}


def _tag(call: Call, raw: str, *, own: MergeField | None) -> str:
    tag = raw.strip().upper()
    if len(tag) > LONGEST_TAG:
        if call.audience.switches["long_tag"] == "error":
            raise problem.not_validated((
                "tag",
                f"This value is too long. It should have {LONGEST_TAG} characters or less.",
            ))
        tag = tag[:LONGEST_TAG]
    if tag and not re.fullmatch(r"[A-Z0-9_]+", tag):
        raise problem.not_validated(("tag", "This value is not valid."))
    if tag in _RESERVED:
        raise problem.invalid(f'"{tag}" is a reserved merge tag.')
    there = call.audience.field_by_tag(tag)
    if there is not None and there is not own:
        raise problem.invalid(f'A Merge Field with the tag "{tag}" already exists for this list.')
    return tag


def _put(field: MergeField, sent: dict[str, object]) -> None:
    for name in ("name", "required", "default_value", "public", "display_order", "help_text"):
        if name in sent:
            setattr(field, name, sent[name])
