# Two commands matter: `make run` and `make test`. Both work on a machine with Python 3.11 or newer and make alone.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
export EXCHANGE_HOME ?= $(CURDIR)/.exchange
# nothing about voters or this machine leaves it
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DAGSTER_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help run test check lint format lock up dev docs clean

help:  ## show this
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

$(INSTALLED): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

run: $(INSTALLED)  ## set up, load the demo exchange if the inbox is empty, refresh once, say what to try next
	@test -n "$$(ls -A "$$EXCHANGE_HOME/inbox" 2>/dev/null)" || $(BIN)/exchange demo --out "$$EXCHANGE_HOME"
	@$(BIN)/exchange refresh
	@printf '%s\n' '' 'Next:' \
	  '  $(BIN)/exchange partner list                      who takes part' \
	  '  $(BIN)/exchange partner rotate-password PARTNER   a login: psql with its url shows what that partner sees' \
	  '  $(BIN)/exchange status                            where every record is' \
	  '  $(BIN)/exchange up                                Dagster, and a refresh whenever a file comes'

test: $(INSTALLED) lint  ## everything CI runs
	$(BIN)/dg check defs
	$(BIN)/pytest --numprocesses 2 --dist loadfile tests

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

lock: $(INSTALLED)  ## renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --quiet --extra dev --python-version 3.11 pyproject.toml -o requirements.lock

up: $(INSTALLED)  ## database and Dagster in the foreground; Ctrl-C stops all
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
	rm -rf .exchange $(VENV) target logs
