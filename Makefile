# Everything a reader of this repository runs, each target complete in itself:
# `make test` and `make demo` do their whole set-up on a fresh Debian 12 machine.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# A shell that is no login shell does not know where rustup put cargo.
export PATH := $(PATH):$(HOME)/.cargo/bin

TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))

.PHONY: help setup guests build release test corpus demo bench fuzz fmt lint clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: ## what the build and the tests need, installed where it is missing
	@.ci/setup

guests: setup ## the Wasm filters, into target/filters
	@filters/build.sh

build: guests ## the gateway, target/debug/narrowgate
	cargo build --package narrowgate

release: guests ## the gateway as it is shipped, target/release/narrowgate
	cargo build --release --package narrowgate

test: build ## all tests: unit, property and end-to-end with the real binary
	cargo test --workspace

corpus: build ## attempts to talk around policy and masking, as data: leaks and false denials; CORPUS=word for some
	cargo test --package narrowgate-tests --test corpus -- --nocapture

demo: build ## the whole story with psql; KEEP=1 leaves it running
	@KEEP=$(KEEP) NARROWGATE_BIN=$(TARGET)/debug/narrowgate examples/postgres/demo.sh

bench: guests ## figures as ratios to PgBouncer
	cargo build --release --package narrowgate --package narrowgate-wasm --bins --example call_cost
	@NARROWGATE_BIN=$(TARGET)/release/narrowgate bench/run.sh

# Property tests with many more cases than `make test` spends on them, and, where a
# time is given, the fuzz targets and random statements against a real database.
fuzz: CASES ?= 20000
fuzz: SEED ?= $(shell date +%s)
fuzz: $(if $(TIME),build,setup) ## property tests, CASES=20000 each; TIME=120: fuzz targets, 120 s each
	PROPTEST_CASES=$(CASES) cargo test --package narrowgate-codec --package narrowgate-chain \
		--package narrowgate-store --package narrowgate-config
	$(if $(TIME),NARROWGATE_SEED=$(SEED) NARROWGATE_SECONDS=$(TIME) \
		cargo test --package narrowgate-tests --test differential fuzz -- --nocapture)
	$(if $(TIME),.ci/fuzz $(TIME))

fmt: ## format the code
	cargo fmt --all

lint: setup ## formatting and clippy, warnings are errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

clean: ## remove all that was built or set up here (not Debian packages)
	cargo clean
	rm -rf .cache .demo tests/*/node_modules
