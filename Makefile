# `make run` sets everything up and serves the product; `make test` sets everything up and runs all tests.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install install-dev run demo test test-ui lint screenshots translations pins chromium firefox web-ext

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
UIS := gradio-6 gradio-5 streamlit chainlit
CATALOGUES := sharelm/web/translations
REAL := .pytest_cache/venv-
QUICK := manifest stores schema platforms redaction
GRADIO := test_a_gradio_chat_arrives_byte_for_byte test_what_gradio_shows_instead_of_text_is_a_mark
TESTS := $(QUICK:%=tests/extension/test_%.py) $(filter-out tests/extension/ tests/vendor/ tests/__pycache__/,$(wildcard tests/*/)) $(wildcard tests/test_*.py)
# One more than there are cores: some tests wait for browsers and for each other.
WORKERS := $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)
NAMES := $(if $(filter-out off,$(or $(SHARELM_NAMES),on)),$(wildcard requirements-names.txt))
export PIP_PROGRESS_BAR ?= off

help: ## Show what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

install: .venv/.installed ## Install what the server runs on into .venv

install-dev: .venv/.installed-dev

run: install ## Serve at http://127.0.0.1:8000 (HOST, PORT), with everything made that is missing
	@exec $(BIN)/gunicorn app:app

demo: install ## Fill the instance with invented conversations of three contributors
	@$(BIN)/flask --app app demo

test: install-dev chromium web-ext $(REAL)gradio-6/.installed ## Run all tests, on SQLite and on a Postgres of their own, in a real browser
	@$(BIN)/python -m pytest -n $(WORKERS) $(TESTS) $(GRADIO:%='tests/extension/test_real_chats.py::%[gradio-6]')

test-ui: install-dev chromium firefox web-ext $(foreach ui,$(UIS),$(REAL)$(ui)/.installed) ## Run the tests of the browser extension, also on real chat pages, each in an environment of its own
	@$(BIN)/python -m pytest tests/extension -n 0

lint: install-dev ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

screenshots: install-dev chromium ## Take the pictures in docs/screenshots
	@$(BIN)/python docs/screenshots.py
	@$(BIN)/python docs/stores/screenshots.py

translations: install-dev ## Bring the catalogues of the pages up to date with the sources, and compile them
	@mkdir -p .pytest_cache
	@$(BIN)/pybabel -q extract -F pyproject.toml -k English --no-location --sort-output -o .pytest_cache/messages.pot .
	@$(BIN)/pybabel -q update -i .pytest_cache/messages.pot -d $(CATALOGUES) -w 120 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@$(BIN)/pybabel -q compile -d $(CATALOGUES) --statistics

pins: install-dev ## Pin requirements*.in anew, with hashes
	@for file in requirements requirements-dev requirements-names requirements-bench; do \
	  $(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links \
	    --no-emit-trusted-host -o $$file.txt $$file.in; done
	@for ui in $(UIS); do \
	  $(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url --no-emit-find-links \
	    --no-emit-trusted-host -o tests/extension/requirements-$$ui.txt tests/extension/requirements-$$ui.in; done

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "ShareLM needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get -qq update && apt-get -qq install -y python3-venv && $(PYTHON) -m venv .venv; \
	  else echo "Python cannot make a virtual environment here: install Debian's package python3-venv."; exit 1; fi; }

.venv/.installed: requirements.txt $(NAMES) | .venv/bin/python
	@echo "Installing what the server runs on …"
	@$(PIP) install -q --require-hashes $(patsubst %,-r %,$^)
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo "Installing what the tests need …"
	@$(PIP) install -q --no-compile --require-hashes -r requirements-dev.txt
	@touch $@

$(REAL)%/.installed: tests/extension/requirements-%.txt | .venv/bin/python
	@echo "Installing the real chat page $* for the tests …"
	@rm -rf $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip --disable-pip-version-check --no-input install -q --no-compile --require-hashes -r $<
	@touch $@

chromium: install-dev
	@for name in "$${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do \
	  [ -n "$$name" ] && command -v "$$name" >/dev/null && exit 0; done; \
	ls ~/.cache/ms-playwright/chromium-*/*/chrome >/dev/null 2>&1 && exit 0; \
	echo "Installing Chromium …"; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium >/dev/null; \
	else $(BIN)/playwright install chromium; fi

firefox:
	@for name in "$${FIREFOX:-}" firefox-esr firefox; do \
	  [ -n "$$name" ] && command -v "$$name" >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then echo "Installing Firefox …"; \
	  apt-get -qq update && apt-get -qq install -y --no-install-recommends firefox-esr >/dev/null; \
	else echo "There is no Firefox: its tests are skipped. Install one, or name yours in FIREFOX."; fi

# Mozilla's check of packages; its test says why it is skipped where npm is not.
web-ext:
	@[ -x .pytest_cache/web-ext/node_modules/.bin/web-ext ] || ! command -v npm >/dev/null || { echo "Installing web-ext …"; \
	  npm install --silent --no-audit --no-fund --fetch-retries=1 --prefix .pytest_cache/web-ext web-ext@10.7.0 >/dev/null || echo "web-ext could not be installed; its test is skipped."; }
