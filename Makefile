# Everything a person types. Each target prepares what it needs; the second time that is instant.
.DEFAULT_GOAL := help
.PHONY: help demo test test-long faults cluster cluster-test browser soak check format bench new-sync lint-sync verify lock setup clean
# Byte code makes each of Airflow's many processes start seconds sooner.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME
PYTHON_BIN := .venv/bin/python

help:  ## List these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /|/' | while IFS='|' read -r name text; do printf '  make %-9s %s\n' "$$name" "$$text"; done

demo:  ## AFAS and Mailchimp stand-ins, a real Airflow, two runs, a report; stays up (DEMO_EXIT=1: ends after the report)
	@tools/setup.sh run
	@$(PYTHON_BIN) -m demo

test:  ## All tests, fastest first, on every core
	@tools/setup.sh dev
	@# One more than there are cores: some tests wait for an Airflow.
	@$(PYTHON_BIN) -m pytest --numprocesses $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --maxprocesses 5 --dist loadfile

test-long:  ## The same, with the cases that only show more of the same (PostgreSQL everywhere, more histories)
	@LONG=1 $(MAKE) --no-print-directory test

faults:  ## Every cell of the fault matrix (docs/faults.md), and a long wait in a real Airflow
	@tools/setup.sh dev
	@FAULTS=all $(PYTHON_BIN) -m pytest tests/integration/faults

cluster:  ## The redundant set-up of docker-compose.yaml without Docker, with both stand-ins, until Ctrl-C
	@tools/setup.sh dev
	@$(PYTHON_BIN) -m cluster

cluster-test:  ## What may die during an import, one after the other, and a table of it (a quarter of an hour)
	@tools/setup.sh dev
	@CLUSTER=1 $(PYTHON_BIN) -m pytest -s tests/cluster

browser:  ## The page in a headless Chromium against a real Airflow (two minutes; screenshots in .pytest_cache/browser)
	@tools/browser.sh
	@BROWSER=1 $(PYTHON_BIN) -m pytest tests/browser

soak:  ## 10,000 random histories of both sides (SOAK_HISTORIES=..., SOAK_SEED=...); 1 when one broke a promise
	@tools/setup.sh dev
	@$(PYTHON_BIN) -m tests.soak

check:  ## Format, lint, types, who imports whom, lock files fresh
	@tools/setup.sh dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	PYTHONPATH=plugins:. .venv/bin/lint-imports
	tools/lock.sh check

format:  ## Format the code, and mend what the linter can mend
	@tools/setup.sh dev
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench:  ## Speed and memory against the model of both APIs, some nine minutes (BENCH_ROWS=..., BENCH_WHOLE=1, BENCH_MILLION=1)
	@tools/setup.sh run
	@PYTHONPATH=plugins:. $(PYTHON_BIN) -m bench

new-sync:  ## A first sync file from the columns of AFAS (ARGS="--connector Profit_Debtor_App --output ..."; none: list them)
	@tools/setup.sh run
	@PYTHONPATH=plugins $(PYTHON_BIN) -m operators.afas_mailchimp_new_sync $(ARGS)

lint-sync:  ## Columns and rights of the AFAS token that no sync needs, sensitive columns (ARGS="--register FILE --language nl")
	@tools/setup.sh run
	@PYTHONPATH=plugins $(PYTHON_BIN) -m operators.afas_mailchimp_lint $(ARGS)

verify:  ## Search what the package's runs left in Airflow for addresses, phone numbers, postcodes (ARGS="--database URL")
	@tools/setup.sh run
	@PYTHONPATH=plugins $(PYTHON_BIN) -m operators.afas_mailchimp_verify $(ARGS)

lock:  ## Resolve requirements*.in to requirements*.txt (UPGRADE=1: newest versions)
	@tools/setup.sh dev
	tools/lock.sh

setup:  ## Only build .venv
	@tools/setup.sh dev

clean:  ## Remove .venv, the demo's Airflow and all caches
	rm -rf .venv .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info plugins/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
