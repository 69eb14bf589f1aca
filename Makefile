# `make demo` and `make test` need Python 3.11 to 3.13 with venv, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLING := .venv-sampling
DEMO := demo

# Byte-compiled, so that the first start is as fast as the second.
unexport PYTHONDONTWRITEBYTECODE
# Exact versions for everything, the build included.
PIP := $(BIN)/python -m pip --disable-pip-version-check
WANTED := --quiet --constraint constraints.txt
INSTALL := $(PIP) install $(WANTED)
# On all cores, in half of the time of pip. It does not know the mirrors of pip's configuration.
INSTALL_SOON := $(BIN)/uv pip install --python $(BIN)/python --compile-bytecode $(WANTED)
INSTALL_SAMPLING := $(subst $(BIN)/,$(SAMPLING)/bin/,$(INSTALL)) --no-compile

.PHONY: help setup setup-test setup-docs setup-sampling demo serve docs test check fmt lint type constraints clean
.DEFAULT_GOAL := help
.NOTPARALLEL:

help:
	@echo "make demo         install, fit the sample S&P 500, draw 100,000 scenarios, write the report"
	@echo "make serve        serve the models of demo/, or the reference model, at http://127.0.0.1:8000"
	@echo "make test         install what tests need, then ruff, mypy and pytest (also: make check)"
	@echo "make docs         build the documentation as a site in build/docs"
	@echo "make setup        install simgan into $(VENV), to edit"
	@echo "make setup-sampling  install only what drawing scenarios needs into $(SAMPLING)"
	@echo "make fmt          format the code            make lint, make type   one tool alone"
	@echo "make constraints  resolve all versions anew  make clean             remove what make made"

# A stamp is written last. After an interruption everything is installed anew, from an empty environment.
setup: $(VENV)/.installed
setup-test: $(VENV)/.installed-test
setup-docs: $(VENV)/.installed-docs
setup-sampling: $(SAMPLING)/.installed

.PHONY: check-python
check-python:
	@$(PYTHON) -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" || \
	  { echo "simgan needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is not one; try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || \
	  { echo "$(PYTHON) has no venv; install it (Debian: apt install python3-venv) or try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }

# An environment that somebody else made stays as it is.
.PHONY: check-venv
check-venv:
	@test ! -e $(VENV) || test -n "$(wildcard $(VENV)/.made $(VENV)/.installed*)" || \
	  { echo "$(VENV) was not made by make, which would empty it; remove it, or name another folder: make VENV=.venv-make $(MAKECMDGOALS)" >&2; exit 1; }

$(VENV)/.installed: setup.py constraints.txt | check-python check-venv
	@echo "installing simgan and what it needs into $(VENV) (TensorFlow is large: this takes a minute or more)"
	$(PYTHON) -m venv --clear $(VENV)
	@touch $(VENV)/.made
	$(INSTALL) setuptools
	$(INSTALL) --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-test: setup.py constraints.txt | check-python check-venv
	@echo "installing simgan and what its tests need into $(VENV) (TensorFlow is large: this takes a minute or more)"
	$(PYTHON) -m venv --clear $(VENV)
	@touch $(VENV)/.made
	$(INSTALL) setuptools uv
	$(INSTALL_SOON) --no-build-isolation --editable ".[test]" || $(INSTALL) --no-build-isolation --editable ".[test]"
	@touch $(VENV)/.installed $@

$(VENV)/.installed-docs: $(VENV)/.installed
	$(INSTALL) --no-build-isolation --editable ".[docs]"
	@touch $@

# No scenario needs TensorFlow, pandas or matplotlib. To save more space, these go as well: bytecode,
# which Python writes when it loads a module; tests, sources and headers of packages; setuptools; and
# of pyarrow its network services and the second and third copy of a library.
$(SAMPLING)/.installed: setup.py constraints.txt sampling.txt | check-python
	@echo "installing simgan for drawing scenarios into $(SAMPLING)"
	$(PYTHON) -m venv --clear $(SAMPLING)
	$(INSTALL_SAMPLING) setuptools --requirement sampling.txt
	$(INSTALL_SAMPLING) --no-build-isolation --no-deps --editable .
	$(SAMPLING)/bin/python -m pip uninstall --quiet --yes setuptools
	find $(SAMPLING) -type d -name tests -prune -exec rm -r {} +
	find $(SAMPLING)/lib -type f \( -name '*.pyx' -o -name '*.px[id]' -o -name '*.a' -o -name '*.h' -o -name '*.hpp' \
	  -o -path '*/pyarrow/*flight*' -o -path '*/pyarrow/*s3*' \
	  -o -path '*/pyarrow/libarrow_python.so' -o -path '*/pyarrow/libarrow_python.so.*.*' \) -delete
	@touch $@

demo: setup
	$(BIN)/simgan fit SP500 --source sample --workspace $(DEMO)
	$(BIN)/simgan sample SP500 --n 100000 --workspace $(DEMO) --out $(DEMO)/SP500-scenarios.csv --force
	$(BIN)/simgan report SP500 --workspace $(DEMO)
	@echo
	@echo "Made in $(DEMO)/:"
	@echo "  models/SP500/            the trained generator, as JSON and safetensors"
	@echo "  SP500-scenarios.csv      100,000 scenarios of 21 days, a row each"
	@echo "  reports/SP500.html       real against fake: open it in a browser; the numbers are in SP500.json"
	@echo "Next: make serve, to see it in a browser, or $(BIN)/simgan --help"

# The packages of the extra alone: the environment of `make test` has them already.
serve: setup
	$(BIN)/python -c "import fastapi, httptools, prometheus_client, uvicorn" 2>/dev/null || \
	  $(INSTALL) --no-build-isolation --editable ".[serve]"
	$(BIN)/simgan serve --workspace $(DEMO)

# A warning is an error. No network is needed to build the site, and none to read it.
docs: setup-docs
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -c docs -d build/trees . build/docs
	@echo "open build/docs/index.html"

# Quick checks first; the line of pytest comes last.
test: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: test

fmt: setup-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

type: setup-test
	$(BIN)/mypy

# For every supported Python at once.
constraints: setup-test
	$(BIN)/uv pip compile --universal --python-version 3.11 --extra test --no-header --no-annotate --upgrade setup.py -o constraints.txt

clean:
	rm -rf $(VENV) $(SAMPLING) $(DEMO) build simgan.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
