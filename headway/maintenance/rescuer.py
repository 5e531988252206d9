"""Started jobs whose worker is lost: found, marked as stalled, then ended or begun anew.

A dead process is seen where it ran; elsewhere silence tells. None of it needs Redis.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from headway import processes
from headway.broker.troubles import not_alone
from headway.endings import end_dead
from headway.maintenance.remote_heartbeats import Signs
from headway.model.record import Failure, as_time, now, seconds_of
from headway.remains import end_marked
from headway.settings import Settings
from headway.store import Writer
from headway.store.sweeps import Running

# After its lease a worker counts as stalled; after this many seconds more it is given up.
GRACE_SECONDS = 4.0
# A living worker has told how its job's process ended by then, in seconds; it tries at each look.
UNTOLD_SECONDS = 15.0

log = logging.getLogger(__name__)


class Lost:
    """Remembers what was heard of the workers."""

    def __init__(self, settings: Settings, store: Writer) -> None:
        self._lease_seconds = settings.lease_seconds
        self._store = store
        # Silence is judged from this moment on, in seconds since 1970; see `_note_absence`.
        self._judging_from = 0.0
        self._looked_at = time.time()
        self._signs = Signs()
        # When a started job was first seen without its process, by its id and attempt.
        self._untold: dict[tuple[str, int], float] = {}

    def look(self) -> None:
        """Look after every started job once. Raises StoreUnavailable."""
        self._note_absence()
        self._end_gone()
        if time.time() >= self._judging_from:
            self._mark_and_end_silent()

    def _note_absence(self) -> None:
        # When this process, the machine or the store was away, so were the workers' signs of
        # life: each of them gets the time of a lease to be heard again before it is judged.
        moment = time.time()
        if moment - self._looked_at > self._lease_seconds / 2:
            self._judging_from = moment + self._lease_seconds
        self._looked_at = moment

    def _end_gone(self) -> None:
        # Their worker's process, or their own, is not there any more.
        seen, self._untold = self._untold, {}
        for running in self._store.running_at(processes.place()):
            if running.pid and processes.is_gone(running.pid, running.birth):
                self._give_up(running, "its process is gone")
            elif running.own_pid and processes.is_gone(running.own_pid, running.own_birth):
                attempt = (running.record.id, running.record.attempt)
                first = self._untold[attempt] = seen.get(attempt, time.monotonic())
                if time.monotonic() - first > UNTOLD_SECONDS:
                    self._give_up(running, "it never told how the job's process ended")

    def _mark_and_end_silent(self) -> None:
        # They are stalled until their worker is heard again, or is given up.
        lease = self._lease_seconds
        self._signs.listen(self._store.signs())
        for running in self._store.heard_again(as_time(time.time() - lease)):
            self._mark(running, stalled=False)
        for running in self._silent(lease):
            if not running.record.stalled:
                self._mark(running, stalled=True)
        given_up = lease + GRACE_SECONDS
        for running in self._silent(given_up):
            why = f"it was not heard of for {given_up:.0f} s"
            self._give_up(running, why, seems_dead=True)

    def _mark(self, running: Running, *, stalled: bool) -> None:
        with not_alone(running.record.id):
            self._store.save(running.record, stalled=stalled)

    def _silent(self, seconds: float) -> list[Running]:
        silent = self._store.silent(as_time(time.time() - seconds))
        return [
            each for each in silent if not self._signs.heard_within(each.record.worker, seconds)
        ]

    def _give_up(self, running: Running, why: str, *, seems_dead: bool = False) -> None:
        with not_alone(running.record.id):
            if running.place == processes.place():
                _end_remains(running, seems_dead=seems_dead)
            failure = Failure("WorkerLost", f"Worker lost: {running.record.worker}, {why}.")
            noted = self._store.note(running.record, failure.message)
            ended = replace(noted or running.record, ended_at=self._died_at(running))
            saved = end_dead(self._store, ended, failure)
            if saved is not None:
                log.warning("job %s: %s", saved.id, failure.message)

    def _died_at(self, running: Running) -> str | None:
        # When nobody was there to notice it, as after a night without power, it did not run on
        # until now. None where it was noticed soon.
        record = running.record
        heard = max(running.heard_at or "", record.started_at or "")
        if not record.stalled:  # else it was marked so just now
            heard = max(heard, record.updated_at)
        long_ago = seconds_of(now()) - seconds_of(heard) > 2 * self._lease_seconds
        return heard if long_ago else None


def _end_remains(running: Running, *, seems_dead: bool) -> None:
    # A worker that only seems dead must not finish a job that is given to another, nor may what
    # the job itself started go on with it.
    if seems_dead and running.pid:
        processes.end(running.pid, running.birth)
    if running.own_pid:
        processes.end_group(running.own_pid, running.own_birth)
    if running.record.worker is not None:
        end_marked(running.record.worker, running.record.id)
