"""A catalogue of the smallest jobs: kinds of ours, and plain functions as other programs have."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, FutureDatetime
from rq import Retry

from headway.errors import JobFailed
from jobs import kind, report
from tests.support import loud_jobs  # noqa: F401  # its kinds are toys too

QUEUE = "toys"


class Count(BaseModel):
    """How far to count."""

    to: int = Field(3, ge=0, le=1_000_000)


class Text(BaseModel):
    """Any text."""

    text: str = ""


class Dice(BaseModel):
    """A seed, drawn if none is given."""

    seed: int = Field(default_factory=lambda: secrets.randbits(31))


class Gate(BaseModel):
    """A file to wait for: the test decides when the job goes on."""

    path: str
    shout: str = ""


@kind("toy.count", queue=QUEUE, title=lambda params: f"Count to {params.to}")
def count(params: Count) -> dict[str, int]:
    for _ in report.track(range(params.to), "Counting"):
        pass
    return {"counted": params.to}


@kind("toy.steps", queue=QUEUE)
def steps() -> None:
    report.step("Sketch", 1, of=2)
    report.step("Paint", 2, of=2)
    report(75, "Painting")


@kind("toy.dice", queue=QUEUE)
def dice(params: Dice) -> int:
    return params.seed


@kind("toy.fail", queue=QUEUE)
def fail(params: Text) -> None:
    report(40, "Nearly there")
    raise ValueError(params.text or "no luck")


@kind("toy.fail_plainly", queue=QUEUE)
def fail_plainly(params: Text) -> None:
    raise JobFailed(params.text)


@kind("toy.fail_twice", queue=QUEUE, max_attempts=2)
def fail_twice() -> None:
    print("trying")
    raise ValueError("no luck")


@kind("toy.ask_again", queue=QUEUE, max_attempts=2)
def ask_again() -> Any:
    return Retry(max=5)


@kind("toy.nap", queue=QUEUE)
def nap() -> None:
    time.sleep(0.05)


@kind("toy.wait_and_fail", queue=QUEUE, max_attempts=2)
def wait_and_fail(params: Gate) -> None:
    wait_for_gate(params)
    raise ValueError("no luck")


@kind("toy.asynchronous", queue=QUEUE)
async def asynchronous(params: Text) -> str:
    await asyncio.sleep(0)
    return params.text


@kind("toy.talk", queue=QUEUE)
def talk() -> None:
    print("said to stdout")
    print("said to stderr", file=sys.stderr)
    logging.getLogger("toy").warning("said to the log")
    report.log("said to the report")
    sys.stdout.write("no line end")


@kind("toy.shout", queue=QUEUE)
def shout() -> None:
    """Says something in every way that Python has."""
    print("✓ printed", flush=True)
    print("x" * 100_000, file=sys.stderr)
    sys.stdout.writelines(["written\n", "too\n"])
    sys.stdout.buffer.write("✓ in bytes\n".encode() * 4_000)
    sys.stdout.buffer.flush()
    logger = logging.getLogger("toy.shout")
    logger.propagate = False
    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.warning("✓ logged")
    sys.stderr.flush()


@kind("toy.count_aloud", queue=QUEUE)
def count_aloud(params: Count) -> None:
    for number in range(1, params.to + 1):
        print(number)


@kind("toy.leave_files", queue=QUEUE)
def leave_files(params: Gate) -> None:
    report.attach("note.txt", b"kept")
    report.attach("page.html", b"<script>alert(1)</script>")
    copied = Path(params.path)
    copied.write_bytes(b"copied")
    report.attach("copy.bin", copied)


@kind("toy.return_a_set", queue=QUEUE)
def return_a_set() -> Any:
    return {"numbers": {1}, "path": Path("/x"), "bytes": b"abc"}


@kind("toy.return_an_object", queue=QUEUE)
def return_an_object() -> Any:
    return threading.Lock()


@kind("toy.return_nan", queue=QUEUE)
def return_nan() -> Any:
    return {"share": float("nan")}


@kind("toy.return_much", queue=QUEUE)
def return_much() -> str:
    return "x" * 1_500_000


@kind("toy.return_much_hebrew", queue=QUEUE)
def return_much_hebrew() -> str:
    return "ש" * 600_000


@kind("toy.too_slow", queue=QUEUE, timeout=1)
def too_slow() -> None:
    time.sleep(60)


@kind("toy.die", queue=QUEUE)
def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@kind("toy.parent", queue=QUEUE)
def parent() -> None:
    report(0, str(subprocess.Popen(["sleep", "600"]).pid))
    signal.pause()


# What a job holds on to.
held: list[Any] = []


@kind("toy.starve", queue=QUEUE, timeout=20)
def starve(params: Text) -> str:
    # What a job can do to its own process.
    if params.text == "close":
        os.closerange(3, 1024)
    elif params.text == "close standard":
        os.closerange(0, 3)
        print("to nobody")
    elif params.text == "file size":
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    elif params.text == "file size for good":
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
    elif params.text == "descriptors":
        while True:
            held.append(Path("/dev/null").open())  # noqa: SIM115  # that is the point
    elif params.text == "memory":
        limit = 500 * 2**20, resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, limit)
        mine = []
        while True:
            mine.append(bytes(2**10))
    return "done"


@kind("toy.starve_on", queue=QUEUE, timeout=1)
def starve_on() -> None:
    os.closerange(3, 1024)
    signal.pause()


class Leaving(BaseModel):
    """How the parent of a process that has a session of its own ends."""

    ending: str = "wait"


@kind("toy.leave_behind", queue=QUEUE, timeout=2)
def leave_behind(params: Leaving) -> None:
    # Twice forked, as a daemon is: its parent has ended, and its session is its own.
    daemon = "from subprocess import *; print(Popen(['sleep', '600'], stdout=DEVNULL).pid)"
    started = subprocess.run(
        [sys.executable, "-c", daemon], stdout=subprocess.PIPE, start_new_session=True, check=True
    )
    report(0, started.stdout.decode().strip())
    if params.ending == "wait":
        signal.pause()
    if params.ending == "fail":
        raise ValueError("no luck")


@kind("toy.fork", queue=QUEUE)
def fork(params: Text) -> int:
    child = os.fork()
    if not child:
        if params.text == "exit":
            sys.exit(7)
        if params.text == "raise":
            raise ValueError("in the child")
        return 1
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@kind("toy.leave", queue=QUEUE)
def leave() -> None:
    os._exit(3)


@kind("toy.wait", queue=QUEUE)
def wait_for_gate(params: Gate) -> None:
    report(10, "Waiting")
    print("waiting", flush=True)
    while not Path(params.path).exists():
        time.sleep(0.01)
    report(90, "Through")
    print(params.shout)


@kind("toy.odd_words", queue=QUEUE)
def odd_words() -> dict[str, str]:
    report(float("nan"), "half a pair \ud800, a NUL \0, שלום 🎈")
    report.log("line\u2028separator and \ud800")
    return {"said": "שלום \ud800"}


@kind("toy.many_reports", queue=QUEUE)
def many_reports(params: Count) -> None:
    for number in range(params.to):
        report(100 * number / params.to, f"number {number}")


class Order(BaseModel):
    """What is made of a request: with a tax, a secret that nobody is shown, a time to come."""

    price: Annotated[float, AfterValidator(lambda price: price * 1.2)]
    token: str = Field(exclude=True)
    due: FutureDatetime


@kind("toy.order", queue=QUEUE, title=lambda order: f"{order.price:.0f} with {order.token}")
def order_as_kind(params: Order) -> dict[str, Any]:
    return {"price": params.price, "token": params.token}


class Call(BaseModel):  # type: ignore[no-redef]  # mypy's plugin has a kwargs of its own
    """Called as RQ calls what it is given."""

    args: list[int] = []
    kwargs: dict[str, int] = {}


@kind("toy.call", queue=QUEUE, max_attempts=2)
def call(params: Call) -> int:
    return sum(params.args) + sum(params.kwargs.values())


def plain(a: int, b: int = 1) -> int:
    """A function that knows nothing of Headway."""
    return a + b


def plain_with_report(text: str) -> str:
    """Another program's function that reports all the same."""
    report(50, text)
    return text


def plain_with_file() -> None:
    """Another program's function that leaves a file."""
    report.attach("note.txt", b"kept")


def give_back(value: Any) -> Any:
    """Says a value in every way there is, and returns it."""
    report(50, value)
    report.step(value, 1, of=2)
    report.log(value)
    print(value)
    logging.getLogger("toy").warning(value)
    return value


def raise_it(value: Any) -> None:
    """Fails with a value, in an error that is called like it."""
    raise type(f"Odd{value}"[:50].replace("\0", ""), (Exception,), {})(value)


def plain_failure() -> None:
    """Another program's function that fails."""
    raise RuntimeError("not today")


def plain_retry(path: str) -> Any:
    """Asks RQ to be run again, once."""
    seen = Path(path)
    if seen.exists():
        return "second time"
    seen.touch()
    return Retry(max=1)


def plain_wait(path: str, *, fail: bool = False) -> None:
    """Another program's function that waits for a file, and may fail then."""
    wait_for_gate(Gate(path=path))
    if fail:
        raise RuntimeError("not today")


def plain_leave() -> None:
    """Another program's function that ends its process as if all were well."""
    os._exit(0)


def callback_that_fails(*_: Any) -> None:
    """What RQ calls after a job: it raises."""
    raise LookupError("nobody to tell")


def append(path: str) -> None:
    """Leaves one line for each time it ran."""
    with Path(path).open("a") as lines:
        lines.write("ran\n")


@kind("toy.append", queue=QUEUE)
def append_as_kind(params: Gate) -> None:
    append(params.path)


class Depth(BaseModel):
    """A parameter within another."""

    depth: int = 0


class Nested(BaseModel):
    """Parameters of several shapes."""

    rows: int = 0
    share: float = 0.5
    notes: dict[str, Any] = {}
    strict: bool = True
    label: str = Field("", max_length=10)
    options: Depth = Depth()


@kind("toy.nested", queue=QUEUE)
def nested(params: Nested) -> int:
    return params.options.depth
