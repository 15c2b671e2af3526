# Everything that a developer runs. Each target does its own set-up.

SHELL := /bin/bash
ROWS ?= 1000000
RUNS ?= 5
WORKLOADS ?=
PEERS ?=
PYTHON ?= python3
DATA ?= ../shared/data
FAULTS ?= 1000
SEED ?= 1
SOURCES := Sources Tests Conformance Benchmarks/Sources Benchmarks/Package.swift Package.swift

export PATH := $(PATH):/opt/swift/usr/bin

.DEFAULT_GOAL := help
.PHONY: help setup build test lint format conformance faults bench demo clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing (Debian packages; asks for nothing when all is there)
	@scripts/setup.sh

build: setup ## Build the release binary: .build/release/sluice
	swift build -c release --static-swift-stdlib --product sluice

test: setup lint ## Check the format, build everything, run all tests
	swift build --build-tests
	swift test

lint: ## Check the sources' format
	swift format lint --strict --recursive $(SOURCES)

format: ## Bring the sources into the format
	swift format format --in-place --recursive $(SOURCES)

conformance: setup ## Read a folder of real and hostile files: DATA=../shared/data
	swift build --product conformance
	.build/debug/conformance "$(DATA)"

faults: setup ## A thousand seeded faults, ten thousand histories, every point of a run killed, a disk that is really full: FAULTS=1000 SEED=1
	swift build --build-tests
	SLUICE_FAULTS="$(FAULTS)" SLUICE_FAULT_SEED="$(SEED)" swift test --skip-build --filter RandomFaultTests
	SLUICE_HISTORIES=10000 swift test --skip-build --filter DiffPropertyTests
	SLUICE_CRASH_POINTS=all swift test --skip-build --filter CrashTests
	scripts/full-disk.sh

bench: build ## Measure: ROWS=1000000 RUNS=5 WORKLOADS=inventory,pim PEERS=dir PYTHON=python3
	scripts/bench.sh "$(ROWS)" "$(RUNS)" "$(WORKLOADS)" "$(PEERS)" "$(PYTHON)"

# A debug build, which takes a third of the time of a release build, is fast enough for the samples.
demo: setup ## Two days of the sample project, from drops to outbox and ledger
	swift build --product sluice
	scripts/demo.sh

clean: ## Remove what was built and generated; inbox, outbox, archive and ledger stay
	rm -rf .build Benchmarks/.build Benchmarks/data
