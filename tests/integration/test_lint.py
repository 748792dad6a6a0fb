"""The command that holds a token against the sync files, on the AFAS stand-in: it asks metainfo, and never a row."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.embedded_airflow import ROOT
from operators.afas_mailchimp_lint import main
from sandbox.afas import DEFAULT_TOKEN
from tests.integration.conftest import XML_TOKEN, Connect, Stand
from tests.integration.importing.world import CONTACTS, DEBTORS, EXTRA, JAN, SYNC, Variables, World
from tests.integration.leaks import found_in

SALARIES = "Personeel_Salaris"
SECRETS = [JAN, "Bakkerij De Korenaar", "033-2981234", DEFAULT_TOKEN, "AfasToken"]


@pytest.fixture(autouse=True)
def airflow_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says where Airflow is to look for connections; other tests must not inherit that."""
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one sync file, the one that the DAGs would be made of."""
    syncs = tmp_path / "syncs"
    syncs.mkdir()
    monkeypatch.setenv("AFAS_MAILCHIMP_SYNCS", str(syncs))
    write(syncs, SYNC)
    return syncs


def write(folder: Path, content: dict[str, Any], name: str = "customers.yaml") -> Path:
    """Write a sync file."""
    path = folder / name
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def narrow(afas: Stand) -> None:
    """Let the token see what the sync needs, and nothing else."""
    surplus = ["BcCo", "Type", "FirstName", "LastName", "EmailOnjuist", "Taal", "Klantgroep"]
    afas.control.call("connector", name=EXTRA, omit=surplus)
    omitted = ["Name", "OrgNumber", "PerNumber", "AddressLine1", "AddressLine3", "AddressLine4", "MobWork", "Function"]
    afas.control.call("connector", name=CONTACTS, omit=[*omitted, "CreateDate"])
    for name in ("Profit_Debtor", DEBTORS, "Profit_Deliveryaddress"):
        afas.control.call("connector", name=name, authorised=False)
    for name in ("KnPerson", "KnOrganisation", "KnContact", "KnSalesRelationOrg", "KnSalesRelationPer"):
        afas.control.call("update_connector", name=name, authorised=False)


def with_birthday() -> dict[str, Any]:
    """A sync that maps a birth date."""
    contacts = SYNC["sources"]["contacts"]
    mapped = {**contacts["merge_fields"], "BORN": {"date": "U0042"}}
    return {**SYNC, "sources": {**SYNC["sources"], "contacts": {**contacts, "merge_fields": mapped}}}


def give_birthday(afas: Stand) -> None:
    """Let the contacts show a birth date, by an id that says little and a label that says all."""
    column = {"id": "U0042", "type": "date", "label": "Geboortedatum"}
    afas.control.call("connector", name=CONTACTS, extra=[column])


def test_what_the_token_sees_too_much(afas: Stand, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Columns to leave out, rights to take away, a bank account in reach: warnings, and metainfo was all it took."""
    afas.control.call("insert", connector=DEBTORS, row={"DebtorId": "10001", "DebtorName": SECRETS[1], "Email": JAN})

    code = main([])

    told = capsys.readouterr()
    assert 0 == code, told.err
    assert f"{EXTRA}: keep 12 of 19 columns" in told.out
    assert "leave out: BcCo, Type, FirstName, LastName, EmailOnjuist, Taal, Klantgroep\n" in told.out
    assert "Profit_Debtor.IBAN (IBAN): bank account or card\n" in told.out
    assert "Profit_Deliveryaddress (Adressen bij contacten (alle))" in told.out
    assert "KnSalesRelationPer" in told.out
    assert [] == found_in(told.out + told.err, SECRETS)
    paths = [str(entry["path"]).lower() for entry in afas.control.log()]
    assert paths
    assert [path for path in paths if "/metainfo" not in path] == []
    assert 1 == main(["--strict"])


def test_token_that_fits(afas: Stand, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With narrow copies and no other right there is nothing to say, even when strict."""
    narrow(afas)

    assert 0 == main(["--strict"])
    assert "The token sees what the syncs need, and nothing else." in capsys.readouterr().out


def test_mapped_sensitive_column(afas: Stand, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An error until a person decides."""
    give_birthday(afas)
    write(folder, with_birthday())

    code = main([])

    told = capsys.readouterr().out
    assert 1 == code
    assert "Profit_Contacts_App.U0042 (Geboortedatum): date or place of birth; used by customers: sources." in told
    assert 0 == main(["--accept", "U0042"])


def test_preflight_warns(afas: Stand, mailchimp: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run says it in its first task; it stops nothing, and a column that no sync uses is no business of a run."""
    variables = Variables()
    monkeypatch.setattr("operators.afas_mailchimp_state.Variable.get", variables.read)
    monkeypatch.setattr("operators.afas_mailchimp_state.Variable.set", variables.write)
    give_birthday(afas)

    told = [World(afas.control, mailchimp.control, variables, sync).preflight() for sync in (SYNC, with_birthday())]

    warnings = [[each for each in one["warnings"] if "looks like" in each] for one in told]
    assert [0, 1] == [len(each) for each in warnings]
    assert "Column U0042 of Profit_Contacts_App looks like date or place of birth" in warnings[1][0]


def test_unmapped_sensitive_column(afas: Stand, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A warning: the token can see it, the sync does not use it."""
    give_birthday(afas)

    assert 0 == main([])
    out = capsys.readouterr().out
    assert "Profit_Contacts_App.U0042 (Geboortedatum): date or place of birth\n" in out
    assert "ERROR" not in out


def test_as_json(afas: Stand, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A script reads the same."""
    afas.control.call("connector", name=SALARIES, copy_of=DEBTORS)

    main(["--json"])

    (found,) = json.loads(capsys.readouterr().out)
    assert ("afas_default", "O12345AA", False, True) == tuple(
        found[key] for key in ("connection", "environment", "errors", "warnings")
    )
    salaries = {"connector": SALARIES, "description": "Debiteuren (kopie)", "danger": "salary or income"}
    assert salaries in found["spare"]
    assert ["BcCo", "Type"] == found["connectors"][0]["surplus"][:2]


def test_one_sync_beside_another(afas: Stand, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By name or by file; what the other sync needs on the same token is not called too much."""
    debtors = {**SYNC["sources"]["debtors"], "connector": DEBTORS}
    debtors = {key: value for key, value in debtors.items() if key != "consent_field"} | {"modified": ["DateModified"]}
    other = {**SYNC, "name": "others", "sources": {"debtors": debtors}}
    path = write(folder, other, "others.yaml")

    outputs = []
    for name in ("others", str(path)):
        assert 0 == main(["--sync", name])
        outputs.append(capsys.readouterr().out)

    assert outputs[0] == outputs[1]
    assert f"{DEBTORS}: keep 10 of 12 columns" in outputs[0]
    assert f"{EXTRA}: keep" not in outputs[0]
    assert f"  {CONTACTS} (" not in outputs[0]


def test_record_of_processing(afas: Stand, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written with AFAS's own labels and environment; never over one that a person may have filled in."""
    file = tmp_path / "register.md"
    arguments = ["--register", str(file), "--date", "2026-11-23"]

    code = main(arguments)

    text = file.read_text(encoding="utf-8")
    assert (0, "# Verwerkingsregister: AFAS naar Mailchimp") == (code, text.splitlines()[0])
    assert "| `contacts`: `Voornaam` | Roepnaam | tekst | `FNAME` |" in text
    assert "omgeving `O12345AA`" in text
    assert "Datum: 2026-11-23" in text
    places = re.findall(r"\*\*\[(?:in te vullen|na te gaan): ", text)
    assert places
    assert f"register.md is written: {len(places)} places" in capsys.readouterr().err
    file.write_text("filled in\n")
    assert 1 == main(arguments)
    assert "filled in\n" == file.read_text()
    assert 0 == main([*arguments, "--force", "--language", "en"])
    assert "# Record of processing activities" in file.read_text(encoding="utf-8")


def test_record_without_afas(afas: Stand, folder: Path, tmp_path: Path) -> None:
    """The page can be made where AFAS cannot be reached: then without labels."""
    file = tmp_path / "register.md"

    assert 0 == main(["--register", str(file), "--offline", "--language", "en"])
    assert [] == afas.control.log()
    assert "| `contacts`: `Voornaam` |  | text | `FNAME` |" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--sync", "nergens"], "neither a readable file nor a sync. Syncs: customers.", id="no such sync"),
        pytest.param(["--offline"], "--offline goes with --register", id="nothing to compare"),
        pytest.param(["--register", "nergens/register.md"], "register.md cannot be written", id="no such folder"),
    ],
)
def test_mistakes_are_one_sentence(
    afas: Stand, folder: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person reads what to change, and nothing else."""
    assert 1 == main(arguments)

    told = capsys.readouterr()
    assert ("", 1) == (told.out, len(told.err.splitlines()))
    assert says in told.err


def test_connector_that_may_not_be_read(afas: Stand, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sync that names what the token may not read is one sentence; it is preflight's too."""
    afas.control.call("connector", name=EXTRA, authorised=False)

    assert 1 == main([])
    assert f"GetConnector {EXTRA} does not exist or is not in the app connector" in capsys.readouterr().err


def test_wrong_token_is_not_shown(
    afas: Stand, folder: Path, connect: Connect, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was typed as a token stays out of the sentence."""
    connect("afas_default", conn_type="afas", host=afas.url, password="ab" * 32)

    assert 1 == main([])
    told = capsys.readouterr()
    assert "The AFAS token is not accepted" in told.err
    assert [] == found_in(told.out + told.err, ["ab" * 32])


def test_bad_file_beside(afas: Stand, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It stops nobody who asks for another sync, and is named, since what it needs is not known."""
    (folder / "broken.yaml").write_text("name: broken\nsorces: {}\n")

    assert 0 == main(["--sync", "customers"])
    assert "Left out of the comparison: broken.yaml" in capsys.readouterr().err
    assert 1 == main([])


def test_as_a_command(afas: Stand, folder: Path, tmp_path: Path) -> None:
    """From a shell, with the plugins folder in the path: standard output is the findings and nothing else."""
    environment = {name: value for name, value in os.environ.items() if name != "_AIRFLOW_PROCESS_CONTEXT"}
    environment |= {
        "PYTHONPATH": str(ROOT / "plugins"),
        "AIRFLOW_CONN_AFAS_DEFAULT": f'{{"conn_type": "afas", "host": "{afas.url}", "password": "{XML_TOKEN}"}}',
    }
    command = [sys.executable, "-m", "operators.afas_mailchimp_lint", "--json"]

    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stderr
    assert "afas_default" == json.loads(done.stdout)[0]["connection"]
    assert [] == found_in(done.stdout + done.stderr, SECRETS)
