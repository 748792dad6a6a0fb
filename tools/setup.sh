#!/bin/sh
# Builds .venv from the lock files; "tools/setup.sh dev" adds the tools for tests and checks. The second run is instant.
set -eu
cd "$(dirname "$0")/.."

want=${1:-run}
unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV  # .pyc files make every Airflow process start sooner
PATH=$PATH:/usr/sbin  # servers of Debian; not every user has it

say() { printf '%s\n' "$*" >&2; }

is_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

install_debian() {
    say "Installing from Debian: $*"
    export DEBIAN_FRONTEND=noninteractive
    # Only the programs are wanted: no server of a package is started, unless the machine says itself what starts.
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then policy=; else printf '#!/bin/sh\nexit 101\n' > "$policy"; chmod +x "$policy"; fi
    apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 ||
        { apt-get update >/dev/null && apt-get install -y --no-install-recommends "$@" >/dev/null; } || failed=1
    if [ -n "$policy" ]; then rm -f "$policy"; fi
    [ -z "${failed:-}" ]
}

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

python=$(find_python) || {
    if is_root; then install_debian python3 python3-venv; fi
    python=$(find_python) || { say "Python 3.11 or 3.12 is needed: sudo apt-get install python3 python3-venv"; exit 1; }
}

# Two makes at once must not build the same folder.
if command -v flock >/dev/null && [ "${SETUP_LOCKED:-}" != 1 ]; then
    exec env SETUP_LOCKED=1 flock tools/setup.sh sh tools/setup.sh "$want"
fi

# Scripts in a venv hold its path, so a moved folder is built anew.
stamp() { { pwd; "$python" --version; cat "$@"; } | sha256sum | cut -d' ' -f1; }
have() { [ "$(cat ".venv/.$1" 2>/dev/null)" = "$2" ]; }

run_stamp=$(stamp requirements.txt tools/setup.sh)
if ! have run "$run_stamp"; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print(f"{sys.version_info.major}.{sys.version_info.minor}")')
        if is_root; then
            install_debian "python$version-venv"
        else
            say "The package python$version-venv is needed: sudo apt-get install python$version-venv"
            exit 1
        fi
    fi
    say "Building .venv with $("$python" --version) (a minute or two, once)"
    rm -rf .venv
    "$python" -m venv .venv
    # --no-deps: the lock is complete, and the pip that comes with Python 3.11 cannot check hashes of extras by itself.
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
    echo "$run_stamp" > .venv/.run
fi

[ "$want" = dev ] || exit 0

dev_stamp=$(stamp requirements.txt requirements-dev.txt requirements-ha.txt tools/setup.sh)
if ! have dev "$dev_stamp"; then
    say "Adding the tools for tests and checks"
    for lock in requirements-dev.txt requirements-ha.txt; do
        .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r "$lock"
    done
    if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
        if is_root; then
            # No database server of the machine is set up.
            install_debian postgresql-common
            sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
            install_debian postgresql
        else
            say "PostgreSQL is not installed (sudo apt-get install postgresql): the docker-compose test uses SQLite instead."
        fi
    fi
    if ! command -v redis-server >/dev/null || ! command -v haproxy >/dev/null; then
        if is_root; then
            install_debian redis-server haproxy
        else
            say "Redis or HAProxy is not installed (sudo apt-get install redis-server haproxy): the failover test is left out."
        fi
    fi
    echo "$dev_stamp" > .venv/.dev
fi
