# Which words does a person type here? `make` alone lists them.

SYSTEM_PYTHON := /usr/bin/python3
VENV := var/cache/venv
PY := $(VENV)/bin/python
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests demo up down test check contract fmt lock bench screens lab-up lab-down

help:
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo

##@ To see it work

setup: ## install what is missing: Debian packages, Python environment, browser files
	@$(SYSTEM_PYTHON) setup/install.py

demo: setup ## everything from nothing to one proved request; KIND=data_cloud PROCEDURE=purbalingga_data_cloud for others
	@KIND="$(KIND)" PROCEDURE="$(PROCEDURE)" $(PY) -m lab.demo

up: setup ## lab, migrations, gate and worker, without the request
	@$(PY) -m lab.office up

# It also runs where setup never did or the environment is broken: then Debian's own Python takes the lab down.
down: ## stop and remove all of it; only var/cache stays
	@if [ -x $(PY) ]; then $(PY) -m lab.office down; else $(SYSTEM_PYTHON) -m lab.office down; fi

##@ To change it

check: ## the fast part, before each commit: form, types, imports, laws, unit, plans
	@$(SYSTEM_PYTHON) tests/stages.py check

test: ## everything, as CI runs it; times in var/test-times.json
	@$(SYSTEM_PYTHON) tests/stages.py test

contract: setup-tests ## what a Nextcloud must do for us, on the lab's stand-in; TARGET=https://... on a real one
	@GERBANG_CONTRACT_TARGET="$(TARGET)" $(PY) -m pytest -q tests/contract/test_nextcloud_behaviour.py

fmt: setup-tests ## bring files into form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only --quiet .

screens: setup-tests ## every page at 1280 and 390 px, into var/screens/
	@$(PY) -m tests.browser.gallery

bench: setup ## the ratios, into var/bench.json
	@$(PY) -m bench

##@ Pieces

lab-up: setup ## only the lab's hosts
	@$(PY) -m lab up

lab-down: ## and away with them
	@if [ -x $(PY) ]; then $(PY) -m lab down; else $(SYSTEM_PYTHON) -m lab down; fi

setup-tests: ## setup, and what only tests need
	@$(SYSTEM_PYTHON) setup/install.py --tests

# Nothing younger than a week is taken: a bad release is usually withdrawn by then.
LOCK = $(VENV)/bin/uv pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --exclude-newer $(shell date -u -d '7 days ago' +%F)

lock: setup ## renew the locks in requirements/ (needs uv in the environment)
	@$(BIN)/python -m pip install --quiet uv
	@$(LOCK) requirements/runtime.in -o requirements/runtime.txt
	@$(LOCK) requirements/test.in -o requirements/test.txt
	@$(LOCK) --no-deps requirements/frontend.in -o requirements/frontend.txt
