"""What jobs really did, from the file that they write into, and whether their records agree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headway.model.record import seconds_of

# A job writes its last step a moment before its end is recorded, never after.
CLOCK_SECONDS = 0.01
FINAL = {"finished", "failed", "stopped", "canceled"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a job did: `began`, `raised` or `ended`; `at` is in seconds since 1970."""

    job: str
    attempt: int
    what: str
    pid: int
    at: float


class Trail:
    """The steps of all jobs, in the order they were made."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def steps(self, job_id: str) -> list[Step]:
        """What one job did so far."""
        return self.by_job().get(job_id, [])

    def by_job(self) -> dict[str, list[Step]]:
        """What every job did so far, by the job's id."""
        found: dict[str, list[Step]] = {}
        for line in self.path.read_text().splitlines() if self.path.exists() else ():
            step = Step(**json.loads(line))
            found.setdefault(step.job, []).append(step)
        return found

    def began(self, job_id: str, attempt: int = 1) -> Step | None:
        """The beginning of an attempt, if it did begin."""
        return self._step(job_id, attempt, "began")

    def contradictions(self, record: Json, known: list[Step] | None = None) -> list[str]:
        """Where a final record tells something else than what happened; empty if it is true.

        `known` spares reading the file again for what the job did.
        """
        steps = self.steps(record["id"]) if known is None else known
        last = {step.what for step in steps if step.attempt == record["attempt"]}
        error = (record["error"] or {}).get("type")
        claims = {
            "it is over": record["status"] in FINAL,
            "it says when": record["ended_at"] is not None,
            "a finished job came to its end": record["status"] != "finished" or "ended" in last,
            "what raised has failed": "raised" not in last or record["status"] != "finished",
            "its own error was raised": error != "ValueError" or "raised" in last,
            "a canceled job never began": record["status"] != "canceled" or not last,
            "no attempt ran twice": _no_attempt_twice(steps),
            "one attempt at a time": [s.attempt for s in steps] == sorted(s.attempt for s in steps),
            "nothing was done afterwards": _nothing_after(steps, record["ended_at"]),
        }
        return [claim for claim, true in claims.items() if not true]

    def _step(self, job_id: str, attempt: int, what: str) -> Step | None:
        found = (s for s in self.steps(job_id) if (s.attempt, s.what) == (attempt, what))
        return next(found, None)


def _no_attempt_twice(steps: list[Step]) -> bool:
    begun = [step.attempt for step in steps if step.what == "began"]
    return len(begun) == len(set(begun))


def _nothing_after(steps: list[Step], ended_at: str | None) -> bool:
    end = seconds_of(ended_at) if ended_at else float("inf")
    return all(step.at <= end + CLOCK_SECONDS for step in steps)
