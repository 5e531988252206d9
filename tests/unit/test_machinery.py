"""What is the machinery's and what is the author's."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import jobs
from jobs.machinery import MODULES, is_machinery
from jobs.registry import kinds

HERE = Path(jobs.__file__).parent


def modules_with_a_logger() -> set[str]:
    """The modules under `jobs/` that log, but for those of kinds, which are authors'."""
    authors = {kind.function.__module__.split(".")[1] for kind in kinds()}
    paths = (path.relative_to(HERE.parent) for path in HERE.rglob("*.py"))
    logging = [path for path in paths if "getLogger(__name__)" in (HERE.parent / path).read_text()]
    return {
        ".".join(path.with_suffix("").parts) for path in logging if path.parts[1] not in authors
    }


def test_every_module_of_the_machinery_is_there() -> None:
    missing = [name for name in sorted(MODULES) if importlib.util.find_spec(name) is None]

    assert missing == [], "it was moved or renamed; jobs/machinery.py has to follow"


def test_every_module_that_logs_is_known_as_machinery() -> None:
    unknown = modules_with_a_logger() - MODULES

    assert unknown == set(), "its lines would stand in the jobs' logs: name it in jobs/machinery.py"


@pytest.mark.parametrize("name", ["rq", "rq.worker", "rq.job", "jobs.reporter", "asyncio.runners"])
def test_the_machinery_is_known(name: str) -> None:
    assert is_machinery(name)


@pytest.mark.parametrize("name", ["", "rqs.worker", "jobs.work_orders", "jobs.kinds_of_mail"])
def test_what_is_called_alike_is_not_the_machinery(name: str) -> None:
    assert not is_machinery(name)
