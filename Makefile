# Commune Pulse. Two commands: `make run` and `make test`; each makes its own environment first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test check docs bench clean

run: $(VENV)/.run               ## the dashboard, on demonstration data if there is none
	@$(BIN)/python -m etl build
	@$(BIN)/streamlit run dashboard.py

test: $(VENV)/.test             ## every check and every test, browser tests included
	@sh tests/browser/find_chromium.sh
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

docs: $(VENV)/.run              ## write the generated pages in docs/ again
	@$(BIN)/python -m metrics docs
	@$(BIN)/python -m etl docs

bench: $(VENV)/.test            ## the benchmarks of docs/benchmarks.md (long)
	@$(BIN)/python -m bench.etl
	@$(BIN)/python -m bench.readers
	@$(BIN)/python -m bench.fuzz
	@$(BIN)/python -m bench.kills
	@$(BIN)/python -m bench.queries
	@$(BIN)/python -m bench.verdicts
	@$(BIN)/python -m bench.judging
	@$(BIN)/python -m bench.reports

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Commune Pulse needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make run PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.python requirements.txt
	@echo "Installing what Commune Pulse needs (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.txt
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean:                          ## remove the environment, demonstration files and builds (never data/inbox)
	rm -rf $(VENV) data/sample data/warehouse
