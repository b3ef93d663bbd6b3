# serve · test · check · bench: each sets up what it needs first, and does nothing twice.
#   make serve             build the graph, serve it on http://127.0.0.1:8000/
#   make serve PORT=8100   elsewhere
#   make test              lint, types and data checks, then every test
#   make check             only the checks
#   make bench             figures, one JSON line each
#   make soak              ten minutes of mixed load on a generated graph (SECONDS=120 TRIPLES=20000 for less)
#   make weigh             what each kind of page weighs in a browser, one JSON line each
#   make fuzz              the guard against random bytes, for SECONDS=600
#   make translations      the texts of pages as they are now, into server/translations/*.po
#   make lock              pin the newest versions that pyproject.toml allows
PORT ?= 8000
SECONDS ?= 600
TRIPLES ?= 100000
PYTHON ?=
SHELL := /bin/sh
BIN := .venv/bin
SERVE_READY := .venv/.ready-serve
TEST_READY := .venv/.ready-test
BUILT := .cache/built
ASSETS := .cache/assets
export PYTHON

# What a build is made from; the folders themselves are here so that a deleted file counts as a change.
INPUTS := $(shell find ontology data queries -type d 2>/dev/null) \
          $(shell find ontology data queries -name '*.ttl' -o -name '*.trig' -o -name '*.rq' -o -name '*.po' 2>/dev/null) \
          $(wildcard ontology/questions.md) \
          $(shell find kg -name '*.py' 2>/dev/null)

# The pages' scripts, likewise.
UI := $(shell find server/ui -name node_modules -prune -o \( -type d -o -type f \) -print 2>/dev/null)

.PHONY: serve test check bench soak weigh fuzz lock build translations
.DEFAULT_GOAL := serve
.DELETE_ON_ERROR:

serve: $(BUILT) $(ASSETS)
	@exec $(BIN)/kg serve --port $(PORT)

build: $(BUILT)

# By file, one process a core: the tests of a file share what they start. The graph is built before, not by each of them.
JOBS ?= 2
test: check $(BUILT) $(ASSETS)
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile

check: $(TEST_READY) $(ASSETS)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@[ ! -e $(ASSETS) ] || { cd server/ui && PATH="$$PWD/../../$(BIN):$$PATH" npm run --silent check; }
	@$(BIN)/kg check

bench: $(TEST_READY) $(BUILT)
	@$(BIN)/python -m pytest tests/bench -m bench -o python_files='bench_*.py' -o python_functions='bench_*' -qq -s --no-header

soak: $(TEST_READY)
	@PYTHONPATH=tests $(BIN)/python tests/bench/soak.py --seconds $(SECONDS) --triples $(TRIPLES)

weigh: $(TEST_READY) $(BUILT) $(ASSETS)
	@PYTHONPATH=tests $(BIN)/python tests/browser/weigh.py

# Only here, and pinned here: later versions have no wheel for Python 3.11, and what it finds does not hang on its version.
ATHERIS := atheris==3.0.0
FUZZ := .cache/fuzz
fuzz: $(TEST_READY)
	@[ -d $(FUZZ)/packages/atheris ] || $(BIN)/python -m pip --disable-pip-version-check install -qq --target $(FUZZ)/packages $(ATHERIS)
	@PYTHONPATH=.:$(FUZZ)/packages exec nice $(BIN)/python tests/fuzz/fuzz_guard.py $(SECONDS)

$(SERVE_READY): requirements.lock pyproject.toml .ci/setup
	@.ci/setup serve
	@touch $@

$(TEST_READY): requirements.lock requirements-dev.lock tests/node/package-lock.json pyproject.toml .ci/setup
	@.ci/setup test
	@touch $(SERVE_READY) $@

ifeq ($(wildcard build/manifest.json),)
.PHONY: $(BUILT)
endif
$(BUILT): $(INPUTS) $(SERVE_READY)
	@$(BIN)/kg build
	@mkdir -p $(@D) && touch $@

# Without npm the pages do without their scripts: no reason to stop, and to be tried again the next time.
ifeq ($(wildcard server/static/built/search.js),)
.PHONY: $(ASSETS)
endif
$(ASSETS): $(UI) .ci/assets $(SERVE_READY)
	@mkdir -p $(@D); if .ci/assets; then touch $@; else rm -f $@; fi

# Hashes of every platform's files are wanted, so only a complete index will do: pip's index-url if it has one (uv does not
# read pip's settings), never its extra indexes and folders. The lock files keep no host names.
UV_VERSION := 0.13.9
COMPILE := .cache/uv/bin/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
           --no-header --no-annotate --no-emit-index-url --no-emit-find-links
# New texts come without a translation, texts that are gone go: a test holds that none is missing.
translations: $(TEST_READY)
	@mkdir -p .cache
	@$(BIN)/pybabel -q extract -F pyproject.toml -k marked --no-location --sort-output --ignore-dirs node_modules -o .cache/texts.pot server
	@for file in server/translations/*.po; do \
	    $(BIN)/pybabel -q update -i .cache/texts.pot -o $$file -l $$(basename $$file .po) --no-fuzzy-matching \
	        --ignore-obsolete --ignore-pot-creation-date --width 120 || exit; done

lock:
	@[ -x .cache/uv/bin/uv ] || { echo "lock: fetching uv $(UV_VERSION)"; $(or $(PYTHON),python3) -m venv --clear .cache/uv; }
	@.cache/uv/bin/python -m pip --disable-pip-version-check install -qq uv==$(UV_VERSION)
	@set -e; \
	index=$$(.cache/uv/bin/python -m pip config get global.index-url 2>/dev/null || true); \
	[ -z "$$index" ] || export UV_DEFAULT_INDEX="$$index"; \
	echo "lock: requirements.lock"; \
	$(COMPILE) --extra build --output-file requirements.lock; \
	echo "lock: requirements-dev.lock"; \
	$(COMPILE) --extra build --extra dev --output-file requirements-dev.lock
