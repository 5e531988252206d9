"""Dead workers: what decides that a worker is dead, and what becomes of its jobs.

A worker is dead when its process is gone, where that can be looked up: on this machine. Any other
worker is dead when it was silent for its lease and GRACE_SECONDS more; after the lease alone, its
job counts as stalled. A job whose own process is gone is given up as well, when its worker has
not recorded that within UNRECORDED_SECONDS.

The job of a dead worker fails, or gets its next attempt. An application's job is RQ's to end: it is
named as lost, and nothing is done to it while its own process lives, whatever became of its worker.
None of this needs Redis.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from headway import processes
from headway.broker.redis_troubles import TroubleLog
from headway.model.record import Failure, Record, as_time, now, seconds_of
from headway.orphans import end_orphans_of
from headway.retry_policy import end_after_crash
from headway.settings import Settings
from headway.store import Writer, sweeps, workers
from headway.store.sweeps import Running

# Silence, in seconds beyond the lease, after which a worker is dead.
GRACE_SECONDS = 4.0
# How the sentence about a lost worker begins.
LOST = "Worker lost: "
# A living worker has recorded by then, in seconds, how its job's process ended.
UNRECORDED_SECONDS = 15.0
# A living worker of another machine sends a heartbeat within this long, in seconds.
LISTEN_SECONDS = 10.0

log = logging.getLogger(__name__)


class Rescuer:
    """Looks after started jobs; remembers what it heard of their workers."""

    def __init__(
        self,
        settings: Settings,
        store: Writer,
        *,
        unrecorded_seconds: float = UNRECORDED_SECONDS,
        listen_seconds: float = LISTEN_SECONDS,
    ) -> None:
        self._lease_seconds = settings.lease_seconds
        self._unrecorded_seconds = unrecorded_seconds
        self._store = store
        self._troubles = TroubleLog(settings.redis_url)
        # Silence is judged from this moment on, in seconds since 1970; see `_note_absence`.
        self._judging_from = 0.0
        self._looked_at = time.time()
        self._remote = RemoteHeartbeats(listen_seconds)
        # When a started job was first seen without its process, by its id and attempt.
        self._unrecorded: dict[tuple[str, int], float] = {}
        # Jobs whose log says that their worker is lost, though their end could not be saved yet.
        self._noted: set[tuple[str, int]] = set()

    def rescue(self) -> None:
        """Look after every started job once. Raises StoreUnavailable."""
        self._note_absence()
        self._end_gone()
        if time.time() >= self._judging_from:
            self._mark_and_end_silent()

    def _note_absence(self) -> None:
        # If we, the machine or the store were paused, heartbeats were too: give each worker one
        # lease to check in before judging it.
        moment = time.time()
        if moment - self._looked_at > self._lease_seconds / 2:
            self._judging_from = moment + self._lease_seconds
        self._looked_at = moment

    def _end_gone(self) -> None:
        # Their worker's process, or their own, is not there any more.
        seen, self._unrecorded = self._unrecorded, {}
        for running in sweeps.running_at(self._store, processes.pid_namespace()):
            if _is_gone(running):
                self._give_up(running, "its process is gone")
            elif _has_left(running):
                attempt = _attempt_of(running)
                first = self._unrecorded[attempt] = seen.get(attempt, time.monotonic())
                if time.monotonic() - first > self._unrecorded_seconds:
                    self._give_up(running, "it never recorded how the job's process ended")

    def _mark_and_end_silent(self) -> None:
        # Jobs are stalled until their worker is heard again, or is given up.
        lease = self._lease_seconds
        self._remote.listen(workers.heartbeats(self._store))
        for running in sweeps.heard_again(self._store, as_time(time.time() - lease)):
            gone = _is_here(running) and _is_gone(running)  # then it was heard just before
            if not gone and not _is_rqs(running.record):
                self._mark(running, stalled=False)
        for running in self._silent(lease):
            if not running.record.stalled and not _is_named(running.record):
                self._mark(running, stalled=True)
        given_up = lease + GRACE_SECONDS
        for running in self._silent(given_up):
            why = f"it was not heard of for {given_up:.0f} s"
            self._give_up(running, why, seems_dead=True)

    def _mark(self, running: Running, *, stalled: bool) -> None:
        with self._troubles.log_and_continue(f"job {running.record.id}", one_of_many=True):
            if _is_named(running.record):  # and heard again
                self._store.save(running.record, stalled=stalled, message="")
            else:
                self._store.save(running.record, stalled=stalled)

    def _silent(self, seconds: float) -> list[Running]:
        silent = sweeps.silent(self._store, as_time(time.time() - seconds))
        return [
            each
            for each in silent
            if not self._remote.heard_within(each.record.worker, seconds)
            and not _is_rqs(each.record)
            and not (each.record.external and _is_here(each) and not _has_left(each))
        ]

    def _give_up(self, running: Running, why: str, *, seems_dead: bool = False) -> None:
        if _is_named(running.record):
            return  # it is named, and RQ has its turn
        with self._troubles.log_and_continue(f"job {running.record.id}", one_of_many=True):
            if _is_here(running):
                _end_remains(running, seems_dead=seems_dead)
            failure = Failure("WorkerLost", f"{LOST}{running.record.worker}, {why}.")
            record, noted = running.record, _attempt_of(running)
            if noted not in self._noted:  # else its end could not be saved in an earlier round
                record = self._store.note(record, failure.message) or record
                self._noted.add(noted)
            if record.external:
                self._name_lost(record, failure)
                return
            ended = replace(record, ended_at=self._died_at(running))
            saved = end_after_crash(self._store, ended, failure)
            self._noted.discard(noted)
            if saved is not None:
                log.warning("job %s: %s", saved.id, failure.message)

    def _name_lost(self, record: Record, failure: Failure) -> None:
        # RQ ends it, or runs it again, when it finds that out too; the record follows.
        self._store.save(record, stalled=True, message=failure.message, eta_seconds=None)
        log.warning("job %s: %s", record.id, failure.message)

    def _died_at(self, running: Running) -> str | None:
        # A death that was noticed late, as after a night without power, happened when the worker
        # was heard last. None where it was noticed soon.
        record = running.record
        heard = max(running.heard_at or "", record.started_at or "")
        if not record.stalled:  # else it was marked so just now
            heard = max(heard, record.updated_at)
        long_ago = seconds_of(now()) - seconds_of(heard) > 2 * self._lease_seconds
        return heard if long_ago else None


@dataclass(frozen=True, slots=True)
class _Heard:
    """A worker's newest heartbeat, and since when we may know it, in seconds of our own clock."""

    heartbeat: str
    at: float
    changed: bool


class RemoteHeartbeats:
    """Heartbeats of other hosts, whose clocks may be wrong.

    One counts when its value changes, timed by our clock.
    """

    def __init__(self, listen_seconds: float) -> None:
        self._listen_seconds = listen_seconds
        self._heard: dict[str, _Heard] = {}
        self._listened_at = time.monotonic()

    def listen(self, heartbeats: Iterable[tuple[str, str, str]]) -> None:
        """Take (worker, host, heartbeat) of all workers; call it more often than they are sent."""
        known, moment = self._heard, time.monotonic()
        # What is new came at any time since we listened before.
        before, self._listened_at = self._listened_at, moment
        self._heard = {
            name: known[name]
            if name in known and known[name].heartbeat == heartbeat
            else _Heard(heartbeat, before if name in known else moment, changed=name in known)
            for name, host, heartbeat in heartbeats
            if host != processes.HOST
        }

    def heard_within(self, name: str | None, seconds: float) -> bool:
        """True when a worker of another host sent a heartbeat so lately, or may still do so."""
        heard = self._heard.get(name) if name else None
        if heard is None:
            return False
        limit = seconds if heard.changed else min(seconds, self._listen_seconds)
        return time.monotonic() - heard.at < limit


def _attempt_of(running: Running) -> tuple[str, int]:
    return running.record.id, running.record.attempt


def _is_here(running: Running) -> bool:
    return running.pid_namespace == processes.pid_namespace()


def _is_gone(running: Running) -> bool:
    """True when a worker of this machine is; an application's job may outlive its worker."""
    gone = running.pid is not None and processes.is_gone(running.pid, running.start_time)
    if running.record.external and running.own_pid:
        return gone and _has_left(running)
    return gone


def _has_left(running: Running) -> bool:
    """True when the own process of a job of this machine is gone."""
    return running.own_pid is not None and processes.is_gone(
        running.own_pid, running.own_start_time
    )


def _is_rqs(record: Record) -> bool:
    """True where no worker records a job: the mirror says what RQ has of it."""
    return record.external and not record.recorded


def _is_named(record: Record) -> bool:
    return record.external and record.message.startswith(LOST)


def _end_remains(running: Running, *, seems_dead: bool) -> None:
    # A worker that only seems dead must not finish a job that is given to another, nor may what
    # the job itself started go on with it.
    if seems_dead and running.pid:
        processes.end(running.pid, running.start_time)
    if running.own_pid:
        processes.end_group(running.own_pid, running.own_start_time)
    if running.record.worker is not None:
        end_orphans_of(running.record.worker, running.record.id)
