"""How a process ended, in plain words; and which process a pid names."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from headway import processes
from headway.worker.death import HorseExit

MEGABYTE = 1024 * 1024


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
def test_a_death_is_told_by_its_cause(code: str, type_: str, message: str) -> None:
    failure = HorseExit(exit_of(code), 64 * MEGABYTE).failure()

    assert (failure.type, failure.message) == (type_, message)


def test_a_death_for_memory_or_time_is_told_as_such() -> None:
    status = signal.SIGKILL.value

    assert HorseExit(status, None, out_of_memory=True).failure().type == "OutOfMemory"
    timed_out = HorseExit(status, None, overtime_seconds=7).failure()
    assert timed_out.type == "TimedOut"
    assert "7 s" in timed_out.message


def test_a_pid_names_a_process_only_while_it_lives() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    birth = processes.birth_of(child.pid)
    assert not processes.is_gone(child.pid, birth)
    assert processes.is_gone(child.pid, "another birth")

    child.communicate(b"\n")

    assert processes.is_gone(child.pid, birth)
    assert processes.is_gone(child.pid, None)


def test_a_process_is_ended_only_when_it_is_certainly_the_one() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    processes.end(child.pid, "another birth")
    processes.end(child.pid, None)
    assert child.poll() is None

    processes.end(child.pid, processes.birth_of(child.pid))

    assert child.wait(20) == -signal.SIGKILL
    assert child.stdin is not None
    child.stdin.close()
