# Everything a checkout needs; each target installs what it uses into .venv first.
# Another Python: make PYTHON=/path/to/python3.12 test

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: demo test test-slow check bench clean help

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CANDIDATES := python3 python3.12 python3.11 python3.13 python
SUITABLE := 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c $(SUITABLE) 2>/dev/null && echo $$p && break; done)

help:
	@echo "make demo        score the sample study and write its report to demo/"
	@echo "make test        run the tests"
	@echo "make test-slow   run the tests that take minutes"
	@echo "make check       run the linters, the type checker and the layer contracts"
	@echo "make bench       print the measured figures"
	@echo "make clean       remove the environment, the demo and the caches"

demo: $(STAMP)
	$(BIN)/reepi demo --out demo

test: $(STAMP)
	$(BIN)/python -m pytest -m "not slow"

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow --timeout=3600

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	set -e; for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "reepi needs Python 3.11 to 3.13; name one with make PYTHON=..." >&2; exit 1; }
	@echo "Installing into $(VENV); this takes a few minutes."
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) demo dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
