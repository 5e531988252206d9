"""What applications do with RQ, what RQ makes of it and what Headway records: the whole table.

`python -m tests.support.adoption` writes it into the docs; tests/system/test_adoption.py runs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.support.rq_versions import PACKAGES

PAGE = Path(__file__).parents[2] / "docs" / "rq-compatibility.md"
BEGIN, END = "<!-- begin of the table -->\n", "<!-- end of the table -->\n"
# Headway's workers and recording are for RQ from 2.0 on.
VERSIONS = tuple(version for version in PACKAGES if version != "1.16.2")
ALIKE = ("", "")
WAITS = "Recorded once it runs; before, the web shows it as RQ has it."


@dataclass(frozen=True)
class Row:
    """One thing that applications do, and the cells that it has whatever RQ and worker runs it."""

    job: str
    does: str
    rq: str
    record: str
    # What RQ and the record say where RQ is set to JSON; None where RQ refuses to enqueue it then.
    json: tuple[str, str] | None = ALIKE
    remark: str = ""
    # The first of the versions with it, and the worker that it is not for.
    since: str = VERSIONS[0]
    without: str = ""

    def expected(self, version: str, queue: str) -> tuple[str, str] | None:
        """What RQ and the record say; None where there is no such job."""
        worker, _, serializer = queue.partition("-")
        if worker == self.without or VERSIONS.index(version) < VERSIONS.index(self.since):
            return None
        return (self.rq, self.record) if serializer != "json" or self.json == ALIKE else self.json

    def cells(self) -> tuple[str, str, str, str]:
        """The row of the table."""
        remarks = [self.remark] if self.remark else []
        if self.json is None:
            remarks.append("Pickle only: RQ cannot enqueue it as JSON.")
        elif self.json != ALIKE:
            remarks.append(f"With JSON: {self.json[0]}; {self.json[1]}.")
        return self.does, self.rq, self.record, " ".join(remarks)


ROWS = (
    Row("plain", "a plain function", "finished: 5", "finished: 5"),
    Row(
        "by_name", 'a function by its name, `enqueue("jobs.add", 4)`', "finished: 5", "finished: 5"
    ),
    Row("decorated", "`@job` and `delay()`", "finished: 5", "finished: 5"),
    Row("method", "an object's method", "finished: 5", "finished: 5", json=None),
    Row("callable", "an object that can be called", "finished: 9", "finished: 9", json=None),
    Row("classmethod", "a classmethod", "finished: 7", "finished: 7", json=None),
    Row("group", "one of a `Group`", "finished: 5", "finished: 5"),
    Row(
        "types",
        "a dataclass, a datetime and a Decimal as arguments; a dataclass as result",
        "finished: Invoice(number=7, due=datetime…",
        'finished: {"number": 7, "due": "2026-11-26T12:00:00Z", "total": "7.50"}',
        json=None,
    ),
    Row(
        "speak",
        "`print` and `logging`",
        "finished",
        "finished: log printed, WARNING an application: logged",
    ),
    Row(
        "shout",
        "`os.write(1, …)`, `os.system` and `subprocess.run`",
        "finished",
        "finished: log by hand, from a shell, from a program",
    ),
    Row("draw", "draws a bar with `\\r`", "finished", "finished: log 3 of 3"),
    Row(
        "account",
        "returns an object of its own class",
        "finished: Account(5)",
        "finished: Returned Account, no JSON; RQ keeps it: Account(5)",
        json=(
            "finished: 'Unserializable return value'",
            "finished: Returned Account, no JSON; RQ cannot keep it either: Account(5)",
        ),
    ),
    Row(
        "nan", "returns NaN", "finished: nan", "finished: Returned float, no JSON; RQ keeps it: nan"
    ),
    Row(
        "raw",
        "returns bytes",
        "finished: b'\\xff\\x00'",
        "finished: Returned bytes, no JSON; RQ keeps it: b'\\xff\\x00'",
        json=(
            "finished: 'Unserializable return value'",
            "finished: Returned bytes, no JSON; RQ cannot keep it either: b'\\xff\\x00'",
        ),
    ),
    Row(
        "large",
        "returns 1.1 MB",
        "finished: 'long long long long long long…",
        "finished: Returned str, more than is kept here; RQ keeps it:"
        " long long long long long long long long…",
    ),
    Row(
        "count",
        '`job.meta["progress"]` and `save_meta()`, then raises',
        "failed",
        "failed at 75 %: RuntimeError: lost count",
    ),
    Row("fail", "raises", "failed", "failed: RuntimeError: not today"),
    Row(
        "fail_without_words",
        "raises what `str()` fails for",
        "failed",
        "failed: WordlessError: (a WordlessError that cannot be shown)",
    ),
    Row(
        "fail_twice",
        "raises an ExceptionGroup",
        "failed",
        "failed: ExceptionGroup: two of them (2 sub-exceptions)",
    ),
    Row(
        "leave_with_3",
        "`sys.exit(3)`",
        "failed",
        "failed: SystemExit: The job ended itself with exit code 3 (sys.exit).",
    ),
    Row(
        "vanish",
        "`os._exit(0)`",
        "failed",
        "failed: Exited: The process ended (as by os._exit(0)) before the job did; "
        "a job has to return.",
        remark="Without Headway it stays `started` in RQ. It ends a `SimpleWorker`.",
        without="SimpleWorker",
    ),
    Row(
        "killed",
        "is killed by SIGKILL",
        "failed",
        "failed: Killed: Killed by signal 9 (SIGKILL).",
        without="SimpleWorker",
    ),
    Row(
        "timeout",
        "goes on after its `job_timeout`",
        "failed",
        "failed: TimedOut: Timed out after 1 s.",
    ),
    Row("async", "an async function", "finished: 'rested'", 'finished: "rested"'),
    Row("nested", "enqueues another job", "finished: 'enqueued'", 'finished: "enqueued"'),
    Row("nested_child", "is enqueued by another job", "finished: 21", "finished: 21"),
    Row(
        "pool",
        "a multiprocessing pool",
        "finished: [1, 4, 9]",
        "finished: [1, 4, 9]",
        remark="In a `SimpleWorker` with a scheduler, the pool's end may end the scheduler, "
        "without Headway too.",
        without="SimpleWorker",
    ),
    Row("on_success", "an `on_success` callback", "finished: 2; called back", "finished: 2"),
    Row(
        "on_failure",
        "an `on_failure` callback",
        "failed; called back",
        "failed: RuntimeError: not today",
    ),
    Row(
        "on_success_fails",
        "an `on_success` callback that raises",
        "failed",
        "failed: RuntimeError: The function returned, then the job's callback failed: "
        "no callback today",
    ),
    Row(
        "retry",
        "`Retry(max=2)`, fails once",
        "finished: 'second time'",
        'finished in attempt 2: "second time"',
    ),
    Row(
        "retry_in_vain",
        "`Retry(max=2)`, always fails",
        "failed",
        "failed in attempt 3: RuntimeError: not today",
    ),
    Row(
        "retry_later",
        "`Retry(max=2, interval=1)`, fails once",
        "finished: 'second time'",
        'finished in attempt 2: "second time"',
    ),
    Row(
        "repeat",
        "`Repeat(times=1)`",
        "finished: 2",
        "finished in attempt 2: 2",
        remark="RQ 2.3 and later. Each run is an attempt.",
        since="2.6.1",
    ),
    Row(
        "repeat_later",
        "`Repeat(times=1, interval=1)`",
        "finished: 2",
        "finished in attempt 2: 2",
        remark="RQ 2.3 and later. Until the next run, the record has the end of the last.",
        since="2.6.1",
    ),
    Row(
        "enqueue_in",
        "`enqueue_in(timedelta(seconds=1), …)`",
        "finished: 2",
        "finished: 2",
        remark=WAITS,
    ),
    Row(
        "depends_on",
        "`depends_on` a job that finishes",
        "finished: 2",
        "finished: 2",
        remark=WAITS,
    ),
    Row(
        "depends_on_several",
        "`depends_on` several that finish",
        "finished: 2",
        "finished: 2",
        remark=WAITS,
    ),
    Row(
        "depends_on_failed",
        "`depends_on` a job that fails",
        "deferred",
        "none",
        remark="It never runs; the web shows it as RQ has it.",
    ),
    Row(
        "allow_failure",
        "the same with `allow_failure=True`",
        "finished: 2",
        "finished: 2",
        remark=WAITS,
    ),
    Row("canceled", "`job.cancel()` before it ran", "canceled", "none", remark=WAITS),
    Row("result_ttl", "`result_ttl=0`", "gone", "finished: 2"),
    Row("at_front", "`at_front=True`", "finished: 2", "finished: 2"),
    Row(
        "limited",
        "a rate limit",
        "finished: 2",
        "finished: 2",
        remark=f"RQ 3. {WAITS}",
        since="3.0.0",
    ),
    Row("unique", "`unique=True`", "finished: 2", "finished: 2", remark="RQ 3.", since="3.0.0"),
    Row(
        "missing",
        "a function that is missing",
        "failed",
        "failed: ValueError: Invalid attribute name: no_such_function",
    ),
    Row(
        "missing_module",
        "a module that cannot be imported",
        "failed",
        "failed: ValueError: Invalid attribute name: no_such_module.function",
    ),
)


def table() -> str:
    """The generated part of the page."""
    ran = ", ".join(
        f"{' with '.join(PACKAGES[version])}".replace("==", " ") for version in VERSIONS
    )
    head = ("The job", "RQ says", "Headway's record", "")
    lines = [head, ("---",) * len(head), *(row.cells() for row in ROWS)]
    rows = [
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    ]
    return "\n".join([f"Run with {ran}.", "", *rows, ""])


def written() -> str:
    """What the page has between its two comments."""
    return PAGE.read_text().partition(BEGIN)[2].partition(END)[0]


def write() -> None:
    """Put the table where it belongs."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text("".join([before, BEGIN, table(), END, rest.partition(END)[2]]))


if __name__ == "__main__":
    write()
