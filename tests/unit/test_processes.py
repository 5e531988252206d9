"""Which process a PID names, though PIDs are reused."""

from __future__ import annotations

import signal
import subprocess
import sys

from headway import processes


def test_a_pid_names_a_process_only_while_it_lives() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    start_time = processes.start_time_of(child.pid)
    assert not processes.is_gone(child.pid, start_time)
    assert processes.is_gone(child.pid, "another start time")

    child.communicate(b"\n")

    assert processes.is_gone(child.pid, start_time)
    assert processes.is_gone(child.pid, None)


def test_a_process_is_ended_only_when_it_is_certainly_the_one() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    processes.end(child.pid, "another start time")
    processes.end(child.pid, None)
    assert child.poll() is None

    processes.end(child.pid, processes.start_time_of(child.pid))

    assert child.wait(20) == -signal.SIGKILL
    assert child.stdin is not None
    child.stdin.close()
