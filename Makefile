# Two commands matter: `make run` and `make test`. Both work on a machine with Python 3.11 or newer and make alone.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# BI clients that `make test-bi` drives: Python's in an environment of their own, the others Debian's
CLIENTS := .venv-bi
CLIENTS_INSTALLED := $(CLIENTS)/.installed
CLIENT_PACKAGES := default-jdk-headless libpostgresql-jdbc-java unixodbc odbc-postgresql postgresql-client r-base-core r-cran-rpostgresql
export EXCHANGE_HOME ?= $(CURDIR)/.exchange
# nothing about voters or this machine leaves it
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DAGSTER_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1
# every step is a process of its own: without bytecode each compiles dbt, Dagster and this project anew, 2 to 20 s
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test chromium test-bi check lint format lock up dev docs clean

help:  ## show this
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 10

$(INSTALLED): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --compile-bytecode requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

run: $(INSTALLED)  ## set up, load the demo exchange if the inbox is empty, refresh once, say what to try next
	@test -n "$$(ls -A "$$EXCHANGE_HOME/inbox" 2>/dev/null)" || $(BIN)/exchange demo --out "$$EXCHANGE_HOME"
	@$(BIN)/exchange refresh
	@printf '%s\n' '' 'Next:' \
	  '  $(BIN)/exchange partner list                      who takes part' \
	  '  $(BIN)/exchange partner rotate-password PARTNER   a login: psql with its url shows what that partner sees' \
	  '  $(BIN)/exchange status                            where every record is' \
	  '  $(BIN)/exchange user add you@example.org --partner lopez_for_governor   somebody who signs in to the dashboard' \
	  '  $(BIN)/exchange up                                Dagster and the dashboard; a refresh whenever a file comes'

# what the dashboard's tests drive: Debian's, or the one that playwright brings
chromium: $(INSTALLED)
	@command -v "$${CHROMIUM:-chromium}" >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	  && apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium; } \
	  || $(BIN)/playwright install chromium

test: $(INSTALLED) lint chromium  ## everything CI runs; as root it installs chromium, if there is none
	$(BIN)/dg check defs
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder tests

$(CLIENTS_INSTALLED): tests/bi/clients.lock $(INSTALLED)
	@test -x $(CLIENTS)/bin/python || $(PYTHON) -m venv $(CLIENTS)
	$(BIN)/uv pip sync --quiet --python $(CLIENTS)/bin/python tests/bi/clients.lock
	@touch $@

test-bi: $(INSTALLED) $(CLIENTS_INSTALLED)  ## real BI clients (JDBC, ODBC, R, Superset, …) as a partner; as root it installs them
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! dpkg --status $(CLIENT_PACKAGES) >/dev/null 2>&1; then \
	  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(CLIENT_PACKAGES); fi
	$(BIN)/pytest -m bi tests/bi

check: $(INSTALLED) lint  ## the quick part: style, types, unit tests (under 2 minutes)
	$(BIN)/pytest --numprocesses 2 tests/unit tests/oracle tests/worlds

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar models dbt_project/tests

format: $(INSTALLED)  ## let ruff and sqlfluff put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --disable-progress-bar models dbt_project/tests

lock: $(INSTALLED)  ## renew requirements.lock from pyproject.toml, and tests/bi/clients.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --quiet --extra dev --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --quiet --python-version 3.11 tests/bi/clients.in -o tests/bi/clients.lock

up: $(INSTALLED)  ## database, Dagster and dashboard in the foreground; Ctrl-C stops all
	@$(BIN)/exchange up

dev: $(INSTALLED)  ## build and test the models in your own schemas (dev_<user>_…), from a sample of the last refresh
	@$(BIN)/exchange db start >/dev/null
	@eval "$$($(BIN)/exchange db env)" && $(BIN)/dbt build --target dev

docs: $(INSTALLED)  ## the models' documentation as one page that needs no server and asks no network
	@$(BIN)/exchange db start >/dev/null
	@eval "$$($(BIN)/exchange db env)" && $(BIN)/dbt --quiet docs generate --static && $(BIN)/python -m exchange.scaffold.docs_page

clean:  ## stop the database, delete .exchange and the environment; an EXCHANGE_HOME elsewhere is kept
	@test ! -x $(BIN)/exchange || $(BIN)/exchange db stop
	@test ! -x $(BIN)/exchange || EXCHANGE_HOME="$(CURDIR)/.exchange" $(BIN)/exchange db stop >/dev/null
	rm -rf .exchange $(VENV) $(CLIENTS) target logs
