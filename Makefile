# One entry for everything; `make help` lists it. What a target needs it installs below .venv and .cache.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VERSION ?= 0.1.0.dev0
export GOFLAGS := -tags=duckdb_arrow -trimpath
export CGO_ENABLED := 1
VENV := .venv
PY := $(VENV)/bin/python
GOSRC := $(shell find cmd/sextant-kernel kernel -name '*.go' -not -name '*_test.go' 2>/dev/null) go.mod go.sum $(wildcard cmd/sextant-kernel/kernelspec/*)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: build
build: bin/sextant bin/sextant-kernel ## build the programs into bin/

# On Linux the C++ runtime is linked in, so that the program runs wherever its C library is new enough: the linker takes
# the first libstdc++ on its path, and this directory has only the static one. Nothing is exported, since DuckDB's
# extensions bring what they need: the program is smaller and starts faster. libgcc stays shared: with two unwinders in
# the process an exception in an extension would end it.
ifeq ($(shell uname -s),Linux)
STATIC_CXX := .cache/static-cxx/libstdc++.a
LINK := -extldflags "-L$(CURDIR)/.cache/static-cxx -Wl,--no-export-dynamic -Wl,--gc-sections"
endif

.cache/static-cxx/libstdc++.a:
	@scripts/need.sh g++
	@mkdir -p $(@D) && ln -sf "$$(g++ -print-file-name=libstdc++.a)" $@

bin/sextant-kernel: $(GOSRC) $(STATIC_CXX) Makefile
	@scripts/need.sh go cc
	go build -ldflags '-s -w -X main.version=$(VERSION) $(LINK)' -o $@ ./cmd/sextant-kernel

# What browsers load. Without npm the server is built all the same, and says what it does not have.
FRONTEND := $(if $(shell command -v npm),frontend/dist/frame/libraries.json frontend/dist/app/manifest.json)
frontend/dist/frame/libraries.json: frontend/frame/package-lock.json frontend/frame/build.mjs
	cd frontend/frame && npm ci --ignore-scripts --no-audit --no-fund --silent && node build.mjs

# The program that runs in browsers. Its tools are installed anew only where their list changes.
NODE_STAMP := frontend/node_modules/.stamp-$(shell cksum frontend/package-lock.json 2>/dev/null | cut -d' ' -f1)
$(NODE_STAMP): frontend/package-lock.json
	cd frontend && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

frontend/dist/app/manifest.json: $(NODE_STAMP) $(shell find frontend/src -type f 2>/dev/null) $(wildcard frontend/*.ts frontend/*.mjs frontend/package.json)
	cd frontend && npm run --silent build

.PHONY: test-frontend
test-frontend: $(if $(shell command -v npm),frontend/dist/app/manifest.json) ## types, lint and unit tests of what runs in browsers
	@scripts/need.sh node npm
	cd frontend && npm run --silent check && npm run --silent test -- --silent

.PHONY: frontend
frontend: $(FRONTEND) ## build what browsers load

# The server needs no cgo, and builds for every system from any.
bin/sextant: $(FRONTEND) $(shell find cmd/sextant content frontend server sessions samples kernel/wire kernel/client kernel/memory kernel/zmq -name '*.go' -not -name '*_test.go' 2>/dev/null) $(wildcard samples/*.ipynb samples/*.sql samples/data/* server/sources.py server/jupyter/icons/* server/jupyter/spec.yaml content/render/js/*.min.js content/render/style/* server/pages/assets/* server/pages/templates/* frontend/frame/output.*) go.mod go.sum Makefile
	@scripts/need.sh go
	CGO_ENABLED=0 GOFLAGS=-trimpath go build -ldflags '-s -w -X main.version=$(VERSION)' -o $@ ./cmd/sextant

.PHONY: wheel
wheel: bin/sextant-kernel ## build the pip-installable wheel of the kernel into dist/
	@scripts/need.sh python3 objdump
	@rm -f dist/*.whl
	python3 scripts/wheel/build.py bin/sextant-kernel $(VERSION) dist

# The local environment: Jupyter, test tools, DuckDB's extensions. The stamp changes with the list of packages.
VENV_STAMP := $(VENV)/.stamp-$(shell cksum scripts/requirements.txt | cut -d' ' -f1)
$(VENV_STAMP): scripts/requirements.txt
	@scripts/need.sh python3
	@test -x $(PY) || python3 -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r scripts/requirements.txt
	@rm -f $(VENV)/.stamp-*
	@touch $@

$(VENV)/bin/sextant-kernel: bin/sextant-kernel $(VENV_STAMP)
	@mkdir -p $(VENV)/bin
	@# One file, so that agents and kernels share its pages in memory.
	@rm -f $@ && { ln bin/sextant-kernel $@ 2>/dev/null || cp bin/sextant-kernel $@; } && touch $@
	@$@ install --prefix $(VENV) >/dev/null

.PHONY: run
run: sample bin/sextant ## set everything up, run a sample notebook, start the server with sample data and JupyterLab
	@bin/sextant serve --data .cache/run --log-level warn

.PHONY: sample
sample: $(VENV)/bin/sextant-kernel ## run a sample notebook on real data
	@scripts/run-sample.sh

.PHONY: lab
lab: $(VENV)/bin/sextant-kernel ## open JupyterLab on the samples
	cd samples && ../$(VENV)/bin/jupyter lab --ServerApp.ip=127.0.0.1 $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: test
test: lint test-frontend test-go test-jupyter fuzz ## set everything up and run all tests

# Microsoft's emulator of Azure Blob Storage, for the tests of azblob://; without npm they are skipped.
AZURITE := .cache/azurite/node_modules/.bin/azurite-blob
$(AZURITE):
	@mkdir -p .cache/azurite && npm install --prefix .cache/azurite --no-audit --no-fund --silent azurite@3.37.0

# What was translated from C is not watched by the race detector: it would take ten times as long, and what it does is one
# goroutine's.
UNWATCHED := -gcflags='modernc.org/libquickjs=-race=false' -gcflags='modernc.org/sqlite/lib=-race=false'

.PHONY: test-go
test-go: $(FRONTEND) $(VENV)/bin/sextant-kernel $(if $(shell command -v npm),$(AZURITE)) ## Go tests, with the race detector
	@scripts/chromium.sh
	SEXTANT_TEST_PYTHON=$(CURDIR)/$(PY) SEXTANT_TEST_AZURITE=$$(ls $(CURDIR)/$(AZURITE) 2>/dev/null) \
		scripts/postgres.sh go test -race $(UNWATCHED) -timeout 20m ./...

# Whether pages can be used by everybody, as far as a program can tell.
AXE := .cache/axe/node_modules/axe-core/axe.min.js
$(AXE):
	@mkdir -p .cache/axe && npm install --prefix .cache/axe --no-audit --no-fund --ignore-scripts --silent axe-core@4.14.1

.PHONY: test-jupyter
test-jupyter: $(VENV)/bin/sextant-kernel wheel bin/sextant $(if $(shell command -v npm),$(AXE)) ## tests with real Jupyter clients, and JupyterLab in a browser
	@scripts/chromium.sh
	SEXTANT_TEST_WHEEL=$$(ls $(CURDIR)/dist/*.whl) SEXTANT_TEST_AXE=$$(ls $(CURDIR)/$(AXE) 2>/dev/null) scripts/postgres.sh $(PY) -m pytest -q --timeout 300 --durations 15 scripts/jupytertest

.PHONY: lint
lint: ## gofmt, vet, staticcheck, and whether the generated types are up to date
	@scripts/need.sh go cc
	@test -z "$$(gofmt -l $(wildcard cmd content kernel server sessions frontend scripts) | tee /dev/stderr)" || { echo 'gofmt: run gofmt -w on the files above'; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	@scripts/apitypes/generate.sh --check

.PHONY: types
types: ## make the API's description and the front end's types of it anew
	SEXTANT_ACCEPT=1 CGO_ENABLED=0 GOFLAGS=-trimpath go test -count=1 -run TestDescriptionIsCurrent ./server/api
	scripts/apitypes/generate.sh

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME each (default 5s)
	scripts/fuzz.sh $${FUZZTIME:-5s}

.PHONY: bench
bench: $(VENV)/bin/sextant-kernel bin/sextant ## measure speed and memory beside the peers
	$(PY) scripts/bench/bench.py

.PHONY: clean
clean: ## remove what was built
	rm -rf bin dist tmp $(VENV) .cache
