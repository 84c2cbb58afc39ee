# Everything that is done with this project. README.md says what each target is for.

LOCAL := $(CURDIR)/.local
SERVICES := -p local-stack -p intake-service -p bureau-service -p notifier-service
# cargo and then stack take the place of this line's process, so that signals reach stack itself.
STACK := cargo run -q -p local-stack --bin stack --

export FAULTS_SEED FAULTS_REPORTS

.PHONY: run up down demo test check bench verify-all faults sqlx services

services:
	@cargo build -q --bins $(SERVICES)

run: services
	@$(STACK) run --dir "$(LOCAL)"

up: services
	@$(STACK) up --dir "$(LOCAL)" $(if $(replicas),--replicas $(replicas))

# make down clean=1 also deletes the data
down:
	@$(STACK) down --dir "$(LOCAL)" $(if $(clean),--clean)

demo:
	@cargo run -q -p tests --bin demo

verify-all:
	@cargo run -q -p tests --bin verify-all

bench:
	@cargo run -q --release -p tests --bin bench

faults:
	cargo test -p tests --test faults -- --include-ignored --nocapture

test: services
	cargo test --workspace

check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
	$(MAKE) test

# Writes the query files anew, against the databases of a stack that is up.
sqlx:
	. "$(LOCAL)/urls.env" && export INTAKE_DATABASE_URL BUREAU_DATABASE_URL NOTIFIER_DATABASE_URL && \
	BACKBONE_DATABASE_URL="$$INTAKE_DATABASE_URL" SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$(CURDIR)/.sqlx" cargo check --workspace
