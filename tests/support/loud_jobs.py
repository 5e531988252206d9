"""Jobs that write: from Python, C, a shell and a program, to both of their streams."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from pydantic import BaseModel

from headway import kind, report
from headway.tqdm import trange

QUEUE = "toys"


class Count(BaseModel):
    """How much."""

    to: int = 3


class Place(BaseModel):
    """A file."""

    path: str


class Gate(BaseModel):
    """What is waited for, and what says that it came."""

    gate: str
    passed: str


@kind("toy.loud_shout", queue=QUEUE)
def shout() -> None:
    print("from Python")
    os.write(1, b"from a system call\n")
    os.system("echo from a shell")
    subprocess.run(["echo", "from a program"], check=True)
    libc = ctypes.CDLL(None)
    libc.puts(b"from C")
    libc.fflush(None)
    if os.fork() == 0:
        print("from a child", flush=True)
        os._exit(0)
    os.wait()
    os.write(1, b"no line's end")


@kind("toy.loud_alternate", queue=QUEUE)
def alternate(params: Count) -> None:
    for number in range(0, params.to, 4):
        print(number)
        print(number + 1, file=sys.stderr)
        report.log(str(number + 2))
        logging.getLogger("loud").warning("%d", number + 3)


@kind("toy.loud_shout_and_die", queue=QUEUE)
def shout_and_die(params: Count) -> None:
    for number in range(params.to):
        print(number)
    os.write(2, b"last words")
    os.kill(os.getpid(), signal.SIGKILL)


@kind("toy.loud_leave_a_talker", queue=QUEUE)
def leave_a_talker(params: Place) -> None:
    program = f"yes too late | head -c 30000000; sleep 0.5; echo done > {params.path}"
    subprocess.Popen(["sh", "-c", program], start_new_session=True)


@kind("toy.loud_leave_one_that_waits", queue=QUEUE)
def leave_one_that_waits(params: Gate) -> None:
    wait = f"while [ ! -e {params.gate} ]; do sleep 0.05; done"
    program = f"{wait}; echo too late; echo too late; echo > {params.passed}"
    subprocess.Popen(["sh", "-c", program], start_new_session=True)


@kind("toy.loud_write_much", queue=QUEUE)
def write_much(params: Count) -> None:
    for _ in range(params.to):
        os.write(1, (b"x" * 1023 + b"\n") * 1024)


@kind("toy.loud_fail", queue=QUEUE)
def fail() -> None:
    print("about to fail")
    raise ValueError("no luck")


@kind("toy.loud_pass_a_gate", queue=QUEUE)
def pass_a_gate(params: Gate) -> None:
    print("before")
    while not Path(params.gate).exists():
        time.sleep(0.01)
    print("after")
    Path(params.passed).touch()


@kind("toy.loud_replace_output", queue=QUEUE)
def replace_output(params: Place) -> None:
    with open(params.path, "wb") as own:  # noqa: PTH123  # a descriptor is wanted
        before = os.dup(1)
        print("before", file=sys.stderr)
        os.dup2(own.fileno(), 1)
        print("in the file")
        print("beside", file=sys.stderr)
        print("in the file")
        os.dup2(before, 1)
        os.close(before)
    print("after")


@kind("toy.loud_draw_bars", queue=QUEUE)
def draw_bars(params: Gate) -> None:
    """A bar on the standard error, drawn on when the gate is there; a prompt on the output."""
    sys.stderr.write("\r 10%|█         |")
    sys.stderr.flush()
    _pass(f"{params.gate}1")
    print("beside")
    os.write(1, b"Are you sure? ")
    sys.stderr.write("\r 50%|█████     |")
    sys.stderr.flush()
    _pass(f"{params.gate}2")
    print("yes")
    print("\r100%|██████████|", file=sys.stderr)


@kind("toy.loud_tqdm", queue=QUEUE)
def draw_with_tqdm() -> None:
    for _ in trange(20, desc="Reading"):
        time.sleep(0.01)


@kind("toy.loud_draw_and_die", queue=QUEUE)
def draw_and_die() -> None:
    sys.stderr.write("\r 10%|█         |")
    sys.stderr.flush()
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()


def _pass(gate: str) -> None:
    while not Path(gate).exists():
        time.sleep(0.01)
