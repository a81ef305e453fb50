# One line each; `make check` is what CI runs.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
RUN = $(BIN)/python

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade "pip>=25.1"
	$(RUN) -m pip install --quiet --editable . --group dev
	touch $@

.PHONY: scan test check lint types docs bench-tree
scan: $(VENV)/.ready        ## scan this repository
	$(BIN)/sgleaks scan

test: $(VENV)/.ready        ## the tests, in parallel
	$(RUN) -m pytest -n auto --dist loadgroup

lint: $(VENV)/.ready
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.ready
	$(BIN)/mypy

check: lint types test scan ## what CI runs

bench-tree: $(VENV)/.ready  ## against ripgrep and other scanners, on a large tree that it builds
	$(RUN) bench/tree.py
