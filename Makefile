# Everything starts here: `make help`.
.DEFAULT_GOAL := help
.PHONY: help run test check bench faults demo lock format
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# More than cores: many tests wait, for locks, leases and browsers.
WORKERS ?= 3

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install, migrate, load the demo company if empty, serve until Ctrl-C
	@scripts/bootstrap.sh run
	@exec $(BIN)/flask serve

test: ## All tests, on SQLite and on PostgreSQL, with the browser's (ARGS="-k otif")
	@scripts/bootstrap.sh test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: ## Style, types, import rules, dangerous calls, lock files, links in the documents
	@scripts/bootstrap.sh test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive --severity-level medium app scripts config.py wsgi.py
	$(BIN)/python scripts/dangerous_calls.py
	$(BIN)/python scripts/check_tree.py

bench: ## The benchmark's table on both engines (SIZE=0.01 for a taste, ARGS=--ruled)
	@scripts/bootstrap.sh test
	$(BIN)/python -m bench $(if $(SIZE),--size $(SIZE)) $(ARGS)

faults: ## Kill, pause, starve and lock out (ONLY=kill-import RUNS=20 ENGINE=sqlite SEED=7)
	@scripts/bootstrap.sh test
	$(BIN)/python -m tests.faults $(if $(ONLY),--only $(ONLY)) $(if $(RUNS),--runs $(RUNS)) \
		$(if $(ENGINE),--engine $(ENGINE)) $(if $(SEED),--seed $(SEED))

demo: ## Load the demo company into the database of DATABASE_URL (refused beside real users)
	@scripts/bootstrap.sh run
	$(BIN)/flask db upgrade
	$(BIN)/flask demo load

format: ## Put the code into the project's form
	@scripts/bootstrap.sh test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## Resolve pyproject.toml into the two hashed lock files
	@scripts/bootstrap.sh test
	$(BIN)/uv pip compile pyproject.toml $(LOCK) --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --all-extras --constraints requirements.lock $(LOCK) \
		--output-file requirements-dev.lock

# No host names: a lock says what is installed, not from where.
LOCK := --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock'
