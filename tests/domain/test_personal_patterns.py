"""What looks like a person, and what Airflow and our runs write that must not."""

from __future__ import annotations

import pytest

from afas_mailchimp.personal_patterns import Kind, find_personal

PEOPLE = {
    "an address": ("mailed jan@bakkerij-de-korenaar.example today", Kind.EMAIL),
    "an address in JSON": ('{"email": "Jan.de.Vries+nieuws@korenaar.example"}', Kind.EMAIL),
    "an address in a URL": ("GET /members?email=jan%40korenaar.example&x=1", Kind.EMAIL),
    "an address in angle brackets": ("<jan@korenaar.example>", Kind.EMAIL),
    "an address at the end of a sentence": ("Mailed jan@korenaar.example.", Kind.EMAIL),
    "mobile": ("belt 0612345678 terug", Kind.PHONE),
    "mobile with a hyphen": ("06-12345678", Kind.PHONE),
    "mobile in groups": ("06 12 34 56 78", Kind.PHONE),
    "area code of three": ("030-1234567", Kind.PHONE),
    "area code of four": ("0348 123456", Kind.PHONE),
    "area code in brackets": ("(030) 123 45 67", Kind.PHONE),
    "with country": ("+31 30 123 45 67", Kind.PHONE),
    "with country and nought": ("+31 (0)30 1234567", Kind.PHONE),
    "with country, no plus": ("0031301234567", Kind.PHONE),
    "E.164 in JSON": ('{"PHONE":"+31301234567"}', Kind.PHONE),
    "E.164 in a URL": ("phone=%2B31301234567", Kind.PHONE),
    "postcode": ("Dorpsstraat 1, 3512 AB Utrecht", Kind.POSTCODE),
    "postcode in JSON": ('"zip": "3512 AB"', Kind.POSTCODE),
    "postcode in a URL": ("zip=3512%20AB&city", Kind.POSTCODE),
}

HARMLESS = {
    "a moment": "2026-11-23T12:33:10.123456+00:00",
    "a moment with a space": "2026-11-23 12:33:10.123456+00:00",
    "a Dutch date and time": "01-02-2026 10:15:00",
    "a run id": "manual__2026-11-23T12:33:10.123456+00:00_Ab3dE",
    "a uuid": "0192f3a4-0612-3456-7890-061234567890",
    "a uuid of digits": "06123456-0612-3456-7890-061234567890",
    "an md5": "06123456780123456789abcdef012345",
    "a digest in base64": "a:Q0612345678w o:20261123 t:x",
    "an AFAS key": '"debtors:10001", "10002", "contacts:20001"',
    "keys in a list": '["debtors:10030", "debtors:10031"]',
    "a duration": "0.1234567890 seconds, 0.06123456 s",
    "bytes and rows": "0 found in 1234567890 bytes, 20000 rows",
    "kilobytes": "1024 KB, 5000 MB",
    "epoch": "1763901190 1763901190123",
    "a version": "3.3.2 1.0.0 2026.11.23",
    "an address of a service": "https://12345.rest.afas.online/ProfitRestServices/connectors/Profit_Debtor_App?skip=0&take=5000",
    "Mailchimp's host": "https://us21.api.mailchimp.com/3.0/lists/a1b2c3d4e5/members",
    "a local port": "http://127.0.0.1:8901/ProfitRestServices",
    "a database with a password": "postgresql+psycopg2://airflow:***@postgres:5432/airflow",
    "a user at a host": "airflow@scheduler celery@worker-1",
    "an HTTP line": '"GET /health HTTP/1.1" 200 OK',
    "a traceback": 'File "/opt/airflow/plugins/operators/afas_mailchimp_run.py", line 1024, in carry_out',
    "a decorator": "@dag @task.branch",
    "a year and a word": "in 2026 Is alles goed",
    "a status": "HTTP 4004 OK",
}


@pytest.mark.parametrize(("text", "kind"), PEOPLE.values(), ids=PEOPLE)
def test_people_are_found(text, kind):
    """Each by its kind, and by no other."""
    assert find_personal(text) == {kind: 1}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_may_be_kept_is_no_person(text):
    """A false alarm would teach people to look away."""
    assert find_personal(text) == {}


def test_every_one_is_counted():
    """Two addresses and a number are three findings."""
    text = "jan@korenaar.example, els@korenaar.example: 0612345678"

    assert find_personal(text) == {Kind.EMAIL: 2, Kind.PHONE: 1}
