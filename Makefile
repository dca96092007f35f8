# Everything runs in .venv, which `make` fills from the lock file. Only Python 3.11+ is needed.
PYTHON ?= python3
UV := .uv/bin/uv
RUN := .venv/bin/python
UV_VERSION := 0.13.9
# Peers are installed beside Jalon in an environment of their own.
BENCH := .jalon/bench/venv
PEERS := tests/benchmarks/peers
export UV_PROJECT_ENVIRONMENT := .venv
export UV_NO_PROGRESS := 1

.PHONY: help run test contention faults check bench clean

help: ## Say what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: .venv/ready ## Set up everything and play the 2023-2024 plan; ARGS="--once --json FILE"
	$(RUN) -m services demo $(ARGS)

test: .venv/ready ## Set up everything and run the tests; ARGS is passed to pytest (-n0: one after the other)
	$(RUN) -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile \
		--no-loadscope-reorder $(ARGS)

contention: .venv/ready ## Eight committees decide at once, a thousand rounds; takes minutes
	JALON_CONTENTION_ROUNDS=1000 $(RUN) -m pytest -q tests/integration/selection/test_money_under_contention.py $(ARGS)

faults: .venv/ready ## Everything fails while work goes on, 500 kills; ARGS=--short or --mutants (wrong code)
	$(RUN) -m tests.faults $(ARGS)

check: .venv/ready ## Lint, types, rooms, lock file, migrations
	$(UV) lock --check
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	.venv/bin/lint-imports
	$(RUN) -m pytest -q tests/integration/test_migrations.py

bench: .uv/ready $(PEERS)/node_modules/ready ## Measure beside peers, all or ARGS="append tail"; see docs/benchmarks.md
	@UV_PROJECT_ENVIRONMENT=$(BENCH) $(UV) sync --frozen --quiet --python $(PYTHON) --group bench
	@$(BENCH)/bin/python -m tests.benchmarks $(ARGS)

# What peers of Node need, where there is Node; without it they are left out.
$(PEERS)/node_modules/ready: $(PEERS)/package-lock.json
	@! command -v npm > /dev/null || (cd $(PEERS) && npm ci --silent && touch node_modules/ready)

clean: ## Remove what was set up and all local data
	rm -rf .venv .uv .jalon $(PEERS)/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis

.uv/ready:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .uv
	.uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@

.venv/ready: .uv/ready pyproject.toml uv.lock
	$(UV) sync --frozen --quiet --compile-bytecode --python $(PYTHON)
	touch $@
