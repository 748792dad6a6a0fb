"""What ``/metainfo`` says: the environment, the columns of GetConnectors, the fields of UpdateConnectors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.afas.connectors import Column, Connector

CONTROL_TYPES = {"string": 1, "int": 2, "decimal": 3, "boolean": 4, "date": 5}
FREE_FIELDS = (("Nieuwsbrief", "boolean", 0), ("E-mail onjuist", "boolean", 0))
"""Free fields of organisations and persons: label, type, length. Their ids differ by environment."""
_DATA_TYPES = {"s": "string", "i": "int", "b": "boolean", "d": "date", "n": "decimal"}

_MATCH_ORGANISATION = (("0", "Zoek op BcCo"), ("1", "KvK-nummer"), ("3", "Naam"), ("6", "Altijd nieuw toevoegen"))
_MATCH_PERSON = (("0", "Zoek op BcCo"), ("1", "Burgerservicenummer"), ("7", "Altijd nieuw toevoegen"))
_FIELDS = {
    "KnPerson": "MatchPer:s1:Persoon vergelijken op;BcCo:s15:Nummer;SeNm:s10:Zoeknaam;CaNm:s80:Roepnaam;"
    "FiNm:s50:Voornaam;In:s15:Voorletters;Is:s15:Voorvoegsel;LaNm:s80:Achternaam;ViGe:s1:Geslacht;DaBi:d0:Geboortedatum;"
    "TeNr:s100:Telefoonnr. werk;TeN2:s100:Telefoonnr. privé;MbNr:s100:Mobiel werk;MbN2:s100:Mobiel privé;"
    "EmAd:s100:E-mail werk;EmA2:s100:E-mail privé;HoPa:s255:Homepage;Corr:b0:Correspondentie;ViMd:s3:Voorkeursmedium;"
    "Re:s0:Opmerking;LgId:s5:Taal;PadAdr:b0:Postadres is adres;AutoNum:b0:Autonummering",
    "KnOrganisation": "MatchOga:s1:Organisatie vergelijken op;BcCo:s15:Nummer;SeNm:s10:Zoeknaam;Nm:s255:Naam;"
    "CcNr:s30:KvK-nummer;FiNr:s21:Fiscaal nummer;TeNr:s100:Telefoonnr. werk;FaNr:s100:Fax werk;MbNr:s100:Mobiel werk;"
    "EmAd:s100:E-mail werk;HoPa:s255:Homepage;Corr:b0:Correspondentie;ViMd:s3:Voorkeursmedium;Re:s0:Opmerking;"
    "XpRe:s40:Externe sleutel;PadAdr:b0:Postadres is adres;AutoNum:b0:Autonummering",
    "KnContact": "BcCoOga:s15:Nummer organisatie;BcCoPer:s15:Nummer persoon;CdId:i0:Contact;ViKc:s3:Soort contact;"
    "ExAd:s30:Afdeling;ViFu:s5:Functie;FuDs:s50:Functie op visitekaart;Corr:b0:Correspondentie;ViMd:s3:Voorkeursmedium;"
    "TeNr:s100:Telefoonnr. werk;FaNr:s100:Fax werk;MbNr:s100:Mobiel werk;EmAd:s100:E-mail werk;HoPa:s255:Homepage;"
    "Re:s0:Opmerking;Bl:b0:Geblokkeerd",
    "KnSalesRelationOrg": "DbId:s16:Debiteurnummer;IsDb:b0:Is debiteur;PaCd:s5:Betalingsvoorwaarde;CuId:s3:Valuta;"
    "LgId:s5:Taal;VaDu:s3:Btw-plicht;Krli:n0:Kredietlimiet;Bl:b0:Geblokkeerd voor levering;BlTl:b0:Volledig blokkeren;"
    "InPv:s1:Voorkeur factuur;DeCo:s5:Leveringsconditie",
}
_FIELDS["KnSalesRelationPer"] = _FIELDS["KnSalesRelationOrg"]
_KEYS = {"BcCo", "CdId", "DbId"}
UPDATE_CONNECTORS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "KnPerson": ("Persoon", ()),
    "KnOrganisation": ("Organisatie", ()),
    "KnContact": ("Contact", ()),
    "KnSalesRelationOrg": ("Verkooprelatie (organisatie)", ("KnOrganisation",)),
    "KnSalesRelationPer": ("Verkooprelatie (persoon)", ("KnPerson",)),
}
"""UpdateConnectors: description, and the objects inside them."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What the token belongs to.

    :param token_expiry: as metainfo says it; ``0`` is never.
    """

    id: str = "O12345AA"
    app: str = "Mailchimp-koppeling"
    group: str = "Groep 101 (12345.KOPPELING)"
    token_expiry: str = "0"  # noqa: S105 - a date, or 0 for never


def session(environment: Environment, connectors: Mapping[str, Connector]) -> dict[str, object]:
    """``GET /metainfo``: only what the token may use."""
    return {
        "updateConnectors": [
            {"id": name, "description": description} for name, (description, _) in UPDATE_CONNECTORS.items()
        ],
        "getConnectors": [
            {"id": connector.name, "description": connector.description}
            for connector in connectors.values()
            if connector.authorised
        ],
        "info": {
            "envid": environment.id,
            "appName": environment.app,
            "group": environment.group,
            "tokenExpiry": environment.token_expiry,
        },
    }


def get_connector(connector: Connector) -> dict[str, object]:
    """``GET /metainfo/get/{id}``."""
    fields = [_column(number, column) for number, column in enumerate(connector.columns, start=1)]
    return {"name": connector.name, "description": connector.description, "fields": fields}


def update_connector(name: str, environment: Environment) -> dict[str, object]:
    """``GET /metainfo/update/{id}``: fields, free fields and the objects inside."""
    description, objects = UPDATE_CONNECTORS[name]
    fields = [_field(text) for text in _FIELDS[name].split(";")]
    if name in {"KnPerson", "KnOrganisation"}:
        fields += [
            _described(free_field_id(environment, name, label), data_type, label, length)
            for label, data_type, length in FREE_FIELDS
        ]
    inner = [update_connector(child, environment) for child in objects]
    return {"id": name, "name": name, "description": description, "fields": fields, "objects": inner}


def free_field_id(environment: Environment, connector: str, label: str) -> str:
    """``U`` and 32 hexadecimal digits, other ones in each environment."""
    digest = hashlib.md5(f"{environment.id}/{connector}/{label}".encode(), usedforsecurity=False)
    return "U" + digest.hexdigest().upper()


def _column(number: int, column: Column) -> dict[str, object]:
    return {
        "id": column.id,
        "fieldId": f"U{number:03d}",
        "dataType": column.data_type,
        "label": column.label,
        "length": column.length,
        "controlType": CONTROL_TYPES[column.data_type],
        "decimals": 2 if column.data_type == "decimal" else 0,
        "decimalsFieldId": "",
    }


def _field(text: str) -> dict[str, object]:
    name, kind, label = text.split(":")
    field = _described(name, _DATA_TYPES[kind[0]], label, int(kind[1:]))
    choices = {"MatchOga": _MATCH_ORGANISATION, "MatchPer": _MATCH_PERSON}.get(name)
    if choices:
        field["values"] = [{"id": id_, "description": description} for id_, description in choices]
    return field


def _described(name: str, data_type: str, label: str, length: int) -> dict[str, object]:
    return {
        "fieldId": name,
        "primaryKey": name in _KEYS,
        "dataType": data_type,
        "label": label,
        "mandatory": False,
        "length": length,
        "decimals": 2 if data_type == "decimal" else 0,
        "decimalFieldId": "",
        "notzero": False,
        "controlType": CONTROL_TYPES[data_type],
        "values": None,
    }
