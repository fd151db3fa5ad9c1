# Open Ecosystem. `make help` lists what there is. Nothing is needed beforehand but Python >= 3.11, make and git.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PORT_BASE ?= 8000
export PORT_BASE
PY := .venv/bin/python
STAMP := .venv/.locked
CODE := services shared deploy tests bench

.PHONY: help env dashboard demo demo-once demo-reset start stop status logs test test-unit test-integration test-e2e test-browser \
	screenshots check format lock sbom docs audit clean up down ps smoke keys secrets test-compose kill-containers kill-processes \
	simulate bench-escrow bench-matching decisions bench-dashboard oracles-matching truthful bench-training audit-deps fuzz

help: ## list every target
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP) ## make the environment (.venv) from the lock; done by every other target where needed

$(STAMP): requirements.lock deploy/local/bootstrap.sh
	@bash deploy/local/bootstrap.sh
	@touch $(STAMP)

dashboard: env ## build the dashboard, unless it is built; nothing else needs it
	@$(PY) -m services.dashboard ensure

demo: env dashboard ## start everything, run the whole loop once, stay up until Ctrl-C
	@$(PY) -m deploy.local demo

demo-once: env dashboard ## the same, and end with the loop's status
	@$(PY) -m deploy.local demo --once

demo-reset: env ## stop the stack and forget its state
	@$(PY) -m deploy.local reset

start: env dashboard ## start everything with an empty book, in the background
	@$(PY) -m deploy.local start

stop: env ## end what `make start` began
	@$(PY) -m deploy.local stop

status: env ## what is running and how it is
	@$(PY) -m deploy.local status

logs: ## follow the logs of every process (or container, where `make up` runs)
	@if [ -f .run/stack.pid ]; then tail -n 20 -F .run/logs/*.log; else docker compose logs -f --tail 20; fi

test: env ## every test, with one summary
	@$(PY) -m pytest

test-unit: env ## tests that need no server
	@$(PY) -m pytest tests/unit tests/contract

test-integration: env ## tests against a real Postgres and NATS
	@$(PY) -m pytest tests/integration

test-e2e: env ## tests with every process of the system
	@$(PY) -m pytest tests/e2e

test-browser: env ## the dashboard in a real Chromium, by clicks
	@$(PY) -m pytest tests/browser

screenshots: env ## every page of the dashboard in both themes and widths, in .run/screenshots
	@$(PY) -m tests.browser.screenshots

test-compose: env ## what the containers may, show and survive (uses what `make up` runs, else a stack of its own)
	@$(PY) -m pytest tests/compose

kill-containers: env ## kill every container in turn while ten buyers trade
	@KILL=all $(PY) -m pytest tests/compose/test_kills.py -s

kill-processes: env ## kill -9 processes of the real system, Postgres and NATS among them, while CONTRACTS (200) contracts are made
	@KILL_CONTRACTS=$(or $(CONTRACTS),200) $(PY) -m pytest tests/e2e/test_the_kills.py -s

check: env ## lint, format, types, layers, lock and generated documents, of Python and of the dashboard
	@.venv/bin/ruff check $(CODE)
	@.venv/bin/ruff format --check $(CODE)
	@.venv/bin/mypy $(CODE)
	@.venv/bin/lint-imports
	@bash deploy/local/lock.sh --check
	@$(PY) -m shared.contracts.docs --check
	@$(PY) -m deploy.openapi --check
	@$(PY) -m deploy.grafana --check
	@$(PY) -m services.dashboard check

format: env ## put the code into shape
	@.venv/bin/ruff check --fix -q $(CODE)
	@.venv/bin/ruff format $(CODE)
	@$(PY) -m services.dashboard format

sbom: env ## write sbom.json, the CycloneDX list of what requirements.lock names
	@.venv/bin/uv tool run -q --from cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements.lock --of JSON -o sbom.json
	@echo "sbom.json lists $$($(PY) -c 'import json; print(len(json.load(open("sbom.json"))["components"]))') packages"

audit-deps: env ## hold the lock against known vulnerabilities: offline with OSV_DB=<zip of the OSV database>, else over the network
	@$(PY) -m deploy.audit_deps

lock: env ## resolve the dependencies of pyproject.toml anew
	@bash deploy/local/lock.sh

up: env ## the exchange in containers: build, start, wait until all of it is healthy
	@$(PY) -m deploy.compose up

down: ## end the containers; their state stays (docker compose down -v forgets it, secrets included)
	@docker compose down --remove-orphans

ps: ## the containers and how they are
	@docker compose ps -a

smoke: env ## the whole loop through the published port of the containers
	@$(PY) -m deploy.compose smoke

keys: env ## the addresses of the containers' exchange, and the key of each role
	@$(PY) -m deploy.compose keys

secrets: ## make the containers' secrets that are missing (`make up` does it, too)
	@docker compose build secrets
	@docker compose run --rm secrets

docs: env ## generate docs/errors.md, docs/events, docs/openapi.json, the dashboard's types and Grafana's dashboards from the code
	@$(PY) -m shared.contracts.docs
	@$(PY) -m deploy.openapi
	@$(PY) -m services.dashboard generate
	@$(PY) -m deploy.grafana

simulate: env ## play SEEDS (100) seeded worlds around the escrow, from FIRST (0) on: crashes, repetitions, reordering
	@$(PY) -m tests.chaos.simulator --seeds $(or $(SEEDS),100) --first $(or $(FIRST),0)

fuzz: env ## CASES (2000) or more generated requests to the gateway as each role, and to each service, against a stack of its own
	@FUZZ_CASES=$(or $(CASES),2000) $(PY) -m pytest -s tests/e2e/test_openapi.py

bench-escrow: env ## what the money path costs against pgbench on the same server
	@$(PY) -m bench.escrow

oracles-matching: env ## 20,000 random books against brute force, and larger ones against a MILP solver
	@MATCHING_BOOKS=20000 $(PY) -m pytest -q tests/unit/matching

truthful: env ## TRIALS (100000) random auctions with truthful pricing: no budget is exceeded, no misreport pays
	@TRUTHFUL_TRIALS=$(or $(TRIALS),100000) $(PY) -m pytest -q tests/unit/matching/test_truthful.py

bench-matching: env ## what a question costs as the book of offers grows
	@$(PY) -m bench.matching
	@$(PY) -m bench.matching_live

bench-training: env ## what a contract's training costs over bare Flower
	@$(PY) -m bench.training

bench-dashboard: env ## paints and interactions in a real Chromium, with 10,000 offers
	@$(PY) -m bench.dashboard

audit: env ## replay the local stack's ledger and compare it with the balances
	@$(PY) -m deploy.local audit

decisions: env ## decide every match of the local stack again, from its recorded offers, and compare the hashes
	@$(PY) -m deploy.local decisions

clean: ## remove environment, state and caches
	@rm -rf .venv .run services/dashboard/node_modules services/dashboard/dist tests/browser/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
