# What there is to do here; `make help` tells.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test test-apps test-attach test-bed test-built test-clients test-crawl test-formats test-grid test-load test-shapes test-stand-ins test-webkit test-zap bench bench-login bench-proxy bench-crawl bench-gateway bench-growth fmt lint clean

export BENCH_RUNS ?= 7
export LOAD_SECONDS ?= 180
export BENCH_SECONDS ?= 60

help: ## Tell what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what the tests need and is missing: browsers, drivers
	@tests/setup.sh

build: ## Build the release binary: target/release/handstamp
	cargo build --release

demo: ## Log in to the sample shop, look at the session, crawl logged in: a minute
	@tests/setup.sh
	@examples/demo.sh

test: setup lint ## Run all checks: format, lints, tests with real browsers, doc tests, docs
	cargo test
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps

test-apps: setup ## Log in to real applications, all or APPS="a b"; the first time installs them into target/apps
	tests/apps/install.sh $(APPS)
	cargo test --test apps -- --ignored --test-threads=1 --nocapture $(subst -,_,$(APPS))

test-attach: ## Put sessions into the browsers of Playwright and Puppeteer from npm
	@tests/setup.sh node
	tests/attach/install.sh
	cargo test --test attach -- --ignored --nocapture

test-bed: ## Only the crawl's bed of small pages; BED=GROUP/NAME, BED_BROWSER=firefox, BED_LOUD=1
	@tests/setup.sh node
	tests/bed/setup.sh
	cargo test --test bed -- --ignored --nocapture

test-crawl: test-bed ## Crawl the test-beds: small pages, sessions that get lost, users who reach too much, routes that nobody links
	cargo build --example shop
	cargo test --test crawl --test lost --test access --test mine --test resume -- --ignored --test-threads=1 --nocapture

test-load: ## Let tokens of 30 seconds end in the middle of a load; LOAD_SECONDS=180
	cargo build --example shop
	cargo test --test load -- --ignored --test-threads=1 --nocapture

test-shapes: setup ## Log in at every shape of a login in both browsers; make test has each in one
	SHAPES=all cargo test --test shapes
	cargo test --test factors -- --ignored

test-zap: ## Push sessions into a real ZAP, whose core and network add-on come from Maven Central into target/zap
	tests/zap/setup.sh
	cargo test --test zap -- --ignored --nocapture

test-grid: setup ## Crawl on a Selenium Grid from Maven Central that loses a node on the way
	tests/grid/setup.sh
	cargo build --example shop
	cargo test --test grid -- --ignored --test-threads=1 --nocapture

test-formats: ## Hand sessions to the tools that read them: curl, wget, HTTPie, Playwright, Puppeteer, Selenium, newman
	tests/formats/setup.sh
	cargo test --test formats -- --ignored --test-threads=1 --nocapture --skip built

test-built: ## Hand sessions to xh and nuclei, which are built from their sources: half an hour the first time
	tests/formats/built.sh
	cargo test --test formats -- --ignored --nocapture built

test-webkit: setup ## Log in, record, check, crawl and use the gateway with WebKit from Debian, Selenium for Python from PyPI
	@tests/setup.sh webkit
	@tests/setup.sh python
	tests/webkit/setup.sh
	cargo build --example shop
	cargo test --test webkit -- --ignored --test-threads=1 --nocapture

test-clients: ## Let WebDriver clients of others use the gateway: Selenium for Python and Node.js, WebdriverIO, thirtyfour
	@tests/setup.sh node
	@tests/setup.sh python
	tests/clients/setup.sh
	cargo test --test clients -- --ignored --test-threads=2

test-stand-ins: ## Start the stand-ins for drivers as Selenium, Robot Framework and Nightwatch do
	@tests/setup.sh node
	@tests/setup.sh python
	tests/stand_ins/install.sh
	cargo test --test stand_ins -- --ignored --nocapture

bench: bench-login bench-proxy bench-gateway ## Measure against hand-written Playwright scripts, mitmproxy and other crawlers
	$(MAKE) bench-crawl BENCH_SECONDS=30

bench-login: ## Only the logins, against hand-written Playwright scripts; BENCH_RUNS=7
	@tests/setup.sh node
	mkdir -p target/bench && cp benches/peers/package.json target/bench/
	npm install --prefix target/bench --no-audit --no-fund
	cargo build --release --example shop
	cargo bench --bench side_by_side

bench-proxy: ## Only the proxy under load, against mitmproxy from PyPI; BENCH_TURNS=3
	@tests/setup.sh python
	mkdir -p target/bench
	test -x target/bench/python/bin/mitmdump || { python3 -m venv target/bench/python && target/bench/python/bin/pip install --quiet mitmproxy; }
	cargo bench --bench proxy_load

bench-crawl: ## Only the crawl, against Crawlee, katana and Crawljax; BENCH_SECONDS=60, BENCH_URL=, BENCH_ONLY=
	@tests/setup.sh node
	benches/crawl_peers/install.sh
	cargo build --release --example shop
	cargo bench --bench crawl_peers

bench-gateway: ## Only the gateway: how long a session takes to start, and what a command costs on its way; BENCH_COMMANDS=2000
	@tests/setup.sh
	cargo bench --bench gateway

bench-growth: ## Only how the cost of a crawl grows with what there is to find; BENCH_VIEWS="100 1000"
	@tests/setup.sh
	cargo bench --bench crawl_growth

fmt: ## Format the code
	cargo fmt

lint: ## Check format and lints
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings

clean: ## Remove all that was built, the installed applications too
	cargo clean
