# make serve: the app on http://127.0.0.1:8000.  make test: its tests.  Both do all the set-up, once.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 1
TESTS ?= tests
MINUTES ?= 10
export VENV TORCH_INDEX PYTHON GRADWALK_CHROMIUM

.PHONY: help serve test test-slow test-slides check format lock bench soak screenshots clean
.DEFAULT_GOAL := help

help:
	@echo 'make serve        the app on http://$(HOST):$(PORT)  (HOST= PORT= WORKERS= TORCH_INDEX= PYTHON=)'
	@echo 'make test         the tests, browser tests included  (TESTS=tests/core)'
	@echo 'make test-slow    the long conformance runs'
	@echo 'make test-slides  what needs TeX, LibreOffice or Quarto'
	@echo 'make check        style, types, layers, JavaScript types'
	@echo 'make format       sort and format the Python code'
	@echo 'make bench        Gradwalk against torchviz, over HTTP'
	@echo 'make soak         mixed good and hostile load, watching for leaks and wrong answers  (MINUTES=10)'
	@echo 'make screenshots  the pictures of README and gallery, from the real page'
	@echo 'make lock         write requirements/*.lock anew  (ARGS=--upgrade)'

serve: $(VENV)/.app
	@exec $(BIN)/gradwalk serve --host $(HOST) --port $(PORT) --workers $(WORKERS)

test: $(VENV)/.dev node_modules/.gradwalk
	@chromium=$$(scripts/browser) && GRADWALK_CHROMIUM="$$chromium" $(BIN)/python -m pytest -n 2 --dist loadfile -m 'not slow and not slides' $(TESTS)

test-slow: $(VENV)/.dev
	@$(BIN)/python -m pytest -m slow $(TESTS)

test-slides: $(VENV)/.dev node_modules/.gradwalk
	@chromium=$$(scripts/browser) && GRADWALK_CHROMIUM="$$chromium" $(BIN)/python -m pytest -m slides $(TESTS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	scripts/javascript

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks.http

soak: $(VENV)/.dev
	$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

screenshots: $(VENV)/.dev
	@chromium=$$(scripts/browser) && GRADWALK_CHROMIUM="$$chromium" $(BIN)/python scripts/screenshots.py

lock: $(VENV)/.app
	scripts/lock $(ARGS)

clean:
	rm -rf $(VENV) node_modules build *.egg-info

# Stamps: each says that its step was done after its inputs changed last.
$(VENV)/.made:
	@python=$$(scripts/python) && "$$python" -m venv $(VENV)
	@touch $@

$(VENV)/.app: $(VENV)/.made requirements/app.lock pyproject.toml scripts/install
	@scripts/install
	@touch $@

$(VENV)/.dev: $(VENV)/.app requirements/dev.lock
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --requirement requirements/dev.lock
	@touch $@

$(VENV)/.bench: $(VENV)/.dev requirements/bench.lock
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --requirement requirements/bench.lock
	@touch $@

node_modules/.gradwalk: package-lock.json scripts/node_modules
	@scripts/node_modules
