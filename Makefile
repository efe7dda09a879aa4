# Everything that is downloaded goes to .cache and is pinned: Go modules in go.mod, servers in scripts/servers, tools here.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export FERRY_CACHE := $(abspath $(or $(FERRY_CACHE),.cache))

GOLANGCI_VERSION := v2.15.0
GOLANGCI := $(FERRY_CACHE)/bin/golangci-lint-$(GOLANGCI_VERSION)

# The race detector makes code five to ten times slower and counts its own allocations. So it is for the packages where
# goroutines meet; codecs, which are single-threaded, and tests that move millions of records or wait for other
# processes run without it.
RACE := ^github.com/ferry-connect/ferry/(connectors/sdk/connect|coordinator|functions|scripts/servers)(/|$$)
TIMEOUT := 20m

.PHONY: help
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Run Ferry on this machine with two quickstart connectors; FILE=path reads another file
	go run ./localstack/ferry dev --quickstart $(if $(FILE),--file "$(FILE)")

.PHONY: fetch
fetch: ## Download what the tests need (Kafka, Kafka Connect, DynamoDB Local, MiniStack, LocalStack) into .cache
	scripts/servers/fetch.sh

# Both halves run, so that one failure does not hide another; -count=1 because scripts are no input that go test knows of.
.PHONY: test
test: fetch ## Run every test, those on real servers included
	@status=0; \
	all=$$(go list ./...); \
	race=$$(grep -E '$(RACE)' <<<"$$all" || true); \
	plain=$$(grep -Ev '$(RACE)' <<<"$$all" || true); \
	if [ -n "$$race" ]; then go test -count=1 -timeout $(TIMEOUT) -race $$race || status=1; fi; \
	if [ -n "$$plain" ]; then go test -count=1 -timeout $(TIMEOUT) $$plain || status=1; fi; \
	exit $$status

.PHONY: lint
lint: $(GOLANGCI) ## Check format, vet, linters, and that generated files are current
	@files=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [ -n "$$files" ]; then printf 'not formatted, run gofmt -w:\n%s\n' "$$files"; exit 1; fi
	go vet ./...
	$(GOLANGCI) run ./...
	@state() { git ls-files -co --exclude-standard -z | sort -z | xargs -0 cksum 2>/dev/null || true; }; \
	before=$$(state); $(MAKE) --no-print-directory generate; after=$$(state); \
	diff <(printf '%s\n' "$$before") <(printf '%s\n' "$$after") || { echo 'generated files were not current, commit the above'; exit 1; }

.PHONY: generate
generate: ## Write the generated files: one main per connector, the catalog
	go run ./scripts/gen

.PHONY: dist
dist: ## Build every function for arm64 and amd64 into dist, and print sizes
	go run ./scripts/tools/dist

.PHONY: bench
bench: ## Run the benchmarks, print their table and check their gates
	go run ./scripts/bench

# FERRY_SEED=n chooses other requests to strike at; CELL=kind/fault/side-step/broker runs one cell, as a failed one says.
.PHONY: faults
faults: fetch ## Run 2000 seeds of the simulation, the whole fault matrix, and 1000 kills; write the matrix to dist/faults.md
	mkdir -p dist && rm -f dist/faults.md
	$(if $(CELL),,go test -count=1 -timeout 60m ./functions/simulation -run TestSimulation -seeds 2000)
	FERRY_REQUIRE_REAL=1 go test -count=1 -timeout 90m -v ./localstack/faults \
		-faults.all -faults.parallel 12 -faults.report $(CURDIR)/dist/faults.md $(if $(CELL),-faults.cell '$(CELL)')

.PHONY: clean
clean: ## Remove dist and .cache
	rm -rf dist .cache

# Installed as a program of its own, outside our module: its dependencies are none of ours.
$(GOLANGCI):
	mkdir -p $(@D)
	work=$$(mktemp -d $(@D)/install.XXXXXX); trap 'rm -rf "$$work"' EXIT; \
	GOBIN="$$work" GOFLAGS=-mod=mod go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION); \
	mv "$$work/golangci-lint" $@
