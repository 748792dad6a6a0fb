"""One member: create, upsert, change, archive, forget, change of address."""

from __future__ import annotations

import pytest
from mailchimp_marketing.api_client import ApiClientError

from tests.sandbox.mailchimp.conftest import LIST, World, problem

JAN = "jan@bakkerij-de-korenaar.example"
PIET = "piet@slagerij-piet.example"
NEW = "jan.nieuw@bakkerij-de-korenaar.example"


def test_post_creates_and_the_member_is_there_at_once(world: World) -> None:
    """A created member is found by hash, by address and by contact id."""
    made = world.post("Jan@Bakkerij-De-Korenaar.example", merge_fields={"FNAME": "Jan", "LNAME": "de Boer"})

    assert made["id"] == world.hash(JAN)
    assert (made["email_address"], made["full_name"]) == ("Jan@Bakkerij-De-Korenaar.example", "Jan de Boer")
    assert made["merge_fields"] == {"FNAME": "Jan", "LNAME": "de Boer", "ADDRESS": "", "PHONE": "", "BIRTHDAY": ""}
    for key in (made["id"], made["contact_id"], JAN):
        assert world.lists.get_list_member(LIST, key)["id"] == made["id"]


def test_missing_values_are_empty_texts(world: World) -> None:
    """Nothing is null: what is missing is an empty text."""
    made = world.post(JAN)

    assert None not in made.values()
    assert (made["timestamp_signup"], made["language"], made["ip_opt"]) == ("", "", "")
    assert "unsubscribe_reason" not in made
    assert "interests" not in made


def test_post_of_who_is_there(world: World) -> None:
    """POST of an existing address is refused, in a document without ``type``."""
    world.post(JAN)
    with pytest.raises(ApiClientError) as refused:
        world.post(JAN.upper())

    document = problem(refused)
    assert (document["title"], document["status"], "type" in document) == ("Member Exists", 400, False)
    assert document["detail"] == f"{JAN} is already a list member. Use PUT to insert or update list members."


def test_put_creates_with_status_if_new_and_never_changes_a_status_by_it(world: World) -> None:
    """``status_if_new`` counts for new members alone."""
    made = world.put(JAN, email_address=JAN, status_if_new="unsubscribed")
    again = world.put(JAN, email_address=JAN, status_if_new="subscribed")

    assert (made["status"], again["status"]) == ("unsubscribed", "unsubscribed")


def test_put_is_laxer_than_its_schema(world: World) -> None:
    """PUT with only a status works on who is there; with status and no status_if_new it creates."""
    made = world.put(JAN, email_address=JAN, status="subscribed")
    lowered = world.put(JAN, status="unsubscribed")

    assert (made["status"], lowered["status"]) == ("subscribed", "unsubscribed")


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        pytest.param({"status": "subscribed"}, "email_address", id="no address"),
        pytest.param({"email_address": JAN}, "status_if_new", id="no status"),
    ],
)
def test_put_of_nobody_needs_address_and_status(world: World, body: dict[str, str], missing: str) -> None:
    """An unknown hash cannot be created from nothing."""
    with pytest.raises(ApiClientError) as refused:
        world.put(JAN, **body)

    assert problem(refused)["errors"] == [{"field": "", "message": f"Required fields were not provided: {missing}"}]


def test_put_at_an_unknown_hash_creates_the_address_of_the_body(world: World) -> None:
    """The body's address counts, not the path."""
    made = world.put(PIET, email_address=JAN, status_if_new="subscribed")

    assert made["id"] == world.hash(JAN)


def test_put_at_an_unknown_hash_with_a_known_address(world: World) -> None:
    """PUT can answer Member Exists."""
    world.seed(JAN)
    with pytest.raises(ApiClientError) as refused:
        world.put(PIET, email_address=JAN, status_if_new="subscribed")

    assert problem(refused)["title"] == "Member Exists"


def test_patch_of_nobody(world: World) -> None:
    """PATCH creates nobody."""
    with pytest.raises(ApiClientError) as refused:
        world.patch(JAN, status="subscribed")

    assert refused.value.status_code == 404


def test_tags_are_for_post_alone(world: World) -> None:
    """POST takes tags; PUT has no such key."""
    made = world.post(JAN, tags=["debiteur"])
    with pytest.raises(ApiClientError) as refused:
        world.put(JAN, tags=["contact"])

    assert [tag["name"] for tag in made["tags"]] == ["debiteur"]
    assert problem(refused)["errors"][0]["field"] == "tags"


def test_archive_keeps_everything_and_hides_from_the_list(world: World) -> None:
    """DELETE archives: a single look-up still shows all, the list only when asked."""
    world.post(JAN, merge_fields={"FNAME": "Jan"}, tags=["debiteur"])
    answer = world.lists.delete_list_member(LIST, world.hash(JAN))
    member = world.get(JAN)

    assert answer.status_code == 204
    assert (member["status"], member["merge_fields"]["FNAME"], member["tags_count"]) == ("archived", "Jan", 1)
    assert world.lists.get_list_members_info(LIST)["total_items"] == 0
    assert world.lists.get_list_members_info(LIST, status="archived")["total_items"] == 1
    world.switch("archived_in_list", value=True)
    assert world.lists.get_list_members_info(LIST)["total_items"] == 1


@pytest.mark.parametrize("status", ["cleaned", "pending", "archived"])
def test_some_cannot_be_archived(world: World, status: str) -> None:
    """Bounced, pending and archived members cannot be archived."""
    world.seed(JAN, status=status)
    with pytest.raises(ApiClientError) as refused:
        world.lists.delete_list_member(LIST, world.hash(JAN))

    assert (refused.value.status_code, problem(refused)["title"]) == (405, "Method Not Allowed")


def test_post_of_an_archived_address_resurrects(world: World) -> None:
    """The archived member comes back: opted in anew, earlier values kept, sent ones overwritten."""
    world.at("2026-01-01T10:00:00+00:00")
    world.post(JAN, merge_fields={"FNAME": "Jan", "LNAME": "Bakker"})
    contact = world.get(JAN)["contact_id"]
    world.lists.delete_list_member(LIST, world.hash(JAN))
    world.at("2026-02-01T10:00:00+00:00")
    back = world.post(JAN, merge_fields={"LNAME": "Smit"})

    assert (back["status"], back["contact_id"]) == ("subscribed", contact)
    assert back["timestamp_opt"] == "2026-02-01T10:00:00+00:00"
    assert (back["merge_fields"]["FNAME"], back["merge_fields"]["LNAME"]) == ("Jan", "Smit")


def test_a_sent_opt_in_time_is_kept(world: World) -> None:
    """``timestamp_opt`` of the body wins over the moment of the write."""
    made = world.post(JAN, timestamp_opt="2019-05-01T12:00:00Z")

    assert made["timestamp_opt"] == "2019-05-01T12:00:00+00:00"


def test_deleted_for_good_cannot_come_back(world: World) -> None:
    """A forgotten address is refused by every route, also as pending; the person can sign up again."""
    world.seed(JAN)
    assert world.lists.delete_list_member_permanent(LIST, world.hash(JAN)).status_code == 204
    for attempt in (world.post, world.put):
        for status in ("subscribed", "pending"):
            with pytest.raises(ApiClientError) as refused:
                attempt(JAN, **({"email_address": JAN} if attempt == world.put else {}), status=status)
            assert problem(refused)["title"] == "Forgotten Email Not Subscribed"
            assert "type" not in problem(refused)
    assert world.batch({"email_address": JAN, "status": "subscribed"})["errors"][0]["error"].startswith(
        f"{JAN} was permanently deleted"
    )
    world.control("person_signs_up", email=JAN)

    assert world.get(JAN)["status"] == "subscribed"


def test_change_of_address_keeps_the_contact(world: World) -> None:
    """A new address means a new hash and e-mail id, and the same contact with all its data."""
    before = world.post(JAN, merge_fields={"FNAME": "Jan"}, tags=["debiteur"])
    after = world.patch(JAN, email_address=NEW)

    assert after["id"] == world.hash(NEW)
    assert after["unique_email_id"] != before["unique_email_id"]
    for name in ("contact_id", "web_id", "tags", "merge_fields", "timestamp_opt", "status"):
        assert after[name] == before[name]
    assert world.http("GET", f"/lists/{LIST}/members/{world.hash(JAN)}").status_code == 404


@pytest.mark.parametrize("status", ["unsubscribed", "cleaned", "pending", "transactional"])
def test_only_a_subscribed_address_can_be_changed(world: World, status: str) -> None:
    """The refusal names the status, and a field with a blank in its name."""
    world.seed(JAN, status=status)
    with pytest.raises(ApiClientError) as refused:
        world.patch(JAN, email_address=NEW)

    error = problem(refused)["errors"][0]
    assert error["field"] == "email address"
    assert error["message"].startswith(f'This member\'s status is "{status}." You can only update')


def test_change_to_a_taken_address(world: World) -> None:
    """The address of another member is refused as Member Exists, by PUT and PATCH."""
    world.seed(JAN)
    world.seed(PIET)
    for attempt in (world.put, world.patch):
        with pytest.raises(ApiClientError) as refused:
            attempt(JAN, email_address=PIET)
        assert problem(refused)["title"] == "Member Exists"


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        pytest.param("foo@example.com", "foo@example.com looks fake or invalid", id="example.com"),
        pytest.param("foo@Test.com", "foo@Test.com looks fake or invalid", id="test.com"),
        pytest.param("geen-adres", "Please provide a valid email address.", id="no at"),
        pytest.param("jan@@korenaar.example", "Please provide a valid email address.", id="two ats"),
        pytest.param("jan@korenaar", "Please provide a valid email address.", id="no dot"),
        pytest.param("a@x.example; b@x.example", "Please provide a valid email address.", id="two addresses"),
    ],
)
def test_addresses_that_are_refused(world: World, address: str, detail: str) -> None:
    """The detail of a refused address is the vendor's."""
    with pytest.raises(ApiClientError) as refused:
        world.post(address)

    document = problem(refused)
    assert document["title"] == "Invalid Resource"
    assert document["detail"].startswith(detail)


def test_blank_address(world: World) -> None:
    """An empty address fails the schema."""
    with pytest.raises(ApiClientError) as refused:
        world.post(" ")

    assert problem(refused)["errors"] == [{"field": "email_address", "message": "This value should not be blank."}]


def test_other_example_domains_are_real(world: World) -> None:
    """Only the known fake domains look fake; blanks round an address are cut."""
    assert world.post(f"  {JAN} ")["email_address"] == JAN


def test_many_lists_brake(world: World) -> None:
    """The brake stops sign-ups of an address until it is released."""
    world.control("many_lists", email=JAN)
    with pytest.raises(ApiClientError) as refused:
        world.post(JAN)
    world.control("many_lists", email=JAN, on=False)

    assert "has signed up to a lot of lists very recently" in problem(refused)["detail"]
    assert world.post(JAN)["status"] == "subscribed"


def test_role_addresses_are_refused_on_import_only(world: World) -> None:
    """With the switch on, a batch refuses a role address that a single write takes."""
    role = "noreply@bakkerij-de-korenaar.example"
    world.switch("role_addresses", value=True)

    assert world.batch({"email_address": role, "status": "subscribed"})["error_count"] == 1
    assert world.post(role)["status"] == "subscribed"
