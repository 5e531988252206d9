"""The recording process writes what a worker's jobs say, so that they need not wait for a store.

A worker forks it before its first job. Messages come over a socket that keeps them whole, from the
worker and from each work-horse, which inherit it; so what a process said before it was killed is
recorded. It ends when no process has the other end any more.

Where there is no such socket, or no fork, the process that runs a job writes itself.
"""

from __future__ import annotations

import ctypes
import logging
import mmap
import os
import pickle
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from headway.errors import StoreUnavailable
from headway.model.record import now, safe_text
from headway.workhorse.log_lines import SaidLine
from headway.workhorse.output import unread_in
from headway.workhorse.recording_server import HEAD, PIECE_BYTES, STAYS, TICK_SECONDS, Server
from headway.workhorse.run_writer import RunWriter

# How long, in seconds, a job waits for room in the socket before a message is dropped: RQ's word
# reaches the record another way.
SEND_SECONDS = 2.0
# How long, in seconds, the end of a job of our kinds waits for its log, and the pause between the
# first looks at that.
SETTLE_SECONDS = 10.0
SHORTEST_PAUSE_SECONDS = 0.0005
# How long, in seconds, a worker that ends waits until everything is recorded.
DRAIN_SECONDS = 10.0
POSSIBLE = hasattr(socket, "SOCK_SEQPACKET") and hasattr(os, "fork")

log = logging.getLogger(__name__)


class RecordingProcess:
    """The worker's and the work-horses' end of it."""

    def __init__(self, make: Callable[[], RunWriter]) -> None:
        self._make = make
        self._socket: socket.socket | None = None
        self._here: RunWriter | None = None
        self._lock = threading.RLock()
        # How many logs are written to their end. In memory that all share, for a job may close
        # all that is open.
        self._settled = ctypes.c_uint64.from_buffer(mmap.mmap(-1, 8))
        self.pid = 0

    @property
    def is_here(self) -> bool:
        """True where this process writes itself."""
        return self._socket is None

    def start(self) -> None:
        """Fork it, unless it runs; in the worker only, between two jobs."""
        if not POSSIBLE or (self._socket is not None and not _is_closed(self._socket)):
            return
        self.close()
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(SEND_SECONDS)
        pid = os.fork()
        if pid == 0:
            _be(its, self._make, self._settled)
        its.close()
        self._socket, self.pid = ours, pid

    def call(self, name: str, *arguments: Any) -> bool:
        """Have the RunWriter's method `name` called; never raises, waits SEND_SECONDS at most.

        False where nobody hears it.
        """
        if self._socket is None:
            self._call_here(name, *arguments)
            return True
        try:
            _send(self._socket, pickle.dumps((name, arguments)))
        except OSError as error:  # it is gone, or waits for a store that is away
            log.debug("what a job said is not recorded: %s", error)
            return False
        return True

    def log(self, text: object, stream: str | None = None) -> bool:
        """Take lines for the log of the job that runs; False where nobody hears them."""
        said = text if isinstance(text, str) else safe_text(text, sys.maxsize)
        return self.call("log", [SaidLine(said, stream, now())])

    def unread(self) -> int:
        """How many bytes of what was said are not read yet. Raises OSError."""
        return 0 if self._socket is None else unread_in(self._socket.fileno(), "TIOCOUTQ")

    def settle(self) -> None:
        """Wait until the log of a job of our kinds is written, for SETTLE_SECONDS at most."""
        number = self._settled.value + 1
        give_up = time.monotonic() + SETTLE_SECONDS
        if self._socket is None or not self.call("settle", number):
            return
        pause = SHORTEST_PAUSE_SECONDS
        while self._settled.value < number and time.monotonic() < give_up:
            if _is_closed(self._socket):
                return
            time.sleep(pause)
            pause = min(2 * pause, TICK_SECONDS)

    def hand_over(self, descriptors: list[int], name: str = "output", *arguments: Any) -> bool:
        """Say this, and let it read what a job writes; False where it is gone, or too far behind.

        A worker says "expect" of a job whose process it is about to fork; that says "forked" then.
        """
        if self._socket is None:
            return False
        try:
            _send(self._socket, pickle.dumps((name, arguments)), descriptors)
        except OSError as error:
            log.debug("what a job writes is not recorded: %s", error)
            return False
        return True

    def tick(self) -> None:
        """Do what has to be done often while a job runs, where this process writes itself."""
        if self._here is not None:
            with self._lock:
                self._here.tick()

    def leave(self) -> None:
        """A job is over: where this process writes itself, it lets go of the store."""
        if self._here is not None:
            with self._lock:
                self._here.close()

    def close(self) -> None:
        """Wait until all that was said is recorded; may be called twice."""
        if self._here is not None:
            self._here.close()
            self._here = None
        if self._socket is None:
            return
        left, self._socket = self._socket, None
        is_over = False
        with suppress(OSError):
            left.shutdown(socket.SHUT_WR)
            left.settimeout(DRAIN_SECONDS)
            is_over = left.recv(1) != STAYS
        left.close()
        with suppress(ChildProcessError):  # already reaped elsewhere
            os.waitpid(self.pid, 0 if is_over else os.WNOHANG)

    def _call_here(self, name: str, *arguments: Any) -> None:
        with self._lock:
            self._here = self._here or self._make()
            try:
                getattr(self._here, name)(*arguments)
            except StoreUnavailable as error:
                log.info("what a job said is not recorded: %s", error)


def _send(ours: socket.socket, message: bytes, descriptors: Sequence[int] = ()) -> None:
    sender = os.getpid()
    for at in range(0, len(message), PIECE_BYTES):
        piece = message[at : at + PIECE_BYTES]
        more = at + PIECE_BYTES < len(message)
        if descriptors and not more:
            socket.send_fds(ours, [HEAD.pack(sender, more) + piece], descriptors)
        else:
            ours.send(HEAD.pack(sender, more) + piece)


def _is_closed(ours: socket.socket) -> bool:
    look = select.poll()
    look.register(ours, select.POLLIN)
    return bool(look.poll(0))  # it never sends, so that is the end


def _be(its: socket.socket, make: Callable[[], RunWriter], settled: ctypes.c_uint64) -> NoReturn:
    # A signal to the whole group asks the worker to end; this ends after it.
    status = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _yield_to_jobs()
        # The worker's connections: while one is open, its Redis would take the worker for alive.
        os.closerange(3, its.fileno())
        os.closerange(its.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
        record = make()
        _prepare(record)
        server = Server(its, record, settled)
        server.serve()
        server.serve_what_is_left()
        status = 0
    except BaseException:
        log.exception("the recording process failed")
    finally:
        os._exit(status)


def _yield_to_jobs() -> None:
    # Woken by a job's message it would else take the processor from that job.
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _prepare(record: RunWriter) -> None:
    try:
        record.prepare()
    except StoreUnavailable as error:
        log.warning("jobs are not recorded until the store can be used: %s", error)
