# The commands of the project. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup verify test check proofs certificates bench peers oracle laws train-demo clean
MAKEFLAGS += --no-print-directory
CARGO ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: ## install what the build needs (a system LAPACK); nothing where it is there
	@scripts/setup-lapack.sh

verify: setup ## build, run the built-in verification suite, write report/index.html
	@$(CARGO) build --release --locked
	@$(TARGET)/release/score verify --report report

test: setup ## run every test, doctest and example
	@$(CARGO) test --quiet --locked --features testing
	@for source in examples/*.rs; do \
		name=$$(basename $$source .rs); echo "example $$name"; \
		$(CARGO) run --quiet --locked --features testing --example $$name > /dev/null || exit 1; \
	done
	@echo "build without default features"
	@$(CARGO) build --quiet --locked --no-default-features
	@if scripts/setup-coq.sh; then $(MAKE) -C proofs; else echo "proofs skipped: Coq is not here and could not be installed"; fi

proofs: ## check the Coq proofs and what they assume (installs Coq; the folder proofs/ works alone too)
	@scripts/setup-coq.sh
	@$(MAKE) -C proofs

certificates: setup ## write the certificates of proofs/certificates/ again
	@$(CARGO) build --release --locked
	@scripts/certificates.sh $(TARGET)/release/score

check: setup ## formatting, clippy pedantic and rustdoc, warnings denied
	@$(CARGO) fmt --check
	@$(CARGO) clippy --quiet --locked --all-targets --features testing -- -D warnings
	@RUSTDOCFLAGS="-D warnings" $(CARGO) doc --quiet --locked --no-deps --features testing

bench: setup ## time the risks and the intervals (criterion)
	@$(CARGO) bench --locked --features testing

peers: setup ## time and error beside SciPy, mpmath and python-flint (makes .venv-peers)
	@$(CARGO) build --quiet --release --locked --example peers
	@scripts/with-venv.sh .venv-peers scripts/peers-requirements.txt scripts/peers.py $(TARGET)/release/examples/peers

oracle: ## compute the known values again, without the Rust code (makes .venv-oracle)
	@scripts/with-venv.sh .venv-oracle tests/oracle/requirements.txt tests/oracle/oracle.py

# Random points for each operation in `make laws`.
POINTS ?= 1e7
laws: setup ## compare intervals with MPFR on 1e7 points per operation (POINTS=1e5 for a minute; needs libmpfr-dev)
	@$(CARGO) run --quiet --release --locked --manifest-path tests/inclusion/Cargo.toml -- fuzz $(POINTS)
	@$(CARGO) test --quiet --locked --features testing --lib real::

DEMO = standard pgd-at trades score
train-demo: setup ## train four objectives on Fashion-MNIST (minutes), print what they do, write report/training.html
	@scripts/setup-libtorch.sh
	@scripts/setup-fashion-mnist.sh
	@$(CARGO) build --release --locked --features train
	@$(TARGET)/release/score train $(DEMO:%=recipes/fashion-mnist/%.toml) --out runs --resume --report report

clean: ## remove everything that was built
	@rm -rf report .venv-peers .venv-oracle
	@$(CARGO) clean --quiet
