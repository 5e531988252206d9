"""A real worker whose output is broken: that is the worker's trouble, never the job's."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from headway.model.record import Status
from headway.settings import Settings
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.worker_process import start, submit, work


def nobody_reads() -> None:
    """Both streams are a pipe whose reader is gone, as after `| true`."""
    reading, writing = os.pipe()
    os.close(reading)
    _be(writing)


def full() -> None:
    """Both streams are a disk without room."""
    _be(os.open("/dev/full", os.O_WRONLY))


def nobody_listens() -> None:
    """Standard output is a disk without room; standard error is as it was."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)


def closed() -> None:
    """Both streams were closed by whoever started the process."""
    sys.stdout = sys.__stdout__ = None  # type: ignore[misc]  # as Python does it
    sys.stderr = sys.__stderr__ = None  # type: ignore[misc]  # as above
    os.close(1)
    os.close(2)


def ascii_only() -> None:
    """Both streams know 128 characters, and are strict about it, as PYTHONIOENCODING can say."""
    _be(os.open(os.devnull, os.O_WRONLY))
    sys.stdout = sys.__stdout__ = _strict(1)  # type: ignore[misc]  # as Python does it
    sys.stderr = sys.__stderr__ = _strict(2)  # type: ignore[misc]  # as above


def _be(descriptor: int) -> None:
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)


def _strict(descriptor: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.FileIO(descriptor, "wb", closefd=False), "ascii", write_through=True)


def work_with(settings: Settings, broken: Callable[[], None]) -> None:
    """A worker in burst mode whose output is broken before it begins."""
    broken()
    work(settings, "toys", True)


@pytest.mark.parametrize("broken", [nobody_reads, full, closed, ascii_only])
def test_a_job_that_prints_goes_well_and_its_log_has_all(
    store: Settings, hand: Hand, broken: Callable[[], None]
) -> None:
    record = submit(hand, "toy.shout")
    worker = start(store, work_with, broken)
    worker.join(30)

    ended = hand.store.job(record.id)
    assert worker.exitcode == 0
    assert (ended.status, ended.error) == (Status.FINISHED, None)
    said = behind.log_of(store, record.id)
    lines = [line for line in said if line != "✓ in bytes"]
    assert [lines[0], *lines[2:]] == ["✓ printed", "written", "too", "✓ logged"]
    assert lines[1].startswith("xxx")
    assert ended.log_lines == len(said) == 4_005


def test_the_worker_says_once_that_nobody_reads_what_is_printed(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    submit(hand, "toy.shout")
    said = tmp_path / "said"
    worker = start(store, work_with, nobody_listens, output=said)
    worker.join(30)

    assert worker.exitcode == 0
    assert said.read_text().count("what is printed here is lost") == 1
