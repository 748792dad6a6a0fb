"""What may be asked of the erasure, and who it finds in an audience."""

from __future__ import annotations

import pytest

from afas_mailchimp.audience import Member, MemberStatus
from afas_mailchimp.erasure import Request, audiences, carries, choose, meant, read_request, spelling
from afas_mailchimp.sync_files import FoundFile, parse_sync

FILE = """
name: {name}
audience: {{list_id: {list_id}}}
consent: {{new_members: subscribed}}
sources:
  {source}: {{connector: Profit_Debtor_App, key: DebtorId, email: Email}}
"""
RIGHT = {"source": "debtors", "key": "10001"}
FOR_REAL = {**RIGHT, "dry_run": False, "confirm": "10001"}


def sync(name="customers", list_id="a1b2c3d4e5", source="debtors"):
    """A sync with one source."""
    return parse_sync(FILE.format(name=name, list_id=list_id, source=source), file=f"{name}.yaml")


def test_a_dry_run_is_the_default():
    """Nobody is erased by forgetting a parameter."""
    assert read_request(RIGHT) == (Request("debtors", "10001", dry_run=True), [])


def test_the_real_run_repeats_the_key():
    """Blanks around are forgiven, nothing else."""
    assert read_request({**FOR_REAL, "confirm": " 10001 "}) == (Request("debtors", "10001", dry_run=False), [])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param({**FOR_REAL, "confirm": ""}, "'confirm' must repeat the key", id="not confirmed"),
        pytest.param({**FOR_REAL, "confirm": "10002"}, "cannot be undone", id="confirmed another"),
        pytest.param({"key": "10001"}, "'source' is empty", id="no source"),
        pytest.param({"source": "debtors"}, "'key' is empty", id="no key"),
        pytest.param({**RIGHT, "dry_run": "no"}, "'dry_run' must be true or false", id="neither yes nor no"),
        pytest.param({**RIGHT, "kye": "1"}, "did you mean 'key'", id="misspelt"),
        pytest.param({**RIGHT, "key": "debtors:10001"}, "without colon", id="key with source"),
        pytest.param({**RIGHT, "key": "1" * 101}, "at most 100", id="endless"),
        pytest.param({**RIGHT, "key": "1\n2"}, "as AFAS writes it", id="two lines"),
    ],
)
def test_refused(given, sentence):
    """One sentence says what to do."""
    request, problems = read_request(given)

    assert request is None
    assert sentence in " ".join(problems)


@pytest.mark.parametrize("parameter", ["source", "key", "confirm", "sync"])
@pytest.mark.parametrize("typed", ["jan@korenaar.example", "jan%40korenaar.example"])
def test_an_address_is_refused_and_not_repeated(parameter, typed):
    """It says why, and that the run itself now holds it."""
    request, problems = read_request({**FOR_REAL, parameter: typed})

    assert request is None
    assert "stays in Airflow's database" in problems[0]
    assert "korenaar" not in " ".join(problems)


def test_every_audience_must_be_in_reach():
    """A file that cannot be read could hide an audience with the person in it."""
    found = [FoundFile("customers", sync(), None), FoundFile("bad", None, "a mistake")]

    assert choose(found, "debtors")[1] == [
        (
            "The sync file(s) of bad cannot be read, so their audiences are out of reach: mend them first. Nothing was "
            "erased."
        )
    ]


def test_an_unknown_source_lists_near_matches():
    """The name in the sync file, not the connector's."""
    _, problems = choose([FoundFile("customers", sync(), None)], "debitors")

    assert "did you mean 'debtors'" in problems[0]


def test_each_audience_once_and_those_with_the_key_last():
    """While a member with the key is left, a run that was killed finds its address again."""
    syncs = [sync("b", "bbbbb"), sync("a", "aaaaa", "contacts"), sync("c", "bbbbb", "contacts")]
    found = audiences(syncs, ["b"])

    assert [(each.list_id, each.syncs, each.owners) for each in found] == [
        ("aaaaa", ("a",), frozenset()),
        ("bbbbb", ("b", "c"), frozenset({"b"})),
    ]


@pytest.mark.parametrize(
    ("key", "is_hers"),
    [
        ("customers:debtors:10001", True),
        ("customers:debtors:10001+", True),
        ("customers:debtors:10001-s", True),
        ("customers:debtors:10001+-t", True),
        ("customers:debtors:010001", False),
        ("customers:contacts:10001", False),
        ("others:debtors:10001", False),
        ("10001", False),
        ("", False),
    ],
)
def test_who_carries_the_key(key, is_hers):
    """Adopted and archived members too; another owner's key is another row's."""
    member = Member("0" * 32, MemberStatus.ARCHIVED, {"AFASID": key})
    target = audiences([sync()], ["customers"])[0]

    assert carries(member, target, Request("debtors", "10001", dry_run=True)) == is_hers


HERE, THERE = ("https://12345.afas.example", "debtorid"), ("https://67890.afas.example", "debtorid")
BY_NUMBER = ("https://12345.afas.example", "bcco")


@pytest.mark.parametrize(
    ("places", "wanted", "names"),
    [
        pytest.param({"a": HERE}, "", ["a"], id="one sync"),
        pytest.param({"a": HERE, "b": HERE}, "", ["a", "b"], id="two of one AFAS"),
        pytest.param({"a": HERE, "b": HERE, "c": THERE}, "b", ["a", "b"], id="said which AFAS"),
        pytest.param({"a": HERE, "b": BY_NUMBER}, "b", ["b"], id="said which key column"),
    ],
)
def test_whose_key_it_is(places, wanted, names):
    """In one AFAS a key is one row, whatever sync reads it."""
    assert meant(places, wanted) == (names, [])


@pytest.mark.parametrize(
    ("places", "wanted", "sentence"),
    [
        pytest.param({"a": HERE, "b": THERE}, "", "different AFAS environments", id="two environments"),
        pytest.param({"a": HERE, "b": BY_NUMBER}, "", "different key columns", id="two key columns"),
        pytest.param({"a": HERE}, "c", "those are: a", id="no such sync"),
    ],
)
def test_a_key_of_two_people(places, wanted, sentence):
    """The same number is somebody else in another AFAS: a wrong guess could not be undone."""
    names, problems = meant(places, wanted)

    assert names == []
    assert sentence in " ".join(problems)


@pytest.mark.parametrize(
    ("key", "found", "said"),
    [
        pytest.param("D-0008", ["D-0008"], None, id="exact"),
        pytest.param("10001", [], None, id="row gone"),
        pytest.param("d-0008", ["D-0008"], "'D-0008'", id="capitals"),
        pytest.param("007", ["7"], "'7'", id="zeros before a number"),
    ],
)
def test_a_key_spelled_in_another_way(key, found, said):
    """A tombstone for another spelling would keep nobody out."""
    sentence = spelling(key, found)

    assert (sentence is None) == (said is None)
    assert said is None or said in str(sentence)
