# dskit: `make certify` is the main job, `make test` runs all tests. Each works alone on a fresh clone with
# Python 3.11 or later, make and a package index.
SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# The first interpreter that is new enough and really runs (a pyenv shim may exist and not run).
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3.15 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)

# The SDKs' real packages have an environment of their own: boto 2 stops at Python 3.11, obstore begins there.
SDKS_VENV := .venv-sdks
SDKS_STAMP := $(SDKS_VENV)/.installed
PYTHON311 ?= $(shell for p in python3.11 python3 python; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)

# Tests start hundreds of processes that import the checkout: they compile it once. (`make clean` removes that too.)
unexport PYTHONDONTWRITEBYTECODE

BUDGET ?= quick
OUT ?= out/certificates
JOBS ?= 2

.PHONY: help certify test test-fast sdks test-sdks lint types bench mutants serve lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

certify: $(STAMP) ## certify memory, disk, files, S3 and MinIO through the client API; certificates in out/certificates
	@$(BIN)/python tools/certify_all.py --budget $(BUDGET) --out $(OUT)

test: $(STAMP) ## every test
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

test-fast: $(STAMP) ## the tests that are not marked slow
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m "not slow"

sdks: $(if $(PYTHON311),$(SDKS_STAMP)) # their environment alone

test-sdks: sdks ## the documents of five SDKs on their real packages (Python 3.11, 500 MB)
	@if test -n "$(PYTHON311)"; then \
		PYTHONPATH=$(CURDIR):$(CURDIR)/emulator:$(CURDIR)/conformance $(SDKS_VENV)/bin/python -m pytest -q -n $(JOBS) --dist loadfile tests/sdks; \
	else \
		echo "make test-sdks is skipped: the SDKs' packages need Python 3.11, and no python3.11 was found (PYTHON311=PATH names one)"; \
	fi

lint: $(STAMP) ## ruff and mypy --strict
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

bench: $(STAMP) ## the figures of docs/explanation/performance.md, side by side in one run
	@$(BIN)/python -m benchmarks

mutants: $(STAMP) ## plant known bugs and see that the conformance suite finds each
	@$(BIN)/python tools/mutation_score.py

serve: $(STAMP) ## an S3 endpoint on 127.0.0.1:9000
	@$(BIN)/dskit serve

lock: $(STAMP) ## resolve the dependencies of pyproject.toml again
	@$(BIN)/uv pip compile -q pyproject.toml tools/build-requirements.txt --extra dev --universal \
		--python-version 3.11 --generate-hashes --no-header --no-emit-index-url -o requirements.lock

clean: ## remove what the targets above made
	rm -rf $(VENV) $(SDKS_VENV) out dist .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "dskit needs Python 3.11 or later; set PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the pinned dependencies into $(VENV)"
	@$(BIN)/python tools/install_locked.py $(VENV) requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# dskit itself is imported from the checkout: the SDKs hold back what its build needs.
$(SDKS_STAMP): tests/sdks/requirements.lock
	@test -x $(SDKS_VENV)/bin/python || $(PYTHON311) -m venv $(SDKS_VENV)
	@echo "installing the SDKs' packages into $(SDKS_VENV)"
	@$(SDKS_VENV)/bin/python tools/install_locked.py $(SDKS_VENV) tests/sdks/requirements.lock
	@touch $@
