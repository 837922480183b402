# make report   builds the report of the bundled study
# make test     runs the style, type and unit tests
# Both make the environment first, in .venv; a second run does nothing twice.

STUDY := pyrotinib-mcrc
PYTEST_ARGS := -n auto
BIN := .venv/bin

# A PYTHONPATH of the caller's could put another checkout in front of this one.
unexport PYTHONPATH

.PHONY: report test lint environment clean
.DEFAULT_GOAL := report

report: environment
	$(BIN)/tlfgen build $(STUDY)

test: environment
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -rs $(PYTEST_ARGS)

lint: environment
	$(BIN)/ruff check .
	$(BIN)/mypy

environment:
	@tools/setup/environment.sh

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
