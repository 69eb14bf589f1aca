# The vocabulary of this repository. `make demo` and `make test` need python3 with venv, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo

.PHONY: setup setup-test demo test check fmt lint type constraints clean

# A stamp is written last, so that an installation that was cut off is done again.
setup: $(VENV)/.installed
setup-test: $(VENV)/.installed-test

$(BIN)/python:
	@$(PYTHON) -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" || { echo "simgan needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.installed: setup.py constraints.txt | $(BIN)/python
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	@touch $@

demo: setup
	$(BIN)/simgan fit SP500 --source sample --workspace $(DEMO)
	$(BIN)/simgan sample SP500 --n 100000 --workspace $(DEMO) --force -o $(DEMO)/SP500-scenarios.csv
	$(BIN)/simgan report SP500 --workspace $(DEMO)
	@echo
	@echo "Made in $(DEMO)/:"
	@echo "  models/SP500/            the trained generator, as JSON and safetensors"
	@echo "  SP500-scenarios.csv      100,000 scenarios of 21 days, a row each"
	@echo "  reports/SP500.html       real against fake: open it in a browser"
	@echo "Next: $(BIN)/simgan --help"

test: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

check: test

fmt: setup-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: setup-test
	$(BIN)/ruff check .

type: setup-test
	$(BIN)/mypy

# Resolve all versions anew, for every supported Python.
constraints: setup-test
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --extra test --no-header --no-annotate --upgrade setup.py -o constraints.txt

clean:
	rm -rf $(VENV) $(DEMO) .mypy_cache .pytest_cache .ruff_cache
