"""What a member must look like, worked out from AFAS's rows by plain means that share nothing with the package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from demo.expectation import first_address

NASTY_DOMAIN = "nasty.example"


def wanted(rows: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Address and expected facts of everybody whom AFAS wants mailed; the difficult rows have integration tests."""
    for row in rows["Profit_Debtor_App"]:
        address = first_address(row["Email"])
        if address and not row["Blocked"] and not address.endswith(NASTY_DOMAIN):
            yield (
                address,
                {
                    "AFASID": f"customers:debtors:{row['DebtorId']}",
                    "COMPANY": row["DebtorName"] or "",
                    "PHONE": dutch_number(row["TelNr"]),
                    "CREATED": str(row["CreateDate"])[:10],
                    "FNAME": "",
                    "LNAME": "",
                    "street": row["AddressLine1"] or "",
                    "place": " ".join(str(row["AddressLine3"] or "").split()),
                },
            )
    for row in rows["Profit_Contacts_App"]:
        address = first_address(row["MailWork"])
        if address and row["Type"] == "PRS" and not row["Blocked"] and not address.endswith(NASTY_DOMAIN):
            yield (
                address,
                {
                    "AFASID": f"customers:contacts:{row['ContactId']}",
                    "COMPANY": "",
                    "PHONE": dutch_number(row["TelWork"]),
                    "CREATED": "",
                    "FNAME": row["Voornaam"] or "",
                    "LNAME": row["Achternaam"] or "",
                    "street": "",
                    "place": "",
                },
            )


def seen(member: dict[str, Any]) -> dict[str, Any]:
    """The same facts of a member in Mailchimp."""
    fields = member["merge_fields"]
    address = fields["ADDRESS"] or {"addr1": "", "zip": "", "city": ""}
    return {
        **{tag: fields[tag] for tag in ("AFASID", "COMPANY", "CREATED", "FNAME", "LNAME")},
        "PHONE": re.sub(r"\D", "", fields["PHONE"]),
        "street": address["addr1"],
        "place": f"{address['zip']} {address['city']}".strip(),
    }


def dutch_number(text: str | None) -> str:
    """Digits of a Dutch number with its country in front."""
    digits = re.sub(r"\D", "", str(text or "").replace("(0)", ""))
    return re.sub(r"^(?:0031|31|0)(?=\d)", "31", digits)
