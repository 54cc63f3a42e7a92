# Every target sets up what it needs in .venv and does nothing twice.
#   make lab         JupyterLab opens at your copy of the course
#   make test        the quick tests
#   make check       what CI runs
#   make check-slow  everything, before a release
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help lab setup setup-dev models models-test browser format test check check-slow lock pictures clean

VENV := .venv
BIN := $(VENV)/bin
# python3.11 is what the course is tested on; 3.12 and 3.13 have locks too.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	if $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then echo $$p; break; fi; done)
UV := 0.13.9
TORCH := 2.13.0
TORCH_INDEX := https://download.pytorch.org/whl/cpu
export OMP_NUM_THREADS ?= 1
# A test run belongs to nobody's class and leaves the learner's own records alone.
TEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest

help:
	@sed -n 's/^#   //p' Makefile

lab: setup models
	@$(BIN)/course lab

setup: $(VENV)/.base
setup-dev: $(VENV)/.dev

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "No Python 3.11, 3.12 or 3.13 found: install one, or name it: make PYTHON=/path/to/python"; exit 3; }
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make an environment: on Debian or Ubuntu install python3-venv"; exit 3; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)

# On Linux the default torch brings several GB of CUDA; PyTorch's own index has the CPU build.
$(VENV)/.torch: | $(BIN)/python
	@echo "installing torch $(TORCH)"
	@if [ "$$(uname)" = Linux ]; then \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --retries 0 --timeout 10 \
	    --index-url $(TORCH_INDEX) torch==$(TORCH) 2>/dev/null \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check torch==$(TORCH); fi
	@touch $@

# Copies, not hard links: nltk refuses to open a file that has more than one name.
define install
	@lock=locks/py$$($(BIN)/python -c 'import sys; print("%d%d" % sys.version_info[:2])').txt; \
	echo "installing $(1)"; \
	UV_LINK_MODE=copy $(BIN)/uv pip install --quiet --python $(BIN)/python -c $$lock -e '.[$(1)]'
	@touch $@
endef

$(VENV)/.base: pyproject.toml locks/py311.txt locks/py312.txt locks/py313.txt | $(VENV)/.torch
	$(call install,base)

$(VENV)/.dev: pyproject.toml locks/py311.txt locks/py312.txt locks/py313.txt | $(VENV)/.torch
	$(call install,base$(,)frameworks$(,)grade$(,)dev)
	@touch $(VENV)/.base

, := ,

models: | $(VENV)/.base
	@$(BIN)/course models pull --needed

# The smallest language model, for the tests of the engine.
models-test: models
	@$(BIN)/course models pull smollm2-135m-instruct-q4_1

# Playwright drives the system's Chromium.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "installing chromium" \
	     && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
	|| { echo "No Chromium found: install it (Debian: apt-get install chromium) and run make check again"; exit 3; }

format: setup-dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet .

test: setup-dev models-test
	@$(TEST) -q -n 2 -m "not slow and not browser"

check: setup-dev models-test browser
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/course build --check
	@$(TEST) -q -n 2 -m "not slow"

check-slow: setup-dev models-test browser
	@$(BIN)/course build --check --execute
	@ATEN_CPU_CAPABILITY=default $(BIN)/course build --check --execute
	@$(TEST) -q -n 2

lock: setup-dev
	@for v in 3.11 3.12 3.13; do out=locks/py$${v/./}.txt; \
	  $(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version $$v --no-annotate --no-header \
	    --quiet --output-file $$out; \
	  sed -i -e '/^\(nvidia\|cuda\|triton\)/d' -e '1i # Made by `make lock`. Used as constraints: only what an extra asks for is installed.' $$out; done

pictures: setup-dev models browser
	@$(BIN)/python docs/pictures/take.py

# A class's gradebook and submissions lie below build/nbgrader and stay.
clean:
	@rm -rf build/nbgrader/source build/nbgrader/release .mypy_cache .ruff_cache .pytest_cache .hypothesis
