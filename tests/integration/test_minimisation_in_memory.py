"""AFAS sends whole rows: what no mapping uses is gone as soon as a page is read."""

from __future__ import annotations

import gc
import gzip
import json
from collections.abc import Iterator

import pytest

from hooks.afas import AfasHook
from tests.integration.conftest import Canned, Connect, Patience

# Made when the tests run, so that no constant of this module holds it.
UNMAPPED = bytes.fromhex("67656865696d2d313233343536373832").decode()
COLUMNS = ("DebtorId", "Email")


def page(*keys: str) -> bytes:
    """A page as AFAS sends it, compressed, so that the server here does not hold the text itself."""
    rows = [{"DebtorId": key, "BSN": f"{UNMAPPED}-{key}", "Email": f"{key}@korenaar.example"} for key in keys]
    return gzip.compress(json.dumps({"skip": 0, "take": 100, "rows": rows}).encode())


@pytest.fixture
def hook(canned: Canned, connect: Connect, patience: Patience) -> Iterator[AfasHook]:
    """A hook on a server that gives two pages and an empty one."""
    connect("afas_default", conn_type="afas", host=canned.url, password="0" * 64)
    for keys in (("10001", "10002", "10003"), ("10004",), ()):
        canned.says(200, page(*keys), Content_Encoding="gzip", Content_Type="application/json")
    hook = AfasHook(retry=patience.rule())
    yield hook
    hook.close()


def held(text: str) -> int:
    """How many texts in memory hold a text: in whatever object, suspended generators included."""
    wanted = text.encode()
    gc.collect()
    found = 0
    # Dictionaries and tuples of plain values are not tracked themselves: they are met in what holds them.
    todo = [inside for holder in gc.get_objects() for inside in gc.get_referents(holder)]
    while todo:
        untracked = []
        for each in todo:
            if isinstance(each, str):
                found += each is not text and text in each
            elif isinstance(each, bytes | bytearray):
                found += wanted in each
            elif isinstance(each, dict | tuple) and not gc.is_tracked(each):
                untracked += gc.get_referents(each)
        todo = untracked
    return found


def test_search_finds_what_is_held() -> None:
    """The search itself works: in a dictionary inside a list, as text and as bytes."""
    kept = [{"row": {"BSN": f"{UNMAPPED}-1"}}, [bytearray(f"{UNMAPPED}-2".encode())]]

    assert 2 == held(UNMAPPED)
    assert kept


def test_pages_hold_mapped_columns_only(hook: AfasHook) -> None:
    """While a page is in use, and the next ones are read, no cell of an unmapped column is left of it."""
    rows: list[tuple[object, ...]] = []
    for found in hook.pages("Profit_Debtor_App", columns=COLUMNS, key="DebtorId", page_size=100):
        rows += found
        assert 0 == held(UNMAPPED)

    assert [("10001", "10001@korenaar.example"), ("10002", "10002@korenaar.example")] == rows[:2]
    assert 4 == len(rows)
    assert 0 == held(UNMAPPED)


def test_look_ups_hold_mapped_columns_only(hook: AfasHook) -> None:
    """The same for rows that are looked up by their values."""
    keys = ["10001", "10002", "10003"]
    hook._fields["Profit_Debtor_App"] = ()

    for row in hook.find("Profit_Debtor_App", columns=COLUMNS, key="DebtorId", field="DebtorId", values=keys):
        assert 2 == len(row)
        assert 0 == held(UNMAPPED)
