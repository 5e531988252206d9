"""How pages word a job and an attempt; static/job-view.js agrees."""

from __future__ import annotations

import math

from headway.files import PICTURE_TYPES
from headway.model.record import ACTIONS, FINAL, Action, JsonDict, address_of
from quart_app.pages.wording import (
    count_of,
    duration,
    elapsed,
    number,
    roughly,
    size,
)

WAITING_WORDS = {
    "queued": "Waiting for a worker",
    "deferred": "Waiting for another job",
    "scheduled": "Waiting for its start time",
}

BULK_WORDS = {  # of an action on many jobs: its button, its question, its outcome
    "retry": ("Try again", "Try {} again?", "{} queued again"),
    "stop": ("Stop", "Stop {}?", "{} asked to stop"),
    "delete": ("Delete", "Delete {}, with logs and files?", "{} deleted"),
}


def is_final(job: JsonDict) -> bool:
    """True when nothing more will happen without a retry."""
    return job["status"] in FINAL


def can(job: JsonDict, action: str) -> bool:
    """True for an action that a person can do to the job as it stands."""
    return job["status"] in ACTIONS[Action(action)]


def look(job: JsonDict) -> str:
    """The state by which a job is drawn: its status, or `stalled`."""
    return "stalled" if job["stalled"] else str(job["status"])


def bar_value(job: JsonDict) -> float | None:
    """What the bar shows, 0-100; None while a started job does not know how far it is."""
    if job["status"] == "finished":
        return 100
    if job["progress"] is None and job["status"] == "started":
        return None
    return float(job["progress"] or 0)


def percent(job: JsonDict) -> str:
    """The progress in whole percent, never rounded up to 100."""
    if job["status"] == "finished":
        return "100%"
    return "" if job["progress"] is None else f"{math.floor(job['progress'])}%"


def headline(job: JsonDict) -> str:
    """The one sentence that says where the job is: its error, its message or what it waits for."""
    if job["status"] in {"failed", "stopped"} and job["error"]:
        return str(job["error"]["message"] or job["error"]["type"])
    return str(job["message"] or WAITING_WORDS.get(job["status"], ""))


def detail(job: JsonDict) -> str:
    """The small print: time left, step, time taken, attempt; a narrow page cuts its end."""
    parts = []
    if job["status"] == "started":
        if job["stalled"]:
            parts.append("its worker stopped responding")
        if job["eta_seconds"] is not None:
            parts.append(f"about {roughly(job['eta_seconds'])} left")
        parts.append(step_line(job))
    elif job["status"] in FINAL and job["started_at"]:
        parts.append(f"took {elapsed(job['started_at'], job['ended_at'])}")
    if job["attempt"] > 1:
        parts.append(f"attempt {job['attempt']}")
    return " · ".join(filter(None, parts))


def step_line(job: JsonDict) -> str:
    """The step that a job is at: `Painting, step 3 of 4`; nothing without one."""
    if job["step"] is None:
        return job["step_name"] or ""
    count = f"step {job['step']}" + (f" of {job['steps']}" if job["steps"] else "")
    return f"{job['step_name']}, {count}" if job["step_name"] else count


def is_picture(file: JsonDict) -> bool:
    """True for a file that the page can show; any other image is a link, as it is a download."""
    return file["type"] in PICTURE_TYPES


def attempt_of(job: JsonDict) -> str:
    """Which attempt of how many; nothing where there is but one."""
    most = max(job["max_attempts"], job["attempt"])
    return f"· attempt {job['attempt']} of {most}" if most > 1 else ""


def moment(job: JsonDict) -> str | None:
    """Since when the job is in its state, or when it will begin."""
    if job["status"] == "scheduled" and job["run_at"]:
        return str(job["run_at"])
    times = (job["ended_at"], job["started_at"], job["created_at"])
    return next((time for time in times if time), None)


def title_line(job: JsonDict) -> str:
    """The title of a job's window, its progress first so that a narrow tab shows it."""
    progress = percent(job) if job["status"] == "started" else job["status"]
    return f"{progress or job['status']} · {job['title'] or job['kind']} · Headway"


def attempt_line(attempt: JsonDict) -> str:
    """How one attempt went: how long, where, how much memory."""
    parts = [
        f"took {duration(attempt['duration_seconds'])}" if attempt["duration_seconds"] else "",
        f"on {attempt['worker']}" if attempt["worker"] else "",
        f"{size(attempt['peak_memory_bytes'])} at most" if attempt["peak_memory_bytes"] else "",
    ]
    return " · ".join(filter(None, parts))


def verb(action: str) -> str:
    """What the button of a bulk action says."""
    return BULK_WORDS[action][0]


def question(action: str, jobs: int) -> str:
    """What is asked before something is done to many jobs."""
    if not jobs:
        return f"No jobs to {verb(action).lower()}"
    return BULK_WORDS[action][1].format(count_of(jobs, "job"))


def progress(action: str, done: int, total: int, left: int) -> str:
    """How far something is that is done to many jobs."""
    line = BULK_WORDS[action][2].format(f"{number(done)} of {count_of(total, 'job')}")
    return f"{line}; {number(left)} left."


def outcome(action: str, done: int, refused: int) -> str:
    """What was done to many jobs, and how many would not have it."""
    line = BULK_WORDS[action][2].format(count_of(done, "job"))
    return f"{line}; {count_of(refused, 'job')} could not" if refused else line


FILTERS = {
    function.__name__: function
    for function in (
        can,
        is_final,
        look,
        bar_value,
        percent,
        headline,
        detail,
        is_picture,
        attempt_of,
        moment,
        title_line,
        attempt_line,
        verb,
        question,
        progress,
        outcome,
    )
} | {"address": address_of}
