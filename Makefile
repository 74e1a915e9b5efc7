# The two commands a newcomer needs are `make demo` and `make test`. `make help` explains the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
TOOLS := $(STAMPS)/tools
EXTENSION := $(STAMPS)/extension
# What the extension is made of; anything else needs no new build.
RUST := Cargo.toml Cargo.lock $(wildcard crates/*/Cargo.toml) $(shell find crates -path '*/src/*' -name '*.rs' 2>/dev/null)
SAY = @printf '==> %s\n'

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help build demo test lint bench conformance docs fuzz lock clean dependencies

help: ## Explain every target
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

build: ## Make .venv and build the extension; the first time takes some minutes, later seconds
	@$(MAKE) --silent --no-print-directory -j2 $(TOOLS) dependencies
	@$(MAKE) --silent --no-print-directory $(EXTENSION)

demo: build ## Watch attacks pass a vulnerable shop and fail at Bartizan (stays up until Ctrl-C)
	@$(BIN)/bartizan demo $(DEMO)

test: build ## Run every gate: format, lints, types, contracts, licences, unit tests and journeys
	@tools/debian test
	@$(BIN)/python tools/gates.py $(GATES)

lint: build ## Run only the gates that execute no test: format, lints, types, contracts
	@$(BIN)/python tools/gates.py --only lint

bench: build ## Measure beside nginx, HAProxy and Envoy; writes docs/look-up/benchmarks.md (about 15 minutes)
	@tools/debian bench
	$(SAY) "bench: building the extension as it is shipped"
	@cargo build --profile wheel --locked -p bartizan-py
	@cp target/wheel/libnative.so src/bartizan/_core/native.abi3.so
	@$(BIN)/python -m tests.bench $(BENCH)

conformance: build ## Run the slow outside suites and long corpora
	@$(BIN)/python tools/gates.py --only conformance

docs: build ## Write the generated pages under docs/look-up and schema/, then check every snippet
	@$(BIN)/python -m tools.generate
	@$(BIN)/python -m pytest -q tests/contract/test_docs.py

fuzz: ## Fuzz each target for FUZZ_S seconds (60 by default); FUZZ=wire names one
	@tools/fuzz $${FUZZ_S:-60} $(FUZZ)

lock: $(TOOLS) ## Pin the development tools anew (after a change of the dependency group in pyproject.toml)
	@tools/lock

clean: ## Remove everything that was built
	rm -rf $(VENV) target src/bartizan/_core/*.so site

# ---- how it is made -------------------------------------------------------------------------

$(TOOLS): requirements-dev.txt
	$(SAY) "tools: pinned packages into $(VENV)"
	@tools/debian build
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Bartizan needs Python 3.11 or later")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	@mkdir -p $(STAMPS) && touch $@
	$(SAY) "tools: ready"

# The Rust dependencies do not need the Python tools: built beside them, with the one profile.
dependencies:
	@test -e $(EXTENSION) || tools/dependencies

$(EXTENSION): $(TOOLS) pyproject.toml $(RUST)
	$(SAY) "extension: building crates/py with maturin"
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@
	$(SAY) "extension: ready"
