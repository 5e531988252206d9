"""Jobs as an office might have them, for the pictures; none of them does anything."""

from __future__ import annotations

import time
from pathlib import Path

from pydantic import BaseModel

from headway.errors import JobFailed
from jobs import kind, report

QUEUE = "office"
# Seconds between two rows, so that the log has times and an estimate can be made.
ROW_SECONDS = 0.002
LOG_EVERY = 400  # rows


class Import(BaseModel):
    """Rows of a file; the import waits at a share of them as long as a file is not there."""

    file: str
    rows: int = 5_000
    pause_at: float = 1.0
    go_on: str = ""


class Month(BaseModel):
    """A month's figures."""

    month: str


class Mail(BaseModel):
    """A letter to many."""

    subject: str
    recipients: int = 1_000


@kind("customers.import", queue=QUEUE, title=lambda params: f"Import {params.file}")
def import_customers(params: Import) -> dict[str, int]:
    """Reads, checks and writes the rows of a file."""
    for number, step in enumerate(["Reading", "Checking", "Writing"], start=1):
        report.step(step, number, of=3)
        for row in report.track(range(1, params.rows // 3), f"{step} {params.file}"):
            time.sleep(ROW_SECONDS)
            if row % LOG_EVERY == 0:
                print(f"{step.lower()}: row {(number - 1) * params.rows // 3 + row:,}", flush=True)
            if ((number - 1) * params.rows // 3 + row) / params.rows >= params.pause_at:
                while not Path(params.go_on).exists():
                    time.sleep(ROW_SECONDS)
    return {"rows": params.rows, "new": params.rows // 7}


@kind("figures.month", queue=QUEUE, title=lambda params: f"Figures for {params.month}")
def figures(params: Month) -> None:
    """Adds up a month's figures."""
    for branch in report.track(range(1, 15), "Adding up"):
        time.sleep(100 * ROW_SECONDS)
        if branch > 12:
            raise JobFailed(f"{params.month} is not closed yet: 2 of 14 branches are missing.")


@kind("mail.send", queue="mail", title=lambda params: f"“{params.subject}”")
def send(params: Mail) -> dict[str, int]:
    """Sends a letter to many."""
    for _ in report.track(range(params.recipients), "Sending"):
        time.sleep(ROW_SECONDS / 2)
    return {"sent": params.recipients}
