# One line each. `make check` is what CI runs: style and types are tests, too.
PYTHON ?= python3
VENV ?= .venv
TIME ?= 60
BIN = $(VENV)/bin
RUN = $(BIN)/python

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade pip
	$(RUN) -m pip install --quiet --editable . --group dev
	touch $@

.PHONY: scan test lint types check docs fuzz bench-tree bench-history
scan: $(VENV)/.ready        ## scan this repository
	$(BIN)/sgleaks scan

test: $(VENV)/.ready        ## the tests, in parallel; style and types among them
	$(RUN) -m pytest -n auto

lint: $(VENV)/.ready        ## style alone
	$(RUN) -m ruff check . && $(RUN) -m ruff format --check .

types: $(VENV)/.ready       ## types alone
	$(RUN) -m mypy

check:                      ## what CI runs: the set-up, then the tests
	.ci/run

docs: $(VENV)/.ready        ## write what the documents say of the rules
	$(RUN) docs/generate.py

fuzz: $(VENV)/.ready        ## TIME seconds of each target of tests/fuzz, or of those that TARGETS begins
	$(RUN) -m pip install --quiet --group fuzz
	PYTHONPATH=tests $(RUN) -m fuzz --seconds $(TIME) $(TARGETS)

bench-tree: $(VENV)/.ready  ## against ripgrep and other scanners, on a large tree that it builds
	$(RUN) bench/tree.py

bench-history: $(VENV)/.ready  ## against git and other scanners, on the histories in REPO or one that it builds
	$(RUN) bench/history.py $(REPO)
