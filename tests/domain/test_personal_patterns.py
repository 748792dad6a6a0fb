"""What looks like a person, and what Airflow and our runs write that must not."""

from __future__ import annotations

import time

import pytest

from afas_mailchimp.personal_patterns import Kind, find_personal

PEOPLE = {
    "an address": ("mailed jan@bakkerij-de-korenaar.example today", Kind.EMAIL),
    "an address in JSON": ('{"email": "Jan.de.Vries+nieuws@korenaar.example"}', Kind.EMAIL),
    "an address in a URL": ("GET /members?email=jan%40korenaar.example&x=1", Kind.EMAIL),
    "an address in angle brackets": ("<jan@korenaar.example>", Kind.EMAIL),
    "an address at the end of a sentence": ("Mailed jan@korenaar.example.", Kind.EMAIL),
    "an address in a filter of AFAS": ("filterjson=%7B%22Email%22%3A%22jan%40korenaar.example%22%7D", Kind.EMAIL),
    "an address behind an encoded space": ("q=%20jan%40korenaar.example", Kind.EMAIL),
    "an address encoded twice": ("next=%2Fx%3Femail%3Djan%2540korenaar.example", Kind.EMAIL),
    "an address with JSON's at sign": ('"jan\\u0040korenaar.example"', Kind.EMAIL),
    "an address on a line of a traceback": ('{"error": "Traceback:\\njan@korenaar.example"}', Kind.EMAIL),
    "an address with an apostrophe": ("els.o'neil@korenaar.example", Kind.EMAIL),
    "an address of a domain outside ASCII": ("jan@café-zoë.example", Kind.EMAIL),
    "an address with something behind it": ("jan@korenaar.example_old", Kind.EMAIL),
    "an address in a link": ("mailto:jan@korenaar.example", Kind.EMAIL),
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
    "mobile with spaces around the hyphen": ("06 - 12345678", Kind.PHONE),
    "mobile with dots": ("06.12.34.56.78", Kind.PHONE),
    "area code with spaces around the hyphen": ("030 - 123 45 67", Kind.PHONE),
    "area code with a slash": ("030/1234567", Kind.PHONE),
    "area code with a long dash": ("030 \u2013 1234567", Kind.PHONE),
    "with hard spaces": ("030\xa0123\xa045\xa067", Kind.PHONE),
    "country in brackets": ("(+31) 30 1234567", Kind.PHONE),
    "mobile with country": ("+31 6 12345678", Kind.PHONE),
    "named": ("Tel:0301234567", Kind.PHONE),
    "named in JSON": ('{"TelNr":"030-1234567"}', Kind.PHONE),
    "a link": ("tel:+31301234567", Kind.PHONE),
    "quoted in a URL": ("filterjson=%7B%22TelNr%22%3A%220301234567%22%7D", Kind.PHONE),
    "a form in a URL": ("phone=030+1234567&x=1", Kind.PHONE),
    "on a line of a traceback": ('{"error": "Traceback:\\n0612345678"}', Kind.PHONE),
    "postcode": ("Dorpsstraat 1, 3512 AB Utrecht", Kind.POSTCODE),
    "postcode in JSON": ('"zip": "3512 AB"', Kind.POSTCODE),
    "postcode in a URL": ("zip=3512%20AB&city", Kind.POSTCODE),
    "postcode in a form": ("zip=3512+AB&city", Kind.POSTCODE),
    "postcode with country": ("NL-3512 AB Utrecht", Kind.POSTCODE),
    "postcode behind its name": ("postcode:3512 AB", Kind.POSTCODE),
    "postcode with a hard space": ('"3512\\u00a0AB"', Kind.POSTCODE),
}

HARMLESS = {
    "a moment": "2026-11-23T12:33:10.123456+00:00",
    "a moment with a space": "2026-11-23 12:33:10.123456+00:00",
    "a Dutch date and time": "01-02-2026 10:15:00",
    "a run id": "manual__2026-11-23T12:33:10.123456+00:00_Ab3dE",
    "a uuid": "0192f3a4-0612-3456-7890-061234567890",
    "a uuid of digits": "06123456-0612-3456-7890-061234567890",
    "a uuid that begins like a mobile": "06123456-0612-4a56-a890-061234567890",
    "an md5": "06123456780123456789abcdef012345",
    "a digest in base64": "a:Q0612345678w o:20261123 t:x",
    "an AFAS key": '"debtors:10001", "10002", "contacts:20001"',
    "keys in a list": '["debtors:10030", "debtors:10031"]',
    "a key of ten digits": '"debtors:0612345678", "1234567890", "5061234567"',
    "numbers in a list": "[01, 02, 03, 04, 05, 06, 07, 08, 09, 10]",
    "numbers in columns": "01 02 03 04 05 06",
    "a date and a count": "06-12-2026 10 rows",
    "a date with dots": "06.12.2026 1015",
    "a clock with a fraction": "23:06:12.345678 06:12:34.567890",
    "no such area": "0123456789",
    "a service number": "0900-1234567, 0800 123456",
    "eleven digits": "06123456789 01234567890 00612345678",
    "a number behind a number": "line 12:0612345678, 544:030-1234567",
    "digits in a word": "x0612345678 0612345678abc _0612345678",
    "digits in base64": "ab+0612345678/cd= 0612345678==",
    "a duration": "0.1234567890 seconds, 0.06123456 s",
    "bytes and rows": "0 found in 1234567890 bytes, 20000 rows",
    "kilobytes": "1024 KB, 5000 MB",
    "SQL": "WHERE id = 1234 OR size > 5000 AS x LIMIT 2026 IN",
    "a time of day": "1230 PM, 1015 AM",
    "no such postcode": "0123 AB, 1234 SS, 1234 SA, 1234 SD, 12345 AB, 1234 ABC, 1234 ab",
    "a code": "1234AB",
    "a run id in a URL": "dagRuns/manual__2026-11-23T12%3A33%3A10.123456%2B00%3A00_Ab3dE/taskInstances",
    "a format": "%(asctime)s %20s %-5d %%40",
    "epoch": "1763901190 1763901190123",
    "a version": "3.3.2 1.0.0 2026.11.23",
    "an address of a service": "https://12345.rest.afas.online/ProfitRestServices/connectors/Profit_Debtor_App?skip=0&take=5000",
    "Mailchimp's host": "https://us21.api.mailchimp.com/3.0/lists/a1b2c3d4e5/members",
    "a local port": "http://127.0.0.1:8901/ProfitRestServices",
    "a database with a password": "postgresql+psycopg2://airflow:***@postgres:5432/airflow",
    "a user at a host": "airflow@scheduler celery@worker-1",
    "a worker of Celery": "celery@worker-1.eu.example ready",
    "a login in an address": "postgresql+psycopg2://airflow:p4ss@db.intern.example:5432/airflow",
    "a bucket": "s3://log_store@our-logs.example/dags",
    "a connection of a package": "package @ file:///opt/wheels/x-1.0-py3-none-any.whl",
    "a matrix product": "a @ b.T, x @b.mean",
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


def test_megabytes_take_seconds():
    """Logs are large, and a search that takes minutes would not be run."""
    line = (
        '{"timestamp":"2026-11-23T12:33:10.123456+00:00","level":"debug","event":"https://127.0.0.1:8901 \\"GET '
        '/ProfitRestServices/connectors/Profit_Debtor_App?skip=0&take=5000&orderbyfieldids=DebtorId HTTP/1.1\\" 200 '
        '1234567","logger":"urllib3.connectionpool","filename":"connectionpool.py","lineno":544}\n'
    )
    text = line * (500_000 // len(line))
    begun = time.process_time()

    assert find_personal(text) == {}
    assert time.process_time() - begun < 0.5
