"""Who gets in to the AFAS stand-in, what metainfo says, and how refusals look."""

from __future__ import annotations

import base64

import pytest
import requests

from sandbox.afas import DEFAULT_TOKEN
from tests.sandbox.afas_client import AUTHORIZATION, CONTACTS, DEBTORS, EXTRA, XML_TOKEN, Afas


def encoded(text: str) -> str:
    """Base64 of a text."""
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("", id="none"),
        pytest.param("AfasToken", id="empty"),
        pytest.param(f"AfasToken {DEFAULT_TOKEN}", id="only the digits"),
        pytest.param(f"AfasToken {encoded(DEFAULT_TOKEN)}", id="base64 of the digits"),
        pytest.param(f"AfasToken {encoded(XML_TOKEN.replace('5A', '5B'))}", id="another token"),
        pytest.param(AUTHORIZATION.replace("AfasToken", "Bearer"), id="another scheme"),
        pytest.param(AUTHORIZATION + "=", id="bad padding"),
    ],
)
def test_wrong_token_is_an_empty_401(afas: Afas, header: str) -> None:
    """Without the right token there is a 401 without a body that calls itself XML."""
    headers = {"Authorization": header} if header else {}
    response = requests.get(afas.server.url + "/metainfo", headers=headers, timeout=5)

    assert (401, b"") == (response.status_code, response.content)
    assert "application/xml; charset=utf-8" == response.headers["Content-Type"]


def test_plain_xml_token_is_a_500(afas: Afas) -> None:
    """A token that was not encoded is a 500 since Profit 7."""
    headers = {"Authorization": f"AfasToken {XML_TOKEN}"}

    assert 500 == requests.get(afas.server.url + "/metainfo", headers=headers, timeout=5).status_code


def test_path_is_case_insensitive(afas: Afas) -> None:
    """AFAS's own texts write the paths in different ways."""
    url = afas.server.root_url + "/profitrestservices/MetaInfo"

    assert 200 == requests.get(url, headers={"Authorization": AUTHORIZATION}, timeout=5).status_code


def test_metainfo_lists_what_the_token_may_use(afas: Afas) -> None:
    """Session information has the environment, the token's end and only authorised connectors."""
    afas.control.call("connector", name="Profit_Debtor", authorised=False)
    afas.control.call("settings", environment="T54321AB", token_expiry="2099-05-01")
    body = afas.get("/metainfo").json()

    assert {DEBTORS, EXTRA, CONTACTS, "Profit_Deliveryaddress"} == {entry["id"] for entry in body["getConnectors"]}
    assert {"KnPerson", "KnOrganisation", "KnContact", "KnSalesRelationOrg", "KnSalesRelationPer"} == {
        entry["id"] for entry in body["updateConnectors"]
    }
    assert ("T54321AB", "2099-05-01") == (body["info"]["envid"], body["info"]["tokenExpiry"])


def test_metainfo_of_a_connector_describes_its_rows(afas: Afas) -> None:
    """The columns that metainfo names are those of the rows, in the same order."""
    afas.debtor("1", DebtorName="Het Anker")
    fields = afas.get(f"/metainfo/get/{EXTRA}").json()["fields"]
    types = {field["id"]: field["dataType"] for field in fields}

    assert list(types) == list(afas.rows(EXTRA)[0])
    assert ("string", "boolean", "date") == (types["DebtorId"], types["Blocked"], types["DateModified"])
    assert {"id", "fieldId", "dataType", "label", "length", "controlType", "decimals", "decimalsFieldId"} == set(
        fields[0]
    )


def test_columns_are_those_of_the_interface(afas: Afas) -> None:
    """The connectors have exactly the columns that the package was promised."""
    ids = {
        name: " ".join(field["id"] for field in afas.get(f"/metainfo/get/{name}").json()["fields"])
        for name in (DEBTORS, EXTRA, CONTACTS)
    }
    debtor = (
        "DebtorId DebtorName BcCo Type AddressLine1 AddressLine3 AddressLine4 TelNr Email "
        "Blocked CreateDate DateModified"
    )

    assert debtor == ids[DEBTORS]
    assert debtor + " FirstName LastName Nieuwsbrief EmailOnjuist Taal Klantgroep OrgModified" == ids[EXTRA]
    assert (
        "ContactId Type Name OrgNumber PerNumber Voornaam Achternaam AddressLine1 AddressLine3 AddressLine4 TelWork "
        "MobWork MailWork Function Blocked CreateDate DateModified"
    ) == ids[CONTACTS]


def test_update_metainfo_has_free_fields_with_ids_of_the_environment(afas: Afas) -> None:
    """A free field is found by its label, and its id is another one in another environment."""
    ids = []
    for environment in ("O12345AA", "T12345AA"):
        afas.control.call("settings", environment=environment)
        fields = afas.get("/metainfo/update/KnPerson").json()["fields"]
        ids.append(next(field["fieldId"] for field in fields if field["label"] == "Nieuwsbrief"))

    assert ids[0] != ids[1]
    assert all(len(name) == 33 and name.startswith("U") for name in ids)


def test_update_metainfo_nests_objects(afas: Afas) -> None:
    """A sales relation contains its organisation."""
    body = afas.get("/metainfo/update/KnSalesRelationOrg").json()

    assert ["KnOrganisation"] == [inner["name"] for inner in body["objects"]]
    assert {"MatchOga", "BcCo", "EmAd"} <= {field["fieldId"] for field in body["objects"][0]["fields"]}


@pytest.mark.parametrize("path", ["/connectors/Profit_Nothing", "/metainfo/get/Profit_Nothing", "/metainfo/update/Kn"])
@pytest.mark.parametrize("switch", ["401", "500"])
def test_connector_without_right_looks_as_set(afas: Afas, path: str, switch: str) -> None:
    """An unknown or unauthorised connector is an empty 401 or a JSON 500, whichever the switch says."""
    afas.control.call("settings", unauthorised=switch)
    response = afas.get(path)

    assert int(switch) == response.status_code
    if switch == "401":
        assert b"" == response.content
    else:
        assert -2147180996 == response.json()["errorNumber"]


def test_unauthorised_connector_is_refused(afas: Afas) -> None:
    """A connector that exists is refused like one that does not, once its right is taken away."""
    afas.control.call("connector", name=DEBTORS, authorised=False)

    assert 401 == afas.get(f"/connectors/{DEBTORS}").status_code


def test_blocked_connector_says_so(afas: Afas) -> None:
    """A connector blocked for heavy use is a 500 with AFAS's text."""
    afas.control.call("connector", name=DEBTORS, blocked=True)
    response = afas.get(f"/connectors/{DEBTORS}")

    assert (500, "This GetConnector (definition) is blocked") == (
        response.status_code,
        response.json()["externalMessage"],
    )


def test_profitversion_follows_its_switch(afas: Afas) -> None:
    """The version is told only if the app connector may ask for it."""
    assert "22.22.5" == afas.get("/profitversion").json()["version"]
    afas.control.call("settings", version_connector=False)

    assert 401 == afas.get("/profitversion").status_code


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_inserting_and_deleting_were_not_taught(afas: Afas, method: str) -> None:
    """What the stand-in does not know is refused in a way that cannot be taken for AFAS."""
    response = afas.session.request(method, afas.server.url + "/connectors/KnPerson", json={}, timeout=5)

    assert 501 == response.status_code
    assert "UpdateConnectors" in response.json()["sandbox"]


def test_unknown_path_is_a_404(afas: Afas) -> None:
    """A path that AFAS does not have is a 404."""
    assert 404 == afas.get("/sessioninfo").status_code


def test_answers_carry_trace_and_date_of_the_clock(afas: Afas) -> None:
    """Every answer has a trace of its own, and the Date header follows the clock that was set."""
    afas.control.call("clock", at="2026-10-25T01:30:00Z")
    responses = [afas.get("/metainfo"), afas.get("/nothing")]

    assert ["Sun, 25 Oct 2026 01:30:00 GMT"] * 2 == [response.headers["Date"] for response in responses]
    assert 2 == len({response.headers["X-Trace-Identifier"] for response in responses})


def test_clock_knows_both_hours_of_the_autumn_night(afas: Afas) -> None:
    """Two moments an hour apart have the same wall time when the clocks go back."""
    walls = [
        afas.control.call("clock", at=moment)["wall"] for moment in ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")
    ]

    assert ["2026-10-25T02:30:00.000"] * 2 == walls


def test_error_speaks_the_language_asked_for(afas: Afas) -> None:
    """The general error comes in Dutch for a client that asks for Dutch."""
    texts = [
        afas.session.get(
            afas.server.url + f"/connectors/{DEBTORS}?take=-1", headers={"Accept-Language": language}, timeout=5
        ).json()["externalMessage"]
        for language in ("nl-nl", "en-us")
    ]

    assert ["Er is een onverwachte fout opgetreden.", "An unexpected error has occurred."] == texts
