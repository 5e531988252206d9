"""How an exception is kept."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from headway.errors import StoreUnavailable
from headway.settings import Settings
from headway.store import Writer
from headway.workhorse.failures import failure_of, failure_said, is_machinery


def test_a_missing_key_is_told_in_more_than_its_name() -> None:
    assert failure_of(KeyError("colour")).message == "KeyError: 'colour'"


def test_an_exception_without_words_is_told_by_its_name() -> None:
    assert failure_of(ZeroDivisionError()).message == "ZeroDivisionError"
    assert failure_of(ValueError("no luck")).message == "no luck"


@pytest.mark.parametrize(
    "module", ["jobs.work_orders", "jobs.kinds_of_mail", "jobs.recording_studio", "rqueue_tools"]
)
def test_a_traceback_begins_with_the_authors_function_wherever_it_lies(module: str) -> None:
    author = _in_module(module, "def author(): raise ValueError('no luck')")
    between = _in_module("headway.kinds.kind", "def call(function): function()")
    with pytest.raises(ValueError, match="no luck") as raised:
        between["call"](author["author"])
    assert raised.value.__traceback__ is not None
    error = raised.value.with_traceback(raised.value.__traceback__.tb_next)

    told = failure_of(error).traceback or ""

    assert "in author" in told
    assert "in call" not in told


def _in_module(name: str, code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": name}
    exec(code, names)
    return names


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (SystemExit(), "The job called sys.exit(); a job ends well by returning."),
        (SystemExit(0), "The job called sys.exit(0); a job ends well by returning."),
        (SystemExit(3), "The job ended itself with exit code 3 (sys.exit)."),
        (SystemExit("No photo."), "The job ended itself: No photo."),
        (KeyboardInterrupt(), "The job was interrupted (KeyboardInterrupt)."),
        (GeneratorExit(),
         "The job raised GeneratorExit, which closes a generator; a job ends well by returning."),
        (asyncio.CancelledError(),
         "The job's own asynchronous work was canceled (CancelledError)."),
        (MemoryError(),
         "Out of memory: the job asked for more than its process may have (MemoryError)."),
    ],
)  # fmt: skip
def test_what_ends_a_process_is_told_in_a_sentence(error: BaseException, message: str) -> None:
    assert (failure_of(error).type, failure_of(error).message) == (type(error).__name__, message)


def test_an_exception_that_is_its_own_cause_is_told() -> None:
    error = ValueError("no luck")
    error.__cause__ = error  # as `raise error from error` makes it

    assert failure_of(error).message == "no luck"


@pytest.mark.parametrize("worded", [False, True])
def test_a_store_that_is_away_is_told_without_its_address(settings: Settings, worded: bool) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://me@127.0.0.1:1/headway"})

    with Writer(away) as store, pytest.raises((StoreUnavailable, ValueError)) as raised:
        try:
            store.read_epoch()
        except StoreUnavailable as error:
            if not worded:
                raise
            raise ValueError(f"No luck: {error}") from error
    told = failure_of(raised.value)

    assert "127.0.0.1" not in f"{told.message} {told.traceback}"


@pytest.mark.parametrize(
    "name", ["headway", "headway.store.schema", "rq", "rq.worker", "asyncio.runners"]
)
def test_the_machinery_is_known(name: str) -> None:
    assert is_machinery(name)


@pytest.mark.parametrize("name", ["", "jobs", "jobs.story", "rqs.worker", "headways.mail"])
def test_what_is_called_alike_is_not_the_machinery(name: str) -> None:
    assert not is_machinery(name)


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        ("Traceback (most recent call last):\n  …\napp.errors.Lost: no luck", "Lost", "no luck"),
        ("Work-horse terminated unexpectedly", "Failed", "Work-horse terminated unexpectedly"),
        ("Note: this is a sentence.", "Failed", "Note: this is a sentence."),
        ("", "Failed", "RQ did not say why."),
    ],
)
def test_what_rq_says_of_a_failure_is_kept(said: str, kind: str, message: str) -> None:
    failure = failure_said(said)

    assert (failure.type, failure.message) == (kind, message)
    assert (failure.traceback is not None) == said.startswith("Traceback")
