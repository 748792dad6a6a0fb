"""Changing rows of the AFAS stand-in: which date moves, own connectors, changes between pages."""

from __future__ import annotations

import pytest

from sandbox.client import ControlRefusedError
from tests.sandbox.afas_client import CONTACTS, DEBTORS, EXTRA, Afas

OLD, NEW = "2026-03-01T10:00:00Z", "2026-04-01T12:00:00Z"
AT = "2026-04-01T12:00:00"


def test_change_of_the_organisation_leaves_the_debtors_date(afas: Afas) -> None:
    """A new e-mail address of an organisation moves OrgModified, and not the debtor's DateModified."""
    afas.debtor("1", Email="oud@anker.example")
    afas.control.call("update_row", connector=EXTRA, key="1", set={"Email": "nieuw@anker.example"}, at=AT)
    row = afas.rows(EXTRA)[0]

    assert ("nieuw@anker.example", OLD, NEW) == (row["Email"], row["DateModified"], row["OrgModified"])


def test_change_of_the_debtor_leaves_the_organisations_date(afas: Afas) -> None:
    """Blocking a debtor moves its own date alone."""
    afas.debtor("1")
    afas.control.call("update_row", connector=EXTRA, key="1", set={"Blocked": True}, at=AT)
    row = afas.rows(EXTRA)[0]

    assert (True, NEW, OLD) == (row["Blocked"], row["DateModified"], row["OrgModified"])


def test_change_of_the_address_moves_its_own_date_alone(afas: Afas) -> None:
    """A new address moves neither the debtor nor the organisation."""
    afas.debtor("1")
    lines = {"AddressLine1": "Zeedijk 5", "AddressLine3": "2000  ANTWERPEN", "AddressLine4": "België"}
    afas.control.call("update_row", connector=EXTRA, key="1", set=lines, at=AT)
    row, address = afas.rows(EXTRA)[0], afas.rows("Profit_Deliveryaddress")[0]

    assert lines == {name: row[name] for name in lines}
    assert (OLD, OLD) == (row["DateModified"], row["OrgModified"])
    assert (OLD, NEW, "BE", "1") == (
        address["Gewijzigd_op"],
        address["Gewijzigd_op_2"],
        address["A_Land"],
        address["DebiteurID"],
    )


def test_contact_takes_names_from_its_person(afas: Afas) -> None:
    """A contact's own date does not move with the person's name; the person's table has it."""
    afas.debtor("1", DebtorName="Het Anker")
    number = afas.rows()[0]["BcCo"]
    row = {"OrgNumber": number, "Voornaam": "Els", "Achternaam": "de Wit", "MailWork": "els@anker.example"}
    key = afas.control.call("insert", connector=CONTACTS, row=row, at="2026-03-01T10:00:00")["key"]
    afas.control.call("update_row", connector=CONTACTS, key=key, set={"Achternaam": "Bos"}, at=AT)
    found = afas.rows(CONTACTS)[0]

    assert ("PRS", "Het Anker - Els Bos", "els@anker.example") == (found["Type"], found["Name"], found["MailWork"])
    assert OLD == found["DateModified"]


def test_mutate_moves_the_tables_own_date(afas: Afas) -> None:
    """A change by table moves that table's date, to the clock's wall time unless told."""
    afas.debtor("1")
    afas.control.call("clock", at="2026-07-01T10:00:00Z")
    afas.control.call("mutate", table="debtor", key="1", set={"group": "Zakelijk"})
    row = afas.rows(EXTRA)[0]

    assert ("Zakelijk", "2026-07-01T12:00:00Z", OLD) == (row["Klantgroep"], row["DateModified"], row["OrgModified"])


def test_change_without_touch_leaves_every_date(afas: Afas) -> None:
    """A change can be made that no modified date shows."""
    afas.debtor("1")
    afas.control.call("update_row", connector=EXTRA, key="1", set={"Klantgroep": "Zakelijk"}, touch=False)

    assert ("Zakelijk", OLD) == (afas.rows(EXTRA)[0]["Klantgroep"], afas.rows(EXTRA)[0]["DateModified"])


def test_date_itself_can_be_set_or_emptied(afas: Afas) -> None:
    """A modified date may be put anywhere, also in the future, or taken away."""
    afas.debtor("1")
    afas.control.call("update_row", connector=DEBTORS, key="1", set={"DateModified": "2031-01-01T00:00:00"})
    future = afas.rows()[0]["DateModified"]
    afas.control.call("update_row", connector=DEBTORS, key="1", set={"DateModified": None})

    assert ("2031-01-01T00:00:00Z", None) == (future, afas.rows()[0]["DateModified"])


def test_person_debtor_has_first_and_last_name(afas: Afas) -> None:
    """A debtor of type PER takes its name from a person, prefix included."""
    afas.debtor("1", Type="PER", FirstName="Noor", LastName="van 't Hof")
    row = afas.rows(EXTRA)[0]

    assert ("PER", "Noor van 't Hof", "Noor", "van 't Hof") == (
        row["Type"],
        row["DebtorName"],
        row["FirstName"],
        row["LastName"],
    )


def test_delete_leaves_no_trace(afas: Afas) -> None:
    """A deleted row is gone from the connector."""
    afas.debtor("1")
    afas.debtor("2")
    afas.control.call("delete", connector=DEBTORS, key="1")

    assert ["2"] == afas.keys()


def test_fully_blocked_debtor_vanishes(afas: Afas) -> None:
    """A debtor that is blocked altogether is not in the connector, and comes back."""
    afas.debtor("1")
    afas.control.call("mutate", table="debtor", key="1", set={"fully_blocked": True})
    hidden = afas.keys()
    afas.control.call("mutate", table="debtor", key="1", set={"fully_blocked": False})

    assert ([], ["1"]) == (hidden, afas.keys())


def test_insert_by_table(afas: Afas) -> None:
    """A row can be put into a table as it is."""
    row = {"number": "9", "type": "ORG", "party": "none", "modified": "2026-04-01T12:00:00"}
    afas.control.call("insert", table="debtor", row=row)

    assert ("9", None, NEW) == tuple(afas.rows()[0][name] for name in ("DebtorId", "DebtorName", "DateModified"))


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        pytest.param("mutate", {"table": "client", "key": "1", "set": {}}, id="table"),
        pytest.param("mutate", {"table": "debtor", "key": "2", "set": {}}, id="key"),
        pytest.param("mutate", {"table": "debtor", "key": "1", "set": {"email": "x"}}, id="column of another table"),
        pytest.param("update_row", {"connector": DEBTORS, "key": "1", "set": {"Mail": "x"}}, id="column"),
        pytest.param("update_row", {"connector": "Nothing", "key": "1", "set": {}}, id="connector"),
        pytest.param("insert", {"connector": DEBTORS, "row": {"DebtorId": "1"}}, id="key taken"),
        pytest.param("delete", {"table": "debtor", "key": "2"}, id="delete what is not there"),
        pytest.param("after_requests", {"actions": [{"verb": "sed"}]}, id="action"),
        pytest.param("settings", {"unauthorised": "403"}, id="setting"),
        pytest.param("connector", {"name": "X", "copy_of": "Y"}, id="copy of nothing"),
        pytest.param(
            "connector", {"name": "X", "copy_of": DEBTORS, "extra": [{"id": "A", "source": "debtor.x"}]}, id="source"
        ),
    ],
)
def test_slip_in_an_order_is_refused(afas: Afas, verb: str, arguments: dict[str, object]) -> None:
    """What is not there is refused with a sentence, and nothing breaks."""
    afas.debtor("1")

    with pytest.raises(ControlRefusedError, match=": 400 "):
        afas.control.call(verb, **arguments)
    assert ["1"] == afas.keys()


def test_copy_of_a_connector_with_own_columns(afas: Afas) -> None:
    """A suffixed copy has extra, renamed and left out columns, in metainfo and rows alike."""
    afas.debtor("1", Klantgroep="Zakelijk")
    afas.control.call(
        "connector",
        name="Profit_Debtor_App_Plus",
        copy_of=DEBTORS,
        omit=["TelNr"],
        rename={"DateModified": "ModifiedDate"},
        extra=[{"id": "Groep", "source": "debtor.group", "label": "Groep"}, {"id": "Leeg", "type": "date"}],
    )
    row = afas.rows("Profit_Debtor_App_Plus", filterfieldids="Groep", filtervalues="zakelijk")[0]
    fields = afas.get("/metainfo/get/Profit_Debtor_App_Plus").json()["fields"]

    assert list(row) == [field["id"] for field in fields]
    assert ("Zakelijk", None, OLD) == (row["Groep"], row["Leeg"], row["ModifiedDate"])
    assert "TelNr" not in row


def test_restricted_rows_are_missing_without_an_error(afas: Afas) -> None:
    """The filter authorisation of the token's user hides rows silently, until it is taken away."""
    afas.debtor("1", Type="ORG")
    afas.debtor("2", Type="PER")
    afas.control.call("connector", name=DEBTORS, restrict={"column": "Type", "values": ["PER"]})
    seen = afas.keys()
    afas.control.call("connector", name=DEBTORS, restrict={})

    assert (["2"], {"1", "2"}) == (seen, set(afas.keys()))


def test_actions_come_between_pages(afas: Afas) -> None:
    """A change can be ordered for the moment after the second page."""
    for key in "1234":
        afas.debtor(key)
    afas.control.call(
        "after_requests",
        count=2,
        actions=[
            {"verb": "delete", "arguments": {"connector": DEBTORS, "key": "1"}},
            {"verb": "insert", "arguments": {"connector": DEBTORS, "row": {"DebtorId": "5"}}},
        ],
    )
    pages = [afas.keys(skip=skip, take=1, orderbyfieldids="DebtorId") for skip in range(4)]

    assert [["1"], ["2"], ["4"], ["5"]] == pages


def test_rows_and_dump_show_everything(afas: Afas) -> None:
    """The whole state can be read without paging, dates with their milliseconds."""
    for number in range(120):
        afas.debtor(str(number), at="2026-03-01T10:00:00.250")
    dump = afas.control.dump()

    assert 120 == len(afas.control.call("rows", connector=DEBTORS))
    assert "2026-03-01T10:00:00.250" == dump["tables"]["debtor"][0]["modified"]
    assert {"organisation", "person", "contact", "debtor", "address"} == set(dump["tables"])


def test_actions_wait_for_reads_of_one_connector(afas: Afas) -> None:
    """What waits for one connector does not count the reads of another."""
    afas.control.seed(debtors=1, contacts=1)
    [row] = afas.control.call("rows", connector="Profit_Debtor_App")
    gone = {"verb": "delete", "arguments": {"connector": "Profit_Debtor_App", "key": row["DebtorId"]}}
    afas.control.call("after_requests", count=1, connector="Profit_Debtor_App", actions=[gone])

    afas.get("/connectors/Profit_Contacts_App")
    before = len(afas.control.call("rows", connector="Profit_Debtor_App"))
    afas.get("/connectors/Profit_Debtor_App")

    assert (1, 0) == (before, len(afas.control.call("rows", connector="Profit_Debtor_App")))
    with pytest.raises(ControlRefusedError, match="is not one of"):
        afas.control.call("after_requests", connector="Profit_Debtors", actions=[gone])
