"""How a work-horse ended, in plain words, and where the kernel counts those it ended for memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from headway.workhorse.work_horse_exit import WorkHorseExit, out_of_memory_kills

MEGABYTE = 1024 * 1024
COUNTED = "oom 5\noom_kill 3\noom_group_kill 0\n"


def exit_of(code: str) -> int:
    """The wait status of a process that ran this."""
    child = subprocess.Popen([sys.executable, "-c", code])
    _, status = os.waitpid(child.pid, 0)
    child.returncode = 0
    return status


@pytest.mark.parametrize(
    ("code", "type_", "message"),
    [
        ("import os; os.kill(os.getpid(), 9)", "Killed",
         "Killed by signal 9 (SIGKILL), peak memory 64 MiB."),
        ("import os; os.kill(os.getpid(), 15)", "Killed",
         "Killed by signal 15 (SIGTERM), peak memory 64 MiB."),
        ("import os; os._exit(3)", "Exited",
         "The process ended with exit code 3 before the job did."),
        ("import os; os._exit(0)", "Exited",
         "The process ended (as by os._exit(0)) before the job did; a job has to return."),
    ],
)  # fmt: skip
def test_a_death_is_named_by_its_cause(code: str, type_: str, message: str) -> None:
    failure = WorkHorseExit(exit_of(code), 64 * MEGABYTE).failure()

    assert (failure.type, failure.message) == (type_, message)


def test_a_death_for_memory_or_time_is_named_as_such() -> None:
    status = signal.SIGKILL.value

    assert WorkHorseExit(status, None, out_of_memory=True).failure().type == "OutOfMemory"
    timed_out = WorkHorseExit(status, None, overtime_seconds=7).failure()
    assert timed_out.type == "TimedOut"
    assert "7 s" in timed_out.message


@pytest.mark.parametrize(
    ("groups", "place"),
    [
        ("0::/jobs/one\n", "jobs/one/memory.events"),
        ("0::/seen/from/outside\n", "memory.events"),
        ("4:cpu,memory:/jobs\n0::/\n", "memory/jobs/memory.oom_control"),
        ("4:memory:/seen/from/outside\n0::/\n", "memory/memory.oom_control"),
    ],
)
def test_kills_are_counted_in_our_own_group(tmp_path: Path, groups: str, place: str) -> None:
    (tmp_path / "cgroup").write_text(groups)
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text(COUNTED)

    assert out_of_memory_kills(tmp_path / "cgroup", tmp_path) == 3


def test_a_process_that_is_moved_to_another_group_is_counted_there(tmp_path: Path) -> None:
    for name, text in (("one", "oom_kill 0\n"), ("other", COUNTED)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "memory.events").write_text(text)
    (tmp_path / "cgroup").write_text("0::/one\n")
    assert out_of_memory_kills(tmp_path / "cgroup", tmp_path) == 0

    (tmp_path / "cgroup").write_text("0::/other\n")

    assert out_of_memory_kills(tmp_path / "cgroup", tmp_path) == 3


def test_where_nobody_counts_there_are_none(tmp_path: Path) -> None:
    assert out_of_memory_kills(tmp_path / "cgroup", tmp_path) == 0
    (tmp_path / "cgroup").write_text("0::/nowhere\n")
    assert out_of_memory_kills(tmp_path / "cgroup", tmp_path) == 0
