"""`python -m tests.bench.soak --minutes 30`: jobs at a steady rate while something dies every 5 s.

Prints how many jobs were accepted and how many ended, and every record that contradicts what
its job really did. Not a test: it takes as long as it is told to.
"""

from __future__ import annotations

import argparse
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import httpx
import psutil

from tests.support.chaos_trail import FINAL, Json, Trail
from tests.support.system import Program, System
from tests.support.waiting import eventually

JOBS_A_SECOND = 20
SECONDS_BETWEEN_DEATHS = 5.0
# Worker processes beside the Procfile's one: 20 jobs a second are more than one can fork.
MORE_WORKERS = 2
# After the last death everything has this long, in seconds, to come to its end.
SETTLING_SECONDS = 180.0
WORK_SECONDS = 0.02
PAGE = 500


class Soak:
    """One run: a system, the jobs it accepted, and what was done to it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._system = System(folder)
        self._extra = [self._worker(folder, number) for number in range(MORE_WORKERS)]
        self._trail = Trail(folder / "trail")
        self._over = threading.Event()
        self.accepted: list[str] = []
        self.deaths: Counter[str] = Counter()

    def run(self, minutes: float) -> None:
        """Submit and kill for so many minutes, then let everything end."""
        self._system.start()
        for worker in self._extra:
            worker.start()
        submitting = threading.Thread(target=self._submit)
        submitting.start()
        give_up = time.monotonic() + 60 * minutes
        while not self._over.wait(SECONDS_BETWEEN_DEATHS) and time.monotonic() < give_up:
            self._one_dies()
        self._over.set()
        submitting.join()
        self._system.start()
        eventually(self._all_ended, within=SETTLING_SECONDS)

    def outcome(self) -> tuple[Counter[str], list[str]]:
        """How many jobs ended how, and every contradiction."""
        records = self._records()
        steps = self._trail.by_job()
        found = [
            f"{record['id']}: {claim}"
            for record in records.values()
            for claim in self._trail.contradictions(record, steps.get(record["id"], []))
        ]
        missing = [f"{job}: not in the store" for job in self.accepted if job not in records]
        return Counter(record["status"] for record in records.values()), found + missing

    def close(self) -> None:
        """End everything."""
        self._system.http.close()
        self._system.kill_everything()

    def _worker(self, folder: Path, number: int) -> Program:
        command = ["python", "run_worker.py", "--queues", "chaos"]
        return Program(f"worker-{number}", command, self._system.environment, folder)

    def _submit(self) -> None:
        due = time.monotonic()
        with httpx.Client(base_url=self._system.http.base_url, timeout=30) as http:
            while not self._over.is_set():
                due += 1 / JOBS_A_SECOND
                self._submit_one(http)
                self._over.wait(max(0.0, due - time.monotonic()))

    def _submit_one(self, http: httpx.Client) -> None:
        kind = self._random.choice(["chaos.persist", "chaos.persist", "chaos.work"])
        params = {"trail": str(self._trail), "seconds": WORK_SECONDS}
        headers = {"Idempotency-Key": uuid4().hex}
        while True:
            with suppress(httpx.TransportError):
                body = {"kind": kind, "params": params}
                answer = http.post("/api/jobs", json=body, headers=headers)
                if answer.status_code == httpx.codes.ACCEPTED:
                    self.accepted.append(answer.json()["id"])
                    return
            if self._over.wait(0.1):
                return

    def _one_dies(self) -> None:
        victims: dict[str, Callable[[], None]] = {
            "work-horse": self._kill_a_horse,
            "worker": lambda: self._kill_below(self._system.worker),
            "all workers of a supervisor": lambda: self._kill_program(
                self._random.choice(self._extra)
            ),
            "web": lambda: self._kill_program(self._system.web),
            "Redis": lambda: self._kill_program(self._system.redis),
        }
        name = self._random.choice(sorted(victims))
        victims[name]()
        self.deaths[name] += 1

    def _kill_program(self, program: Program) -> None:
        program.kill()
        program.start()

    def _kill_below(self, program: Program) -> None:
        _kill(self._random.choice(psutil.Process(program.pid).children()))

    def _kill_a_horse(self) -> None:
        with suppress(psutil.NoSuchProcess):
            workers = psutil.Process(self._system.worker.pid).children()
            horses = [horse for worker in workers for horse in worker.children()]
            if horses:
                _kill(self._random.choice(horses))

    def _all_ended(self) -> bool:
        for worker in self._extra:
            if not worker.alive:
                worker.start()
        with suppress(httpx.TransportError):
            counts = self._system.http.get("/api/counts").json()["counts"]
            return not any(count for status, count in counts.items() if status not in FINAL)
        return False

    def _records(self) -> dict[str, Json]:
        found: dict[str, Json] = {}
        address: str | None = f"/api/jobs?limit={PAGE}"
        while address:
            page = self._system.http.get(address).raise_for_status().json()
            found |= {job["id"]: job for job in page["jobs"]}
            address = page["next"]
        return found


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGKILL)


def main() -> None:
    """Soak, and print the figures as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="headway-soak-") as folder:
        soak = Soak(Path(folder), options.seed)
        try:
            soak.run(options.minutes)
            ended, contradictions = soak.outcome()
        finally:
            soak.close()
    deaths = ", ".join(f"{count} x {name}" for name, count in sorted(soak.deaths.items()))
    print(f"- {options.minutes:g} minutes, seed {options.seed}; deaths: {deaths}")
    print(f"- jobs accepted: {len(soak.accepted)}; jobs ended: {ended.total()}")
    print(f"- how they ended: {', '.join(f'{n} {status}' for status, n in ended.items())}")
    print(f"- contradictions: {len(contradictions)}")
    for each in contradictions[:20]:
        print(f"  - {each}")


if __name__ == "__main__":
    main()
