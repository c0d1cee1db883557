# Everything a developer or a CI machine runs. Needs Python 3.11, 3.12 or 3.13, make and a package index.
BIN = .venv/bin
UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(LOCK_FLAGS) pyproject.toml

.PHONY: help demo demo-reset run screenshots example install check fix test soak bench lock clean
.DEFAULT_GOAL := help

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 13

demo: install ## Serve an invented clinic on http://127.0.0.1:8000 (PORT=8001 changes it); what is entered stays
	@$(BIN)/python scripts/demo.py

demo-reset: install ## Throw the demo away
	@$(BIN)/python scripts/demo.py reset

run: install ## Serve DATABASE_URL for a developer; with CELERY_BROKER_URL also worker and beat (PORT=8001 changes the port)
	@$(BIN)/python scripts/run.py

screenshots: install ## Take pictures of every page into docs/screenshots (needs Chromium)
	@$(BIN)/python scripts/screenshots.py

example: export DATABASE_URL = sqlite:///$(CURDIR)/example.sqlite3
example: install ## Import the invented clinic of docs/example and print its outcomes
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py import_records docs/example
	@$(BIN)/python manage.py outcomes_report --window primary

install: ## Make .venv from requirements-dev.txt (PYTHON=/path/to/python3.12 chooses the interpreter)
	@scripts/install.sh

check: install ## Look for faults and change nothing
	@$(BIN)/python scripts/check.py

fix: install ## Mend what can be mended: style and format
	@$(BIN)/ruff check --fix --exit-zero
	@$(BIN)/ruff format
	@$(BIN)/djlint --quiet --reformat templates || true

test: install ## Run the tests on SQLite and on PostgreSQL (TESTS=tests/patients narrows, REQUIRE_SERVICES=1 insists)
	@$(BIN)/python scripts/run_tests.py

soak: install ## Kill every process at random under load, then recount; then the infusion room (MINUTES=5, SEED=1)
	@DATABASE_URL=sqlite://:memory: PYTHONPATH=.:tests $(BIN)/python -m processes.soak

bench: install ## Say in figures what it costs, on PATIENTS=100000 (ONLY=saves,room,fifty,visible,recompute,pages,filters,memory for some)
	@PYTHONPATH=.:tests $(BIN)/python -m bench

lock: install ## Compile both requirements files anew from pyproject.toml (LOCK_FLAGS=--upgrade takes newer versions)
	@$(UV_COMPILE) --output-file requirements.txt
	@$(UV_COMPILE) --group dev --output-file requirements-dev.txt

clean: ## Remove .venv and every cache; databases stay
	rm -rf .venv .coverage .hypothesis .import_linter_cache .mypy_cache .ruff_cache staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
