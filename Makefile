# `make run` and `make test` need Python 3.11 or newer, and nothing else.
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-postgres lint bench lock openapi
.DEFAULT_GOAL := run

.venv/.installed: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Roll Call needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements-dev.txt
	@touch $@

# Development settings of this checkout, with keys of its own; never committed, never read by a deployment.
.env: | .venv/.installed
	@$(BIN)/python -c 'import secrets; from cryptography.fernet import Fernet; print(f"DEBUG=1\nSECRET_KEY={secrets.token_urlsafe(50)}\nFIELD_KEYS={Fernet.generate_key().decode()}\nINDEX_KEY={secrets.token_urlsafe(32)}")' > $@

run: .venv/.installed .env
	@exec $(BIN)/python manage.py run --port $(PORT)

test: .venv/.installed
	$(BIN)/python -m pytest

# Needs a PostgreSQL server; it makes and drops a database of its own beside the one named here.
POSTGRES_URL ?= postgres://postgres@127.0.0.1:5432/postgres
test-postgres: .venv/.installed
	DATABASE_URL=$(POSTGRES_URL) $(BIN)/python -m pytest

lint: .venv/.installed .env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file var/openapi.yaml
	@diff -u openapi/openapi.yaml var/openapi.yaml || { echo "openapi/openapi.yaml has drifted: run make openapi"; exit 1; }

openapi: .venv/.installed .env
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file openapi/openapi.yaml

# Each goal's own file, all of them whatever one misses; they need STL_DATA, a folder of St. Louis data, for real streets.
bench: .venv/.installed
	@missed=; for run in addresses.py lookup.py feeds.py occurrences.py fanout.py triage.py "fuzz_addresses.py --seconds 20"; do \
	  echo "== $$run"; $(BIN)/python benchmarks/$$run || missed="$$missed $${run%% *}"; done; \
	  test -z "$$missed" || { echo "missed a bar:$$missed"; exit 1; }

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml
lock:
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --group dev --output-file requirements-dev.txt
