"""The record of processing says what the sync file makes happen, and shows where a person must still write."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
import yaml

from afas_mailchimp import processing_terms, processing_words
from afas_mailchimp.minimisation import uses_of
from afas_mailchimp.processing_record import Language, record_text
from afas_mailchimp.processing_words import DANGERS, KINDS, NEW_MEMBERS_ARE, Text
from afas_mailchimp.sensitive_words import Danger
from afas_mailchimp.settings import FieldKind, SyncFile
from tests.domain.register_page import PAGES, SYNC, example, token_view
from tests.domain.samples import sync_of

FULL: dict[str, Any] = {
    "name": "customers",
    "schedule": "*/15 * * * *",
    "timezone": "Europe/Amsterdam",
    "afas": {"connection": "afas_default"},
    "audience": {
        "connection": "mailchimp_default",
        "list_id": "a1b2c3d4e5",
        "key_field": "AFASID",
        "base_field": "AFASSUM",
        "owner": "bakkerij",
        "create_merge_fields": True,
        "adopt": True,
    },
    "full_reload_every": "24h",
    "consent": {"new_members": "subscribed", "basis": "existing customers", "every": "1h"},
    "archive_removed": True,
    "limits": {"max_archive_percent": 5, "max_unsubscribed_percent": 6, "max_created": 70, "max_write_back": 80},
    "sources": {
        "debtors": {
            "connector": "Profit_Debtor_App_Extra",
            "key": "DebtorId",
            "modified": ["DateModified"],
            "email": "Email",
            "filter": {"Blocked": [False]},
            "consent_field": {"field": "Nieuwsbrief", "yes": [True], "no": [False], "sweep": True},
            "tags": ["debiteur"],
            "merge_fields": {
                "COMPANY": "DebtorName",
                "GROUP": {"choice": "Klantgroep", "choices": ["Horeca"], "only_when_empty": True},
                "ADDRESS": {"address": ["AddressLine1", "AddressLine3"]},
            },
            "delivery_address": {
                "connector": "Profit_Deliveryaddress",
                "match": "DebiteurID",
                "address": ["A_Straat", "A_Huisnummer", "A_Toev_Huisnr.", "A_Postcode", "A_Woonplaats", "A_Land"],
                "modified": ["Gewijzigd_op"],
                "id": "Adres_ID",
                "prefer": {"field": "Adrestype_code_2", "values": ["AFL"]},
            },
        }
    },
    "write_back": {
        "debtors": {
            "type": "Type",
            "organisation": {"update": "KnOrganisation", "key": "BcCo", "types": ["ORG"]},
            "fields": {
                "status": {
                    "to": "Vrij veld",
                    "current": "Veld",
                    "values": {"unsubscribed": False, "subscribed": True},
                    "person_may_return": True,
                    "may_clear": False,
                }
            },
        }
    },
    "retention": {"days": 30, "failed_days": 60, "audit_log": True},
}

DEBTORS, BACK = ("sources", "debtors"), ("write_back", "debtors")
CHANGES: Mapping[tuple[str, ...], Any] = {
    ("name",): "klanten",
    ("schedule",): None,
    ("timezone",): "Europe/Brussels",
    ("afas", "connection"): "afas_test",
    ("audience", "connection"): "mailchimp_other",
    ("audience", "list_id"): "ffffffffff",
    ("audience", "key_field"): "OURKEY",
    ("audience", "base_field"): "OURSUM",
    ("audience", "owner"): "slagerij",
    ("audience", "create_merge_fields"): False,
    ("audience", "adopt"): False,
    ("full_reload_every",): "7d",
    ("consent", "new_members"): "pending",
    ("consent", "basis"): None,
    ("consent", "every"): "3h",
    ("archive_removed",): False,
    ("limits", "max_archive_percent"): 15,
    ("limits", "max_unsubscribed_percent"): 16,
    ("limits", "max_created"): None,
    ("limits", "max_write_back"): None,
    (*DEBTORS, "connector"): "Klanten_Mailchimp",
    (*DEBTORS, "key"): "Nummer",
    (*DEBTORS, "modified"): ["DateModified", "OrgModified"],
    (*DEBTORS, "email"): "MailWork",
    (*DEBTORS, "filter"): {"Blocked": [False], "Taal": ["NL"]},
    (*DEBTORS, "filter", "Blocked"): [True],
    (*DEBTORS, "consent_field"): None,
    (*DEBTORS, "consent_field", "field"): "Mailing",
    (*DEBTORS, "consent_field", "yes"): ["J"],
    (*DEBTORS, "consent_field", "no"): ["N"],
    (*DEBTORS, "consent_field", "sweep"): False,
    (*DEBTORS, "tags"): ["klant"],
    (*DEBTORS, "merge_fields", "COMPANY"): "SearchName",
    (*DEBTORS, "merge_fields", "EXTRA"): "Website",
    (*DEBTORS, "merge_fields", "GROUP", "choices"): ["Horeca", "Retail"],
    (*DEBTORS, "merge_fields", "GROUP", "only_when_empty"): False,
    (*DEBTORS, "delivery_address"): None,
    (*DEBTORS, "delivery_address", "connector"): "Afleveradressen",
    (*DEBTORS, "delivery_address", "match"): "Debiteur",
    (*DEBTORS, "delivery_address", "address"): ["S", "H", "T", "P", "W", "L"],
    (*DEBTORS, "delivery_address", "modified"): ["Gewijzigd_op_2"],
    (*DEBTORS, "delivery_address", "id"): "Adresnummer",
    (*DEBTORS, "delivery_address", "prefer"): None,
    (*DEBTORS, "delivery_address", "prefer", "field"): "Soort",
    ("write_back",): None,
    (*BACK, "type"): None,
    (*BACK, "organisation", "update"): "KnPerson",
    (*BACK, "organisation", "key"): "OrgNumber",
    (*BACK, "organisation", "types"): ["ORG", "AFD"],
    (*BACK, "fields", "status", "to"): "Ander veld",
    (*BACK, "fields", "status", "current"): "AnderVeld",
    (*BACK, "fields", "status", "values"): {"unsubscribed": False},
    (*BACK, "fields", "status", "person_may_return"): "with the next",
    (*BACK, "fields", "status", "may_clear"): True,
    ("retention", "days"): 0,
    ("retention", "failed_days"): 90,
    ("retention", "audit_log"): False,
    ("retention", "archived_term"): "400d",
}
"""A setting by its place, and another value for it: each is another processing."""

NO_OTHER_PROCESSING = {
    "audience.pool": "which tasks wait for one another; what they do stays the same",
    "overlap": "how far a reading begins before the watermark: the same rows, some twice",
    "alerts": "counts, task names and moments about the sync itself, never anything of a person: docs/alerts.md",
    "limits.max_rejected_percent": "when a run is called failed; it holds nothing back",
    "sources.debtors.delivery_address.prefer.values": "which of one debtor's addresses is taken",
    "sources.debtors.delivery_address.merge_field": "moved with the mapping itself, of which it is a part",
    "sources.debtors.merge_fields.COMPANY.kind": "shown; changed with the mapping above",
}
"""Settings whose change needs no other sentence; the list at the end of the page shows them all the same."""


def changed(place: tuple[str, ...], value: Any) -> SyncFile:
    """The full sync with one other value."""
    content = copy.deepcopy(FULL)
    block = content
    for name in place[:-1]:
        block = block[name]
    if place[-1] == "person_may_return":
        block["values"], value = {"unsubscribed": False}, False
    if place == (*BACK, "organisation", "update"):
        content["write_back"]["debtors"]["person"] = {
            **content["write_back"]["debtors"].pop("organisation"),
            "update": value,
        }
    else:
        block[place[-1]] = value
    return SyncFile.model_validate(content)


def body(sync: SyncFile, language: Language) -> str:
    """The page above its list of settings."""
    text = record_text([sync], language=language, views={sync.afas.connection: token_view()})
    head, _, _ = text.partition(f"### {processing_terms.SETTINGS.of(language)}")
    assert head != text
    return head


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("place", CHANGES, ids=".".join)
def test_every_setting_shows(place: tuple[str, ...], language: Language) -> None:
    """Whatever changes what is processed changes the sentences and tables of the page, not only its list."""
    before, after = SyncFile.model_validate(FULL), changed(place, CHANGES[place])

    assert before != after
    assert body(before, language) != body(after, language)


def _leaves(place: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for name, inside in value.items():
            yield from _leaves(f"{place}.{name}" if place else name, inside)
    else:
        yield place


@pytest.mark.parametrize("language", Language)
def test_list_of_settings_is_complete(language: Language) -> None:
    """Every setting stands in the list at the end with its value: one that a later version adds, too."""
    sync = SyncFile.model_validate(FULL)
    text = record_text([sync], language=language)
    _, _, end = text.partition(processing_terms.SETTINGS.of(language))
    listed = dict(re.findall(r"^\| `([^`]+)` \| `([^`]*)` \|$", end, re.MULTILINE))

    assert set(_leaves("", sync.model_dump(by_alias=True))) == set(listed)
    assert ("[debiteur]", "600s") == (listed["sources.debtors.tags"], listed["overlap"])


def test_no_setting_was_forgotten() -> None:
    """A setting is tried above, or it is said here why the sentences need not change with it."""
    tried = {".".join(place) for place in CHANGES}
    leaves = set(_leaves("", SyncFile.model_validate(FULL).model_dump(by_alias=True)))
    blocks = {leaf for leaf in leaves if any(leaf == each or leaf.startswith(f"{each}.") for each in tried)}
    unused = {leaf for leaf in leaves - blocks if leaf.startswith(("sources.debtors.merge_fields.", "write_back."))}

    # What is new in retention, such as a term, is the concern of the page too; it stands in the list until then.
    assert {leaf for leaf in leaves - blocks - unused if not leaf.startswith("retention.")} <= set(NO_OTHER_PROCESSING)


@pytest.mark.parametrize("language", Language)
def test_missing_basis_is_a_gap(language: Language) -> None:
    """Without consent.basis the page says that it is missing; with one it quotes it."""
    gap = processing_words.FILL_IN.of(language).format(processing_words.NO_BASIS.of(language))
    without = record_text([sync_of(consent={"new_members": "subscribed"})], language=language)

    assert gap in without
    assert gap in record_text([sync_of(consent={"new_members": "subscribed", "basis": "  "})], language=language)
    assert gap not in record_text([sync_of()], language=language)


@pytest.mark.parametrize("language", Language)
def test_every_column_is_named(language: Language) -> None:
    """Each column that the sync reads stands in the table of data; the surplus that the token sees, below it."""
    sync = SyncFile.model_validate(FULL)
    text = body(sync, language)

    for columns in uses_of(sync).values():
        assert [column for column in columns if f"`debtors`: `{column}`" not in text] == []
    assert "`SearchName`" not in example(language)
    assert "`OrgNumber`" in example(language)


@pytest.mark.parametrize("language", Language)
def test_sensitive_column_is_flagged(language: Language) -> None:
    """By its id without AFAS, by its label with AFAS."""
    source = {**FULL["sources"]["debtors"], "merge_fields": {"X": "DaBi"}, "delivery_address": None}
    text = record_text([sync_of(sources={"debtors": source})], language=language)

    assert f"`Profit_Debtor_App_Extra.DaBi` {'looks like' if language == Language.ENGLISH else 'lijkt'} " in text
    assert DANGERS[Danger.BIRTH].of(language) in text
    assert processing_words.NOTHING_SPECIAL.of(language) in record_text([sync_of()], language=language)


@pytest.mark.parametrize(
    ("retention", "says"),
    [
        pytest.param({"days": 30, "failed_days": 7}, "well: 30 days; runs that failed: 30 days", id="never shorter"),
        pytest.param(
            {"days": 0, "failed_days": 7}, "removed as soon as the run has ended; runs that failed: 7", id="0"
        ),
        pytest.param({"days": 0, "failed_days": 0}, "failed: removed as soon as the run has ended", id="both 0"),
    ],
)
def test_terms_of_logs(retention: dict[str, int], says: str) -> None:
    """A failed run is kept at least as long as one that ended well."""
    assert says in record_text([sync_of(retention=retention)], language=Language.ENGLISH)


def test_same_in_same_out() -> None:
    """No clock: a date only where one is given."""
    sync = sync_of()
    one = record_text([sync], language=Language.DUTCH)

    assert one == record_text([sync], language=Language.DUTCH)
    assert "Datum: 2026-11-23" in record_text([sync], language=Language.DUTCH, day=date(2026, 11, 23))
    assert "Datum:" not in one


def test_several_syncs() -> None:
    """One page, a part for each; who is responsible stands there once."""
    text = record_text([sync_of(), sync_of(name="others")], language=Language.ENGLISH)

    assert ["customers", "others"] == re.findall(r"^## Processing: (\w+)$", text, re.MULTILINE)
    assert 1 == text.count("## Who is responsible")


@pytest.mark.parametrize("basis", ["a | b", "first\nsecond"], ids=["border", "line"])
def test_text_of_a_person_breaks_no_table(basis: str) -> None:
    """Free text stays in its cell: every row of a table has as many cells as its head."""
    text = record_text([sync_of(consent={"new_members": "subscribed", "basis": basis})], language=Language.ENGLISH)

    rows = [line for line in text.splitlines() if line.startswith("|")]
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in rows]
    for number, (one, other) in enumerate(pairwise(widths)):
        starts_anew = rows[number + 2 :][:1] and rows[number + 2].startswith("| ---")
        assert one == other or starts_anew


def test_both_languages_are_whole() -> None:
    """Each sentence has both, with the same places for values; every kind, status and danger has words."""
    told = [each for module in (processing_words, processing_terms) for each in _texts(vars(module).values())]

    assert len(told) > 80
    assert [each for each in told if not all(each) or each.en.count("{}") != each.nl.count("{}")] == []
    assert (set(FieldKind), set(Danger)) == (set(KINDS), set(DANGERS))
    assert {"subscribed", "pending", "transactional"} == set(NEW_MEMBERS_ARE)


def _texts(values: Any) -> Iterator[Text]:
    for value in values:
        if isinstance(value, Text):
            yield value
        elif isinstance(value, Mapping) and not isinstance(value, str):
            yield from _texts(value.values())
        elif isinstance(value, tuple):
            yield from _texts(value)


@pytest.mark.parametrize("language", PAGES)
def test_example_is_what_the_code_writes(language: Language) -> None:
    """The page in docs is of the sync file that comes along; after a change: python -m tests.domain.register_page."""
    assert example(language) == PAGES[language].read_text(encoding="utf-8"), "python -m tests.domain.register_page"
    assert yaml.safe_load(SYNC.read_text(encoding="utf-8"))["name"] in example(language)


@pytest.mark.parametrize("page", ["minimisation.md", "nl/dataminimalisatie.md"])
def test_page_names_options_that_exist(page: str) -> None:
    """The page of the command and the command agree: every option, both ways."""
    text = (PAGES[Language.ENGLISH].parent / page).read_text(encoding="utf-8")
    source = (SYNC.parents[2] / "plugins" / "operators" / "afas_mailchimp_lint.py").read_text(encoding="utf-8")

    assert set(re.findall(r'add_argument\(\s*"(--[a-z]+)"', source)) == set(re.findall(r"--[a-z]+", text))
