"""Every mistake in a sync file is one sentence that names file, key and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from afas_mailchimp.errors import ConfigurationError
from afas_mailchimp.settings import FieldKind
from afas_mailchimp.sync_files import find_syncs, parse_sync

SAMPLE = (Path(__file__).parents[2] / "dags" / "syncs" / "customers.yaml").read_text(encoding="utf-8")


def test_the_sample_file_is_right() -> None:
    """The file that users copy is one that works, with both sources in order."""
    sync = parse_sync(SAMPLE, file="customers.yaml")

    assert ["debtors", "contacts"] == list(sync.sources)
    assert {"COMPANY", "PHONE", "ADDRESS", "CREATED", "FNAME", "LNAME"} == set(sync.merge_kinds)
    assert FieldKind.ADDRESS == sync.merge_kinds["ADDRESS"]
    assert "DateModified" in sync.sources["debtors"].columns


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param(
            "key: DebtorId",
            "kye: DebtorId",
            "unknown key 'sources.debtors.kye'; did you mean 'key'?",
            id="slip of the pen",
        ),
        pytest.param("list_id:", "lst_id:", "the key 'audience.list_id' is required", id="required key missing"),
        pytest.param(
            "new_members: subscribed",
            "new_members: yes please",
            "allowed: subscribed, pending, transactional",
            id="unknown status",
        ),
        pytest.param(
            "a1b2c3d4e5 ",
            "1234567890 ",
            "audience.list_id: write text; put the value in quotes",
            id="number where text is meant",
        ),
        pytest.param('"*/15 * * * *"', '"every day"', "schedule: not a cron expression", id="bad schedule"),
        pytest.param("Europe/Amsterdam", "Amsterdam", "timezone: not a time zone", id="bad time zone"),
        pytest.param("24h", "a day", "full_reload_every: write a number and a unit", id="bad duration"),
        pytest.param(
            "{phone: TelNr}",
            "{fone: TelNr}",
            "unknown kind 'fone'; allowed: text, phone, date, number, address",
            id="unknown kind of field",
        ),
        pytest.param(
            "COMPANY: DebtorName", "AFASID: DebtorName", "this merge field holds our key", id="our key field mapped"
        ),
        pytest.param(
            "COMPANY: DebtorName", "company: DebtorName", "does not have the right form", id="merge tag in lower case"
        ),
        pytest.param(
            "PHONE: {phone: TelWork}", "PHONE: TelWork", "mapped as text here and as phone", id="one field, two types"
        ),
        pytest.param(
            "consent_field: null",
            "consent_field: {field: N, yes: [ja, 1], no: [1]}",
            "listed under yes and under no",
            id="yes and no overlap",
        ),
        pytest.param("key_field: AFASID", "key_field: AFASSUM", "must differ", id="key and base in one field"),
        pytest.param(
            "archive_removed: true",
            "write_back: {debtors: {}}",
            "write_back: not supported by this version",
            id="write-back",
        ),
        pytest.param(
            "name: customers ",
            "name: Customers ",
            "name: 'Customers' does not have the right form",
            id="name with a capital",
        ),
        pytest.param("overlap: 10m", "overlap: 10m\noverlap: 5m", "the key 'overlap' occurs twice", id="a key twice"),
        pytest.param("sources:", "sources: [", "not readable as YAML", id="not YAML"),
    ],
)
def test_mistakes(old: str, new: str, sentence: str) -> None:
    """Each of these is told with the file's name."""
    assert old in SAMPLE

    with pytest.raises(ConfigurationError) as caught:
        parse_sync(SAMPLE.replace(old, new, 1), file="customers.yaml")

    assert sentence in str(caught.value)
    assert str(caught.value).startswith("customers.yaml")


def test_bare_yes_and_no_keys_of_yaml() -> None:
    """YAML reads the keys yes and no as booleans; the design's own spelling works all the same."""
    text = SAMPLE.replace("consent_field: null", "consent_field: {field: Nieuwsbrief, yes: [true], no: [false]}", 1)

    field = parse_sync(text, file="x.yaml").sources["debtors"].consent_field

    assert field is not None
    assert ((True,), (False,)) == (field.yes, field.no)


def test_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    """Three files: one right, one wrong, one that takes a name which is taken."""
    (tmp_path / "a.yaml").write_text(SAMPLE)
    (tmp_path / "b.yaml").write_text("name: [")
    (tmp_path / "c.yaml").write_text(SAMPLE)

    found = {each.name: each for each in find_syncs(tmp_path)}

    assert {"customers", "b", "c_duplicate"} == set(found)
    assert found["customers"].sync is not None
    assert "not readable as YAML" in str(found["b"].problem)
    assert "is taken by a.yaml" in str(found["c_duplicate"].problem)
