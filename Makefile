# `make demo` and `make test` do all their own set-up.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
VOICES := $(VENV)/.voices
PEERS := .venv-benchmarks
AUDIT := .venv-audit
OUT := out

# How many test processes run at once; each starts its own servers. On two cores three: a third of their time is waiting.
PROCESSES ?= 3

# Without compiled modules, each of the many processes of a stack compiles all that it imports: seconds of a core.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo voices demo-report gallery bench-orchestration bench-media test test-unit hostile fuzz model contract format check lint types imports \
	protos locks manifests proto lock sbom audit chaos clean help

help:
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

demo: $(RUNTIME) ## write out/demo.mp4 from examples/
	@mkdir -p $(OUT)
	@$(BIN)/likeness demo -o $(OUT)/demo.mp4

voices: $(VOICES) ## fetch the models of the neural voices in nine languages, and of recognition
	$(BIN)/likeness models pull kokoro speaker-encoder whisper-tiny-en

demo-report: $(DEV) ## measure out/demo.mp4: streams, loudness, recognised words
	@$(BIN)/python -m benchmarks.demo $(OUT)/demo.mp4 examples/demo.json

gallery: $(DEV) ## contact sheets of the puppet, to be looked at, in out/gallery
	$(BIN)/python -m benchmarks.media.gallery $(OUT)/gallery

bench-orchestration: $(DEV) $(PEERS)/.installed ## measure chains of stages against other systems
	$(BIN)/python -m benchmarks.orchestration

bench-media: $(DEV) ## measure speech and faces: WHAT="speed warm memory lips conversion …"
	$(BIN)/python -m benchmarks.media $(WHAT)

test: $(DEV) ## run all tests, three processes at once; or some: FILE=tests/… ARGS="-k …"
	$(BIN)/pytest $(if $(FILE),$(FILE),-n $(PROCESSES)) $(ARGS)

test-unit: $(DEV) ## run the tests that need no server, in less than a minute
	$(BIN)/pytest -n $(PROCESSES) tests/unit tests/manifests $(ARGS)

chaos: $(DEV) ## faults on a real stack: MINUTES= BUS= SEED= SCENARIO= REPORT=
	$(BIN)/python -m tests.chaos $(SCENARIO) --minutes $(or $(MINUTES),5) --bus $(or $(BUS),nats) \
		$(if $(SEED),--seed $(SEED)) $(if $(REPORT),--report $(REPORT))

EXAMPLES ?= 10000

hostile: $(DEV) ## attack a real stack beside an innocent client: KINDS="uploads …" ATTACK= ARGS=
	KINDS="$(KINDS)" ATTACK="$(ATTACK)" $(BIN)/pytest --timeout=0 -s tests/hostile $(ARGS)

fuzz: $(DEV) ## odd scripts, SSML, lexicons and media: MINUTES= SEED= TARGET="text media …" FINDINGS=
	$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),5) --seed $(or $(SEED),0) \
		$(foreach each,$(TARGET),--target $(each)) $(if $(FINDINGS),--findings $(FINDINGS))

model: $(DEV) ## the job core under 10,000 orders of events (EXAMPLES=…)
	EXAMPLES=$(EXAMPLES) $(BIN)/pytest --timeout=0 tests/unit/gateway/jobs/test_job_core.py

CASES ?= 6500

contract: $(DEV) ## compare answers with the description of the API: 6,500 generated requests (CASES=…)
	CASES=$(CASES) $(BIN)/pytest --timeout=0 -s tests/integration/gateway/http/test_described_and_sent.py

format: $(DEV) ## fix what ruff can fix, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The locks come last: they alone need the network.
check: lint types imports protos manifests locks ## lint, types, contracts, protos, manifests; online: locks

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/pyright

imports: $(DEV)
	$(BIN)/lint-imports

protos: $(DEV)
	scripts/check-protos

locks: $(DEV)
	scripts/check-locks

manifests: $(DEV)
	scripts/check-manifests

proto: $(DEV) ## regenerate proto/gen
	scripts/generate-stubs proto/gen

lock: $(DEV) ## resolve requirements/*.in anew
	scripts/compile-requirements requirements --upgrade

sbom: $(RUNTIME) $(AUDIT)/.installed ## what each image is made of, as CycloneDX, in out/sbom
	$(AUDIT)/bin/python scripts/sbom $(OUT)/sbom

audit: $(AUDIT)/.installed ## compare the locks with known vulnerabilities; exit status 75 if no database answers
	$(AUDIT)/bin/python scripts/audit-locks

clean: ## remove the environment and what was made
	rm -rf $(VENV) $(PEERS) $(AUDIT) $(OUT) .pytest_cache .ruff_cache .hypothesis

$(VENV)/.uv: requirements/uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || \
		{ echo "Likeness needs Python 3.11 or 3.12. Install one and run: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "This Python cannot make virtual environments. As root, run: apt-get install $(notdir $(PYTHON))-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/uv.lock
	@touch $@

$(RUNTIME): $(VENV)/.uv requirements/base.lock pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements/base.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline -e .
	@touch $@

$(VOICES): $(RUNTIME) requirements/voices.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements/voices.lock
	@touch $@

$(DEV): $(RUNTIME) requirements/dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements/dev.lock
	@touch $@

$(PEERS)/.installed: $(VENV)/.uv requirements/benchmarks.lock
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(PEERS)
	$(BIN)/uv pip install --quiet --python $(PEERS)/bin/python --no-deps --require-hashes -r requirements/benchmarks.lock
	@touch $@

$(AUDIT)/.installed: $(VENV)/.uv requirements/audit.lock
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(AUDIT)
	$(BIN)/uv pip install --quiet --python $(AUDIT)/bin/python --no-deps --require-hashes -r requirements/audit.lock
	@touch $@
