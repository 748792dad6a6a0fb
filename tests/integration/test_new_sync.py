"""The command that writes a first sync file, against the AFAS stand-in: it asks metainfo, and never a row."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.starter import NO_LIST
from afas_mailchimp.sync_files import parse_sync
from demo.embedded_airflow import ROOT
from operators.afas_mailchimp_new_sync import main
from tests.integration.conftest import LIST, XML_TOKEN, Stand
from tests.integration.importing.world import CONTACTS, DEBTORS, EXTRA, JAN, KEES, PIET, Variables, World

DELIVERY = "Profit_Deliveryaddress"


@pytest.fixture(autouse=True)
def airflow_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says where Airflow is to look for connections; other tests must not inherit that."""
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "")


def test_file_for_two_connectors(afas: Stand, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The written file is a sync that the product reads, and no row was asked for."""
    file = tmp_path / "klanten.yaml"

    code = main(["--connector", EXTRA, "--connector", CONTACTS, "--name", "klanten", "--output", str(file)])

    sync = parse_sync(file.read_text(encoding="utf-8"), file=file.name)
    assert (0, "klanten", [EXTRA, CONTACTS]) == (code, sync.name, [each.connector for each in sync.sources.values()])
    assert "Look for DECIDE in it" in capsys.readouterr().err
    asked = [str(entry["path"]) for entry in afas.control.log()]
    assert asked
    assert [path for path in asked if "/metainfo" not in path.lower()] == []


def test_copy_with_renamed_columns(afas: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """A copy has the names that its author gave it, and those stand in the file."""
    renamed = {"DateModified": "Gewijzigd_op", "DebtorId": "Debiteurnummer", "Email": "E-mail"}
    afas.control.call("connector", name="Klanten_Mailchimp", copy_of=DEBTORS, rename=renamed)

    code = main(["--connector", "Klanten_Mailchimp"])

    source = parse_sync(capsys.readouterr().out, file="customers.yaml").sources["debtors"]
    assert (0, "Debiteurnummer", ("Gewijzigd_op",), "E-mail") == (code, source.key, source.modified, source.email)


def test_written_file_works_as_it_is(
    afas: Stand, mailchimp: Stand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With an audience in it the file passes preflight, imports, honours a no, and mails nobody yet."""
    variables = Variables()
    for name, replaced in (("get", variables.read), ("set", variables.write), ("delete", variables.drop)):
        monkeypatch.setattr(f"operators.afas_mailchimp_state.Variable.{name}", replaced)
    arguments = ["--connector", EXTRA, "--connector", CONTACTS, "--connector", DELIVERY, "--list-id", LIST]
    assert 0 == main(arguments)
    world = World(afas.control, mailchimp.control, variables, yaml.safe_load(capsys.readouterr().out))
    world.at(world.now)
    world.debtor("10001", JAN, Nieuwsbrief=None)
    world.debtor("10002", PIET, Nieuwsbrief=False)
    world.contact(7, KEES, Voornaam="Kees")

    report = world.run()

    assert {JAN: "transactional", KEES: "transactional"} == world.statuses()
    assert {"no_consent": 1} == report["sources"]["debtors"]["reasons"]
    assert "Kees" == world.members()[KEES]["merge_fields"]["FNAME"]


def test_placeholder_stops_in_preflight(
    afas: Stand, mailchimp: Stand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has decided on an audience: nothing runs, and the sentence names the line that waits for it."""
    variables = Variables()
    monkeypatch.setattr("operators.afas_mailchimp_state.Variable.get", variables.read)
    main(["--connector", DEBTORS])
    world = World(afas.control, mailchimp.control, variables, yaml.safe_load(capsys.readouterr().out))

    assert NO_LIST == world.sync.audience.list_id
    with pytest.raises(ConfigurationError, match="check list_id in the sync file"):
        world.preflight()


def test_list_of_connectors(afas: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a connector it says which there are, and which look like debtors or contacts."""
    afas.control.call("connector", name="Voorraad", copy_of=DEBTORS)

    code = main([])

    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.startswith("  ")}
    assert (0, 6) == (code, len(lines))
    assert "looks like debtors (DebtorId, Email, DateModified)" in lines[DEBTORS]
    assert "looks like contacts (ContactId, MailWork, DateModified)" in lines[CONTACTS]
    assert "delivery addresses" in lines[DELIVERY]
    assert "Voorraad" == lines["Voorraad"].strip()


def test_file_is_not_replaced(afas: Stand, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a person wrote stays, unless the command is told otherwise; AFAS is not even asked."""
    file = tmp_path / "customers.yaml"
    file.write_text("name: mine\n")
    arguments = ["--connector", DEBTORS, "--output", str(file)]

    refused = main(arguments)
    kept, asked = file.read_text(), len(afas.control.log())
    forced = main([*arguments, "--force"])

    assert (1, "name: mine\n", 0, 0) == (refused, kept, asked, forced)
    assert "customers.yaml is there already: name another file, or replace it with --force." in capsys.readouterr().err
    assert "Profit_Debtor_App" in file.read_text()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--connector", "Profit_Debtor_Ap"], "Near it: Profit_Debtor_App", id="a connector that is not"),
        pytest.param(["--connection", "afas_nergens"], "Airflow has no connection 'afas_nergens'", id="no connection"),
        pytest.param(
            ["--connector", "Kaal"], "has no column that looks like the e-mail address", id="no e-mail column"
        ),
        pytest.param(["--connector", DEBTORS, "--name", "Klanten!"], "name: 'Klanten!' does not have", id="bad name"),
        pytest.param(
            ["--connector", DEBTORS, "--output", "nergens/customers.yaml"], "cannot be written", id="no such folder"
        ),
    ],
)
def test_mistakes_are_one_sentence(
    afas: Stand,
    arguments: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A person reads what to change, on one line, and nothing else."""
    monkeypatch.chdir(tmp_path)
    afas.control.call("connector", name="Kaal", copy_of=DEBTORS, omit=["Email"])

    code = main(arguments)

    told = capsys.readouterr()
    assert (1, "") == (code, told.out)
    assert says in told.err
    assert 1 == len(told.err.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_token_without_connectors(afas: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """A new app connector may use nothing yet."""
    for name in (DEBTORS, EXTRA, CONTACTS, "Profit_Debtor", DELIVERY):
        afas.control.call("connector", name=name, authorised=False)

    assert 1 == main([])
    assert "may use no GetConnector: add them to its app connector in AFAS." in capsys.readouterr().err


def test_as_a_command(afas: Stand, tmp_path: Path) -> None:
    """From a shell, with the plugins folder in the path: standard output is the file and nothing else."""
    environment = {name: value for name, value in os.environ.items() if name != "_AIRFLOW_PROCESS_CONTEXT"}
    environment |= {
        "PYTHONPATH": str(ROOT / "plugins"),
        "AIRFLOW_CONN_AFAS_DEFAULT": f'{{"conn_type": "afas", "host": "{afas.url}", "password": "{XML_TOKEN}"}}',
    }
    command = [sys.executable, "-m", "operators.afas_mailchimp_new_sync", "--connector", DEBTORS]

    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stderr
    assert "DebtorId" == parse_sync(done.stdout, file="customers.yaml").sources["debtors"].key
