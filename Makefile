# Everything a checkout needs; each target installs what it uses into .venv first.
# Another Python: make PYTHON=/path/to/python3.12 test

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: demo test test-slow check bench notebooks clean help system

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CANDIDATES := python3 python3.12 python3.11 python3.13 python
SUITABLE := 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c $(SUITABLE) 2>/dev/null && echo $$p && break; done)

# Tests run side by side, one file to one process: make WORKERS=1 test for one after the other.
WORKERS ?= 2

# What the tests of the window, of the data base server and of files that leave the ward need from the system: a screen
# in memory, a server, and independent readers of DICOM, photographs' tags and PDF. Installed as root on Debian only,
# and only what is missing; elsewhere, and offline, those tests skip and say so.
SYSTEM := xvfb libgl1 libegl1 libgl1-mesa-dri libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 \
	libxcb-shape0 libxcb-xinerama0 libdbus-1-3 postgresql dicom3tools dcmtk libimage-exiftool-perl tesseract-ocr \
	poppler-utils chromium chromium-driver fonts-dejavu-core

help:
	@echo "make demo        score the sample study and write its report to demo/"
	@echo "make test        run the tests, after installing what they need from the system (root on Debian)"
	@echo "make test-slow   run the tests that take minutes"
	@echo "make check       run the linters, the type checker and the layer contracts"
	@echo "make bench       print the measured figures that need nothing else (about a quarter of an hour)"
	@echo "make notebooks   run the notebooks and save them with their outputs (about a quarter of an hour)"
	@echo "make clean       remove the environment, the demo and the caches"

demo: $(STAMP)
	$(BIN)/reepi demo --out demo

test: $(STAMP) system
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" --ignore=tests/review -n $(WORKERS) --dist loadfile \
		--max-worker-restart=0
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" tests/review -n $(WORKERS) --dist loadfile \
		--max-worker-restart=0

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow --timeout=3600 -o faulthandler_timeout=4000

system:
	@test "$$(id -u)" = 0 && command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || exit 0; \
	missing=""; \
	for package in $(SYSTEM); do \
		dpkg-query -W -f='$${db:Status-Status}\n' "$$package" 2>/dev/null | grep -qx installed \
			|| missing="$$missing $$package"; \
	done; \
	test -n "$$missing" || exit 0; \
	echo "Installing$$missing"; \
	export DEBIAN_FRONTEND=noninteractive; \
	{ apt-get update -qq && apt-get install -qq -y --no-install-recommends $$missing; } >/dev/null \
		|| echo "Could not install$$missing; the tests that need them will skip." >&2

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python benchmarks/run.py

notebooks: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python notebooks/run.py

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "reepi needs Python 3.11 to 3.13; name one with make PYTHON=..." >&2; exit 1; }
	@echo "Installing into $(VENV); this takes a few minutes."
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) demo dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-output
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
