"""Jobs to be watched: one goes as far as a file says, one fails as told, one speaks in markup."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, Field, PastDate

from jobs import kind, report

QUEUE = "watched"
COMPLETE = 100  # percent
# How far a job goes, in percent, when nobody has written how far it may.
UNTOLD = 10
# Seconds between two looks at the file.
LOOK_SECONDS = 0.01
# Seconds after which a job that a failed test forgot leaves its worker free.
FORGOTTEN_SECONDS = 60


class Walk(BaseModel):
    """A walk of a hundred steps."""

    name: str = Field("A walk", description="What the list calls it.")
    pace: str = Field("", description="The file that holds how far the walk may go, in percent.")


class Misfortune(BaseModel):
    """A failure to come."""

    name: str = "A failure"
    reason: str = Field(description="The file that holds the error's words.")


class Words(BaseModel):
    """Any text, to be put wherever a job can put text."""

    text: str
    fails: bool = False


class Moment(BaseModel):
    """A moment, and a day before today."""

    begin: AwareDatetime = Field(description="When it is to be.")
    since: PastDate | None = None
    day: date = date(2026, 1, 31)


@kind("watched.walk", queue=QUEUE, timeout=FORGOTTEN_SECONDS, title=lambda params: params.name)
def walk(params: Walk) -> dict[str, int]:
    """Goes as far as a file says."""
    for percent in range(1, COMPLETE + 1):
        while _allowed(params.pace) < percent:
            time.sleep(LOOK_SECONDS)
        if percent % (COMPLETE // 2) == 1:
            half = percent // (COMPLETE // 2)
            report.step(["Outward", "Homeward"][half], half + 1, of=2)
            print(f"step {half + 1}", flush=True)
        report(percent, f"Step {percent} of the walk")
        print(f"passed {percent}", flush=True)
    return {"steps": COMPLETE}


def _allowed(pace: str) -> int:
    try:
        return int(Path(pace).read_text() or 0)
    except OSError:
        return UNTOLD


def stroll(pace: str) -> None:
    """Another program's function that goes as far as a file says."""
    while _allowed(pace) < COMPLETE:
        report(_allowed(pace), "Strolling")
        time.sleep(LOOK_SECONDS)
    print("arrived")


@kind("watched.elsewhere", queue="elsewhere", title="Elsewhere")
def elsewhere() -> None:
    """Is on a queue of its own."""


@kind("watched.fail", queue=QUEUE, title=lambda params: params.name)
def fail(params: Misfortune) -> None:
    """Fails with the words in a file."""
    report(30, "Still fine")
    raise ValueError(Path(params.reason).read_text())


@kind("watched.say_twice", queue=QUEUE)
def say_twice() -> None:
    print("to the output")
    print("to the error", file=sys.stderr)


@kind("watched.bar", queue=QUEUE)
def bar(params: Walk) -> None:
    """Draws a bar as far as a file says, and a line at each place."""
    seen = 0
    while seen < COMPLETE:
        allowed = _allowed(params.pace)
        if allowed > seen:
            seen = allowed
            print("at", seen)
            print(f"\rbar: {seen}", end="", file=sys.stderr, flush=True)
        time.sleep(LOOK_SECONDS)


@kind("watched.say", queue=QUEUE, max_attempts=2, title=lambda params: params.text)
def say(params: Words) -> dict[str, str]:
    """Says its text wherever a job can say something."""
    report.step(params.text, 1, of=1)
    report(50, params.text)
    report.log(params.text)
    print(params.text)
    if params.fails:
        raise ValueError(params.text)
    return {params.text: params.text}


@kind("watched.moment", queue=QUEUE)
def moment(params: Moment) -> str:
    """Says when it is to be."""
    return params.begin.isoformat()
