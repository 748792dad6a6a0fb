"""``make cluster``: the redundant Airflow on this machine, with both stand-ins, until Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
import time
from pathlib import Path

from cluster.redundant import PARTS, Cluster
from demo.stand_ins import StandIns

DEBTORS, CONTACTS = 1_500, 500


def main() -> int:
    """Start everything, say where it is, and keep it running."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="afas-mailchimp-cluster-") as folder:
        home = Path(folder)
        print("Starting PostgreSQL, Redis, and of Airflow two schedulers, two workers, two API servers …", flush=True)
        with (
            contextlib.suppress(KeyboardInterrupt),
            StandIns(home, debtors=DEBTORS, contacts=CONTACTS) as stand_ins,
            Cluster(home / "airflow") as cluster,
        ):
            for connection in stand_ins.connections():
                cluster.rest.add_connection(**connection)
            print(f"\nAirflow    {cluster.rest.url}  (user admin, password {cluster.env['AIRFLOW_ADMIN_PASSWORD']})")
            print(f"Mailchimp  {stand_ins.mailchimp_root}/")
            print(f"Logs       {cluster.native.home}")
            print(f"\nKill what you like; what has ended is started again. Parts: {', '.join(PARTS)}")
            for name in PARTS:
                print(f"  {name:14} {' '.join(map(str, cluster.processes(name)[:3]))}")
            print("\nCtrl-C ends everything.", flush=True)
            while True:
                time.sleep(1)
                cluster.tend()
    return 0


if __name__ == "__main__":
    sys.exit(main())
