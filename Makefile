# SPDX-License-Identifier: Apache-2.0
# The commands people type; the build itself is CMake (CMakePresets.json).

PRESET ?= dev
BUILD := build/$(PRESET)
JOBS ?= $(shell nproc)
# WERROR=ON makes warnings errors, as CI does.
WERROR ?= OFF
CONFIGURE = cmake --preset $(PRESET) -DSKILLET_WERROR=$(WERROR) --log-level=WARNING > /dev/null

.DEFAULT_GOAL := help
.PHONY: help demo test soak install bench bench-router dist dist-test format tidy bootstrap build clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

bootstrap: ## Install what is missing (apt packages, jsoncons, the engine's source)
	@tools/bootstrap.sh

build: bootstrap ## Build the library and the program
	@$(CONFIGURE)
	@cmake --build $(BUILD) --target skillet_cli -j $(JOBS)

demo: build ## Build everything and let real skills judge real texts
	@$(BUILD)/apps/cli/skillet demo --dir skills/spam-filter
	@echo
	@$(BUILD)/apps/cli/skillet demo --dir skills/language-id

test: ## Build and run every test
	@tools/bootstrap.sh test
	@$(CONFIGURE)
	@cmake --build $(BUILD) -j $(JOBS)
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

soak: ## Kill thousands of processes on one root; a million random operations on a registry
	@tools/bootstrap.sh test
	@$(CONFIGURE)
	@cmake --build $(BUILD) --target kill_test registry_test -j $(JOBS)
	@$(BUILD)/tests/kill/kill_test --kills $(or $(KILLS),2000) --seed $(or $(SEED),1)
	@SKILLET_STEPS=$(or $(STEPS),1000000) SKILLET_SEED=$(or $(SEED),1) \
	  $(BUILD)/src/registry/registry_test --gtest_filter='RegistryModel*' --gtest_brief=1

install: ## Install a release build into PREFIX (default /usr/local)
	@$(MAKE) --no-print-directory build PRESET=release
	@cmake --build build/release -j $(JOBS)
	@cmake --install build/release --prefix $(or $(PREFIX),/usr/local)

bench: ## Measure, and write bench/results/
	@tools/bootstrap.sh bench
	@$(MAKE) --no-print-directory build PRESET=release
	@cmake --build build/release -j $(JOBS)
	@bench/run.sh build/release

bench-router: ## Measure residency against the bare engine and llama-server
	@tools/bootstrap.sh bench
	@$(MAKE) --no-print-directory build PRESET=release
	@cmake --build build/release -j $(JOBS)
	@bench/peer.sh matched
	@bench/peer.sh openmp
	@bench/run.sh build/release residency

dist: ## Make Debian packages and a tarball in build/dist/, and check them
	@tools/bootstrap.sh dist
	@tools/dist.sh
	@python3 tests/dist/dist_test.py

dist-test: ## Install both in clean chroots and run the demo there (needs root; after make dist)
	@tools/dist_test.sh

format: ## Format the C++ sources
	@git ls-files '*.cpp' '*.h' '*.hpp' '*.c' | xargs clang-format -i

tidy: ## Check the house rules
	@python3 tools/tidy.py

clean: ## Delete builds; fetched dependencies stay in .deps/
	@rm -rf build
