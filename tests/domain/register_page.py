"""Writes the examples of the record of processing into the docs: ``python -m tests.domain.register_page``."""

from __future__ import annotations

from pathlib import Path

from afas_mailchimp.getconnector import ConnectorField, Environment
from afas_mailchimp.minimisation import TokenView
from afas_mailchimp.processing_record import Language, record_text
from afas_mailchimp.sync_files import parse_sync
from sandbox.afas.connectors import standard_connectors

ROOT = Path(__file__).parents[2]
SYNC = ROOT / "dags" / "syncs" / "customers.yaml"
PAGES = {
    Language.ENGLISH: ROOT / "docs" / "register-example.md",
    Language.DUTCH: ROOT / "docs" / "nl" / "verwerkingsregister-voorbeeld.md",
}


def token_view() -> TokenView:
    """What the stand-in's AFAS says of the connectors that the example reads."""
    connectors = {name: standard_connectors()[name] for name in ("Profit_Debtor_App", "Profit_Contacts_App")}
    columns = {
        name: tuple(ConnectorField(each.id, each.data_type, each.label, each.length) for each in connector.columns)
        for name, connector in connectors.items()
    }
    environment = Environment("O12345AA", "Mailchimp-koppeling", None, frozenset(columns), frozenset())
    return TokenView(environment=environment, columns=columns)


def example(language: Language) -> str:
    """The record of the sync file that comes with the package."""
    sync = parse_sync(SYNC.read_text(encoding="utf-8"), file=SYNC.name)
    return record_text([sync], language=language, views={sync.afas.connection: token_view()})


if __name__ == "__main__":
    for each, path in PAGES.items():
        path.write_text(example(each), encoding="utf-8")
