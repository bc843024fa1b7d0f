# The whole workflow: `make run` runs Sekisho, `make test` proves it. Both call setup first.
.POSIX:
.PHONY: setup setup-test run test test-full lint bench bundle docs clean

PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet
export SEKISHO_HOME ?= $(CURDIR)/data

setup: $(VENV)/run.stamp $(VENV)/messages.stamp

setup-test: setup $(VENV)/test.stamp

run: setup
	exec $(BIN)/sekisho up

test: setup-test
	scripts/test

test-full: setup-test
	scripts/test full

lint: setup-test
	scripts/test lint

bench: setup-test
	$(BIN)/python -m benchmarks
	for part in governance verdicts network configurations backup dashboard verify register review history accounts \
	  sign_in books; do $(BIN)/python -m benchmarks.$$part || exit 1; done

# An archive that installs without a network; KEY=… signs its checksums.
bundle: setup
	scripts/bundle $(KEY)

docs: setup $(VENV)/docs.stamp
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build

clean:
	rm -rf $(VENV) docs/_build

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: $(VENV)/bin/python requirements.txt requirements-build.txt pyproject.toml
	$(PIP) install --require-hashes -r requirements-build.txt -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: requirements-test.txt $(VENV)/run.stamp
	$(PIP) install --require-hashes -r requirements-test.txt
	@touch $@

$(VENV)/docs.stamp: requirements-docs.txt $(VENV)/run.stamp
	$(PIP) install --require-hashes -r requirements-docs.txt
	@touch $@

$(VENV)/messages.stamp: $(VENV)/run.stamp src/sekisho/locale/ja/LC_MESSAGES/django.po
	$(BIN)/python scripts/messages.py compile
	@touch $@
