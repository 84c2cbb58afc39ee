# Everything that is done with this project. README.md says what each target is for.

LOCAL := $(CURDIR)/.local
TOOLS := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)/tools
# Everything is built as one workspace: with `-p`, cargo would choose other features for what is shared
# and build it once more.
#
# cargo and then stack take the place of this line's process, so that signals reach stack itself.
STACK := cargo run -q --bin stack --

.PHONY: run up down demo test check bench verify-all faults sqlx programs tools assets screenshots rules

programs: assets
	@cargo build --bins

# The style sheet and script of the public pages. What has not changed is not built again.
WEB := intake-service/web
assets: $(WEB)/node_modules/.package-lock.json
	@cd $(WEB) && node build.mjs

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	@$(WEB)/need-node.sh
	@cd $(WEB) && npm ci --loglevel=error --no-progress >/dev/null && touch node_modules/.package-lock.json

run: programs
	@$(STACK) run --dir "$(LOCAL)"

up: programs
	@$(STACK) up --dir "$(LOCAL)" $(if $(replicas),--replicas $(replicas))

# make down clean=1 also deletes the data
down:
	@$(STACK) down --dir "$(LOCAL)" $(if $(clean),--clean)

demo: assets
	@cargo run -q --bin demo

verify-all: assets
	@cargo run -q --bin verify-all

bench: assets
	@cargo build -q --release --bins
	@cargo run -q --release --bin bench

faults: programs
	FAULTS_REPORTS=$${FAULTS_REPORTS:-1000} cargo test --test faults -- --test-threads=1 --nocapture campaign::

test: tools programs
	cargo test --workspace -- --skip timed::
# What measures time runs alone.
	cargo test --test journeys -- --test-threads=1 timed::

# What the tests need beside the machine's own packages: a mail server and a current nats-server; Chromium,
# and what drives it; a ClamAV daemon.
BROWSER := tests/browser
tools: $(TOOLS)/requirements.txt $(BROWSER)/node_modules/.package-lock.json
	@$(BROWSER)/need-chromium.sh
	@tests/tools/need-clamd.sh

$(BROWSER)/node_modules/.package-lock.json: $(BROWSER)/package-lock.json
	@$(WEB)/need-node.sh
	@cd $(BROWSER) && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent && touch node_modules/.package-lock.json

$(TOOLS)/requirements.txt: tests/tools/requirements.txt
	rm -rf "$(TOOLS)" && mkdir -p "$(TOOLS)"
	python3 -m pip install -q --require-hashes --target "$(TOOLS)" -r $<
	cp $< $@

# Every kind of page, narrow and wide, as pictures in target/screenshots.
screenshots: tools programs
	@cargo test -q --test browser -- --ignored screenshots::all

# Each rule about emergencies, safety and who else can help with its test; how many ways each form has.
rules: assets
	@cargo test -q --workspace --lib -- --nocapture forms::rules::table on_every_way_through_every_form

check: assets
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
	$(MAKE) test
	cargo run -q --bin bench -- --smoke

# Writes the query files anew, against the databases of a stack that is up. The backbone's own tables stand
# in several of them, so its statements are described against one that has them all.
sqlx: assets
	. "$(LOCAL)/urls.env" && export INTAKE_DATABASE_URL BUREAU_DATABASE_URL NOTIFIER_DATABASE_URL && \
	export BACKBONE_DATABASE_URL="$$(echo "$$KEYS_DATABASE_URL" | sed 's,/keys?,/backbone?,')" && \
	psql -q "$$KEYS_DATABASE_URL" -c 'drop database if exists backbone' -c 'create database backbone' && \
	cat backbone/migrations/*.sql backbone/keys-migrations/*.sql | psql -q -v ON_ERROR_STOP=1 "$$BACKBONE_DATABASE_URL" && \
	SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$(CURDIR)/.sqlx" cargo check --workspace
