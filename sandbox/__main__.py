"""Start both stand-ins: ``python -m sandbox --afas-port 8901 --mailchimp-port 8902 --debtors 1500 --contacts 500``."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from sandbox.afas import DEFAULT_TOKEN, AfasService
from sandbox.afas.oauth import OAuth
from sandbox.client import Control
from sandbox.mailchimp import API_KEY, MailchimpService
from sandbox.server import SandboxServer

DEFAULT_LIST = "a1b2c3d4e5"
EPILOG = """\
Connections for Airflow:
  afas_default       type afas, host the AFAS address printed, password the token
                     (or OAuth: login the client id, password the client secret)
  mailchimp_default  type mailchimp, host the Mailchimp address printed, password the API key

Control surface (see sandbox/README.md), for example:
  curl -X POST http://127.0.0.1:8901/_control/seed -d '{"debtors": 100, "contacts": 20, "nasty": true}'
  curl -X POST http://127.0.0.1:8902/_control/faults -d '{"kind": "503", "count": 2, "match": "POST /lists"}'
  curl http://127.0.0.1:8901/_control/log?view=counts
"""


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted."""
    options = _parser().parse_args(arguments)
    afas = SandboxServer(AfasService(token=options.token, seed=options.seed), options.afas_port, host=options.host)
    mailchimp = SandboxServer(
        MailchimpService(list_id=options.list_id, api_key=options.api_key, seed=options.seed),
        options.mailchimp_port,
        host=options.host,
    )
    client = OAuth()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with afas, mailchimp:
        rows = options.debtors + options.contacts
        if rows or options.nasty:
            Control(afas.root_url).seed(
                debtors=options.debtors, contacts=options.contacts, seed=options.seed, nasty=options.nasty
            )
        lines = (
            f"AFAS       {afas.url}",
            f"           token {options.token}",
            f"           OAuth client {client.client_id}, secret {client.client_secret}",
            f"Mailchimp  {mailchimp.url}",
            f"           API key {options.api_key}, audience {options.list_id}",
            f"Rows       {options.debtors} debtors, {options.contacts} contacts, seed {options.seed}"
            + (", and the nasty ones" if options.nasty else ""),
            f"Control    {afas.root_url}/_control/stats and {mailchimp.root_url}/_control/stats",
        )
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        stopped.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Stand-ins for AFAS Profit and Mailchimp, with invented Dutch customers.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    add("--afas-port", type=int, default=8901, metavar="PORT", help="port for AFAS, 0 for a free one (default 8901)")
    add("--mailchimp-port", type=int, default=8902, metavar="PORT", help="port for Mailchimp, 0 for a free one (8902)")
    add("--debtors", type=int, default=0, metavar="N", help="invented debtors in AFAS (default 0)")
    add("--contacts", type=int, default=0, metavar="N", help="invented contacts in AFAS (default 0)")
    add("--nasty", action="store_true", help="add the fixed set of difficult rows")
    add("--seed", type=int, default=0, metavar="N", help="number of the invented rows; the same gives the same (0)")
    add("--token", default=DEFAULT_TOKEN, help="AFAS token, 64 hexadecimal digits")
    add("--api-key", default=API_KEY, help="Mailchimp API key, 32 hexadecimal digits and -us21")
    add("--list-id", default=DEFAULT_LIST, help="id of the audience (default a1b2c3d4e5)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
