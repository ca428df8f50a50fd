# `make help` lists the targets. The two that a newcomer needs: `make demo`, `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.venv/bin:$(PATH)
unexport PYTHONPATH

PY := .venv/bin/python
JOBS := $(shell nproc)
SOURCES := $(shell find include src bindings cmake -type f 2>/dev/null) CMakeLists.txt pyproject.toml
PY_DIRS := python tests tools bench examples
# T=scan/residual: only tests whose name has what follows the slash. One language may have none,
# which pytest tells by status 5.
T ?=
PYTEST := $(PY) -m pytest -n $(JOBS) -q $(if $(T),-k "$(notdir $(T))",)
NONE_IS_FINE := $(if $(T),|| [ $$? -eq 5 ],)

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup: ## system packages, .venv; quick when there is nothing to do
	@tools/setup.sh

# The extension and the packages, installed for work: Python sources are used in place.
build/.installed: $(SOURCES) requirements.lock | setup
	$(PY) -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e . \
	  --config-settings=cmake.define.FLOE_WERROR=ON
	@touch $@

.PHONY: build
build: build/.installed ## the extension, installed into .venv

build/%/CMakeCache.txt: CMakePresets.json | setup
	cmake --preset $* > build/$*-configure.log || { cat build/$*-configure.log; exit 1; }

.PHONY: cpp-asan
cpp-asan: build/asan/CMakeCache.txt
	cmake --build --preset asan -j $(JOBS)

.PHONY: demo
demo: build ## the Dagster project under examples/ on real data
	$(PY) examples/flights/run_demo.py

.PHONY: demo-rest
demo-rest: build ## the same on a REST catalog and S3, with users, tokens and lent keys of a minute
	@for server in java keycloak minio nessie; do tools/servers/install_$$server.sh > /dev/null; done
	$(PY) examples/flights/run_demo_rest.py

.PHONY: test
test: ## everything: lint, types, C++ under sanitizers, Python, interop
	@$(MAKE) --no-print-directory setup
	@$(MAKE) --no-print-directory -j2 peers test-native
	@$(MAKE) --no-print-directory test-python

# What needs no peer, so that they are fetched meanwhile.
.PHONY: test-native
test-native:
	@$(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test-cpp

.PHONY: test-cpp
test-cpp: cpp-asan
	tools/run_cpp_tests.sh asan "$(T)"

.PHONY: peers
peers: | setup ## what tests run beside floe: Spark, dbt, catalogs and stores, about 2.1 GB in ~/.cache/floe
	@tools/peers/install_spark.sh > /dev/null
	@tools/peers/install_dbt.sh > /dev/null
	@tools/servers/install_rest_fixture.sh > /dev/null
	@tools/servers/install_seaweed.sh > /dev/null
	@tools/servers/install_minio.sh > /dev/null
	@tools/servers/install_keycloak.sh > /dev/null
	@tools/servers/install_nessie.sh > /dev/null
	@tools/servers/install_fake_gcs.sh > /dev/null
	@tools/servers/install_azurite.sh > /dev/null
	@tools/servers/install_polaris_sdk.sh > /dev/null

.PHONY: test-python
test-python: build peers
	$(PYTEST) tests/python tests/interop tests/servers $(NONE_IS_FINE)

.PHONY: quick
quick: build ## unit tests, cases and scenarios; T=scan/residual picks some
	$(PYTEST) tests/python -m "not slow" $(NONE_IS_FINE)
	@cmake --preset dev > /dev/null && cmake --build --preset dev -j $(JOBS) && tools/run_cpp_tests.sh dev "$(T)"

.PHONY: tsan
tsan: build/tsan/CMakeCache.txt ## C++ tests under ThreadSanitizer
	cmake --build --preset tsan -j $(JOBS)
	tools/run_cpp_tests.sh tsan "$(T)"

build/fuzz/CMakeCache.txt: CMakePresets.json | setup
	tools/install_packages.sh clang-16 libclang-rt-16-dev
	cmake --preset fuzz > build/fuzz-configure.log || { cat build/fuzz-configure.log; exit 1; }

.PHONY: fuzz
fuzz: build/fuzz/CMakeCache.txt build ## fuzz targets; FUZZ_SECONDS for each; ARGS="manifest --seconds 600"
	cmake --build --preset fuzz -j $(JOBS)
	$(PY) tools/make_fuzz_seeds.py
	$(PY) tools/run_fuzz.py $(ARGS)

.PHONY: lint
lint: build/asan/CMakeCache.txt ## what `make test` checks before it runs anything
	$(PY) tools/check_layers.py
	$(PY) tools/check_sizes.py
	ruff format --check -q $(PY_DIRS)
	ruff check -q $(PY_DIRS)
	mypy
	lint-imports --no-cache
	$(PY) tools/check_stub.py
	$(PY) tools/make_docs.py --check
	$(PY) tools/check_status.py
	$(PY) tools/requirements.py --check
	find include src bindings tests/cpp tests/fuzz \( -name '*.h' -o -name '*.cc' \) -print0 | \
	  xargs -0 -P $(JOBS) -n 16 clang-format --dry-run --Werror
	$(PY) tools/run_clang_tidy.py build/asan

.PHONY: format
format: | setup ## formats C++ and Python in place
	find include src bindings tests/cpp tests/fuzz \( -name '*.h' -o -name '*.cc' \) -print0 | \
	  xargs -0 -P $(JOBS) -n 16 clang-format -i
	ruff format -q $(PY_DIRS)
	ruff check -q --fix-only $(PY_DIRS)

.PHONY: golden
golden: build peers cpp-asan ## rewrites golden files, scenarios, the stub and generated docs; review the diff
	FLOE_REWRITE_GOLDEN=1 tools/run_cpp_tests.sh asan "$(T)"
	FLOE_REWRITE_GOLDEN=1 $(PYTEST) tests/python/floe_iceberg/test_scenarios.py \
	  tests/interop/test_matrix.py $(NONE_IS_FINE)
	$(PY) tools/check_stub.py --write
	$(PY) tools/make_docs.py

.PHONY: coverage
coverage: build/coverage/CMakeCache.txt build ## line and branch coverage, Python and C++
	cmake --build --preset coverage -j $(JOBS)
	$(PY) tools/run_coverage.py

.PHONY: bench
bench: build ## floe beside PyIceberg and raw Parquet; ARGS="--scale 0.1 --only append"
	$(PY) bench/run.py $(ARGS)

.PHONY: requirements
requirements: ## ids of requirements without a test
	$(PY) tools/requirements.py

.PHONY: lock
lock: | setup ## requirements.lock from pyproject.toml
	uv pip compile pyproject.toml --extra dagster --extra pyiceberg --extra demo --extra dev \
	  --universal --python-version 3.11 --no-annotate --no-header -q --upgrade -o requirements.lock

.PHONY: clean
clean: ## what was built; .venv stays
	rm -rf build dist
