# Two commands are enough: `make demo` to look, `make test` before a change goes in.
VENV ?= .venv
BIN = $(VENV)/bin
# The server is temporary: its databases need no dropping at the end.
PG = $(BIN)/python -m tests.postgresql $(BIN)/pytest -q --reuse-db
BOTH = -m "not long and not sqlite and (not browser or both)"
EVERYWHERE_ALIKE = --ignore=tests/access --ignore=tests/architecture
PORTAL = --ds=classbook.portal.settings tests/portal
# Servers and browsers run beside the suite, where nothing is counted.
COVER = $(BIN)/coverage run -m pytest -q -m "not long and not browser"
NOT_COUNTED = --ignore=tests/journeys --ignore=tests/reliability --ignore=tests/architecture --ignore=tests/demo/test_command.py
export PIP_DISABLE_PIP_VERSION_CHECK = 1

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | expand -t 14

$(VENV)/runtime: requirements.txt pyproject.toml
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing. Install it: apt install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || python3 -m venv $(VENV)
	$(BIN)/pip install -q --require-hashes -r requirements.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/development: requirements-dev.txt $(VENV)/runtime
	$(BIN)/pip install -q --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(VENV)/runtime ## build a believable school world and serve it (PORT=8000, DATA=folder, DEMO_DATE=2026-11-19)
	@$(BIN)/classbook demo

test: $(VENV)/development ## the suite, on SQLite and on PostgreSQL
	@echo "== on SQLite" && $(BIN)/pytest -q -n 2
	@echo "== the portal on SQLite" && $(BIN)/pytest -q -n 2 $(PORTAL)
	@echo "== on PostgreSQL, but for access table and house rules, which make long adds" && $(PG) -n 2 $(BOTH) $(EVERYWHERE_ALIKE)
	@echo "== the portal on PostgreSQL" && $(PG) -n 2 $(PORTAL) $(BOTH)

check: $(VENV)/development ## style, types, layers, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy && $(BIN)/mypy --config-file portal.ini
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell src tests docs README.md

bench: $(VENV)/development ## the hot paths against their floors (see docs/performance.md)
	@status=0; $(BIN)/python -m bench || status=1; \
	$(BIN)/python -m tests.postgresql $(BIN)/python -m bench || status=1; exit $$status

cover: $(VENV)/development ## every branch of rules, actions and access is taken by a test
	$(BIN)/coverage erase
	$(COVER) $(NOT_COUNTED)
	$(COVER) $(PORTAL)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

long: $(VENV)/development ## tests that take longer than a change should wait
	$(BIN)/pytest -q -m "long" -n 2
	$(PG) -n 2 tests/access tests/architecture
	$(PG) -m "long" tests/security
	$(MAKE) cover

messages: $(VENV)/development ## bring the catalogues to the texts of today
	$(BIN)/python -m classbook.common.catalogues update

screenshots: $(VENV)/development ## pictures of the main pages for the README
	$(BIN)/python scripts/screenshots.py

walkthroughs: $(VENV)/development ## pictures of the help centre, taken while its journeys are played
	$(BIN)/python scripts/walkthroughs.py

.PHONY: help demo test check bench cover long messages screenshots walkthroughs
.DEFAULT_GOAL := help
