"""Merge fields: pages of ten, limits, what can be changed and what cannot."""

from __future__ import annotations

import pytest
from mailchimp_marketing.api_client import ApiClientError

from tests.sandbox.mailchimp.conftest import LIST, World, problem


def test_default_fields_in_the_order_of_their_tags(world: World) -> None:
    """An audience is born with five fields, listed alphabetically."""
    answer = world.lists.get_list_merge_fields(LIST)
    by_tag = {field["tag"]: field for field in answer["merge_fields"]}

    assert list(by_tag) == ["ADDRESS", "BIRTHDAY", "FNAME", "LNAME", "PHONE"]
    assert by_tag["PHONE"]["options"] == {"phone_format": "none"}
    assert by_tag["ADDRESS"]["options"] == {"default_country": 164}
    assert answer["total_items"] == 5


def test_ten_a_page_unless_asked(world: World) -> None:
    """Without ``count`` an audience of more than ten fields is cut in silence."""
    for number in range(8):
        world.field(f"VELD{number}", "text")
    short = world.lists.get_list_merge_fields(LIST)
    rest = world.lists.get_list_merge_fields(LIST, offset=10, count=1000)

    assert (len(short["merge_fields"]), short["total_items"], len(rest["merge_fields"])) == (10, 13, 3)


def test_filters(world: World) -> None:
    """Fields can be asked for by type and by being required."""
    world.field("KLANTNR", "text", required=True)
    by_type = world.lists.get_list_merge_fields(LIST, type="phone", fields=["merge_fields.tag"])
    required = world.lists.get_list_merge_fields(LIST, required="true", fields=["merge_fields.tag"])

    assert by_type == {"merge_fields": [{"tag": "PHONE"}]}
    assert required == {"merge_fields": [{"tag": "KLANTNR"}]}


def test_made_field(world: World) -> None:
    """A tag goes to upper case, and everything sent is read back."""
    made = world.field("afasid", "text", public=False, required=False, help_text="Niet wijzigen")
    read = world.lists.get_list_merge_field(LIST, made["merge_id"])

    assert (made["tag"], made["merge_id"]) == ("AFASID", 6)
    assert (read["public"], read["required"], read["help_text"], read["options"]) == (
        False,
        False,
        "Niet wijzigen",
        {"size": 25},
    )


def test_field_without_a_tag_gets_one(world: World) -> None:
    """The vendor makes a tag of the number."""
    made = world.lists.add_list_merge_field(LIST, {"name": "Klantnummer", "type": "text"})

    assert made["tag"] == "MMERGE6"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        pytest.param(
            {"tag": "fname", "name": "x", "type": "text"},
            'A Merge Field with the tag "FNAME" already exists for this list.',
            id="duplicate",
        ),
        pytest.param({"tag": "ELFTEKENS11", "name": "x", "type": "text"}, "validated", id="eleven characters"),
        pytest.param({"tag": "A-B", "name": "x", "type": "text"}, "validated", id="sign in the tag"),
        pytest.param({"tag": "EMAIL", "name": "x", "type": "text"}, "reserved", id="reserved"),
        pytest.param({"tag": "A", "type": "text"}, "validated", id="no name"),
        pytest.param({"tag": "A", "name": "x"}, "validated", id="no type"),
        pytest.param({"tag": "A", "name": "x", "type": "boolean"}, "validated", id="unknown type"),
        pytest.param({"tag": "A", "name": "x", "type": "radio"}, "validated", id="no choices"),
        pytest.param({"tag": "A", "name": "x", "type": "text", "public": "nee"}, "validated", id="wrong kind"),
    ],
)
def test_fields_that_are_refused(world: World, body: dict[str, object], detail: str) -> None:
    """What a field cannot be is refused."""
    with pytest.raises(ApiClientError) as refused:
        world.lists.add_list_merge_field(LIST, body)

    assert refused.value.status_code == 400
    assert detail in problem(refused)["detail"]
    assert world.lists.get_list_merge_fields(LIST)["total_items"] == 5


def test_long_tag_is_cut_by_switch(world: World) -> None:
    """The other possibility: a long tag is cut, so it must be read back."""
    world.switch("long_tag", "cut")

    assert world.field("ELFTEKENS11", "text")["tag"] == "ELFTEKENS1"


def test_thirty_fields_are_the_most(world: World) -> None:
    """The 31st field is refused."""
    for number in range(25):
        world.field(f"VELD{number}", "text")
    with pytest.raises(ApiClientError) as refused:
        world.field("TEVEEL", "text")

    assert problem(refused)["detail"] == "Merge Max Limit Exceeded"


def test_patch_changes_all_but_the_type(world: World) -> None:
    """PATCH needs the name, knows no type, and keeps values under a new tag."""
    world.post("jan@bakkerij-de-korenaar.example", merge_fields={"FNAME": "Jan"})
    first = world.lists.get_list_merge_fields(LIST, fields=["merge_fields"])["merge_fields"][2]
    for body in ({"tag": "VOORNAAM"}, {"name": "Voornaam", "type": "number"}):
        with pytest.raises(ApiClientError):
            world.lists.update_list_merge_field(LIST, first["merge_id"], body)
    changed = world.lists.update_list_merge_field(LIST, first["merge_id"], {"name": "Voornaam", "tag": "voornaam"})

    assert (changed["tag"], changed["name"], changed["merge_id"]) == ("VOORNAAM", "Voornaam", first["merge_id"])
    assert world.get("jan@bakkerij-de-korenaar.example")["merge_fields"]["VOORNAAM"] == "Jan"


def test_deleted_field_takes_its_values(world: World) -> None:
    """A field made again under the same tag is empty, and has another number."""
    made = world.field("AFASID", "text")
    world.post("jan@bakkerij-de-korenaar.example", merge_fields={"AFASID": "customers:debtors:10001"})
    assert world.lists.delete_list_merge_field(LIST, made["merge_id"]).status_code == 204
    again = world.field("AFASID", "text")

    assert again["merge_id"] != made["merge_id"]
    assert world.get("jan@bakkerij-de-korenaar.example")["merge_fields"]["AFASID"] == ""
    with pytest.raises(ApiClientError) as refused:
        world.lists.get_list_merge_field(LIST, made["merge_id"])
    assert refused.value.status_code == 404


def test_phone_field_made_by_the_api_is_american(world: World) -> None:
    """Without options a phone field takes US numbers alone: the case that refuses most."""
    assert world.field("TEL", "phone")["options"] == {"phone_format": "US"}
    assert world.field("MOBIEL", "phone", options={"phone_format": "none"})["options"] == {"phone_format": "none"}
