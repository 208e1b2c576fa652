# The commands of the project. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup verify test check proofs certificates bench peers train-peers train-peers-gpu evaluate-peers wrappers oracle laws train-demo clean
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

# The features to check and test: with `train` wherever libtorch is or can be fetched.
FEATURES = $$(scripts/setup-libtorch.sh && echo testing,train || echo testing)

test: setup ## run every test, doctest and example
	@scripts/setup-fashion-mnist.sh || true
	@features=$(FEATURES); echo "tests with the features $$features"; \
	$(CARGO) test --quiet --locked --features $$features && \
	for source in examples/*.rs; do \
		name=$$(basename $$source .rs); echo "example $$name"; \
		$(CARGO) run --quiet --locked --features $$features --example $$name > /dev/null || exit 1; \
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
	@$(CARGO) fmt --all --check
	@features=$(FEATURES); \
	$(CARGO) clippy --quiet --locked --all-targets --features $$features -- -D warnings && \
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --quiet --locked --no-deps --features $$features

bench: setup ## time the risks and the intervals (criterion)
	@$(CARGO) bench --locked --features testing

peers: setup ## time and error beside SciPy, mpmath and python-flint (makes .venv-peers)
	@$(CARGO) build --quiet --release --locked --example peers
	@scripts/with-venv.sh .venv-peers scripts/peers-requirements.txt scripts/peers.py $(TARGET)/release/examples/peers

wrappers: setup ## check the wrappers of examples/losses, and wrong variants, with NumPy and PyTorch (makes .venv-wrappers)
	@$(CARGO) build --quiet --locked
	@scripts/with-venv.sh .venv-wrappers scripts/wrappers-requirements.txt scripts/wrappers.py $(TARGET)/debug/score

train-peers: setup ## time a step of training beside PyTorch's (makes .venv-train-peers, 5 GB)
	@scripts/setup-libtorch.sh
	@$(CARGO) build --quiet --release --locked --features train --example train_step
	@scripts/with-venv.sh .venv-train-peers scripts/train-peers-requirements.txt scripts/train-peers.py $(TARGET)/release/examples/train_step

train-peers-gpu: setup ## the same on a GPU, images/s; python3 must have torch 2.11.0 with CUDA
	@scripts/setup-libtorch.sh
	@$(CARGO) build --quiet --release --locked --features train --example train_step
	@python3 scripts/train-peers.py $(TARGET)/release/examples/train_step --gpu

# A folder with the package autoattack of github.com/fra31/auto-attack.
REFERENCE ?= autoattack
evaluate-peers: setup ## time score evaluate beside AutoAttack itself, which lies in REFERENCE=folder (makes .venv-train-peers, 5 GB)
	@scripts/setup-libtorch.sh
	@scripts/setup-fashion-mnist.sh
	@$(CARGO) build --quiet --release --locked --features train
	@scripts/with-venv.sh .venv-train-peers scripts/train-peers-requirements.txt scripts/evaluate-peers.py $(REFERENCE) $(TARGET)/release/score

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
	@# Two at a time, a thread each. What fails here is tried again, and reported, by the command after it, which else has only to print.
	@printf '%s\n' $(DEMO) | xargs -P 2 -I NAME $(TARGET)/release/score train recipes/fashion-mnist/NAME.toml --out runs --resume 2>&1 >/dev/null | cat
	@$(TARGET)/release/score train $(DEMO:%=recipes/fashion-mnist/%.toml) --out runs --resume --report report

clean: ## remove everything that was built
	@rm -rf report .venv-peers .venv-train-peers .venv-oracle .venv-wrappers
	@$(CARGO) clean --quiet
