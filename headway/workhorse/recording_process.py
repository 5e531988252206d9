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
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from headway.errors import StoreUnavailable
from headway.model.record import now, safe_text
from headway.terminal import STANDARD_ERROR, write_to_terminal
from headway.workhorse.log_lines import SaidLine
from headway.workhorse.output import unread_in
from headway.workhorse.output_reader import Output
from headway.workhorse.run_record import RunRecord

# A longer message goes in pieces of so many bytes.
PIECE_BYTES = 32 * 1024
# How long, in seconds, a job waits for room in the socket before a message is dropped: RQ's word
# reaches the record another way.
SEND_SECONDS = 2.0
# Seconds between two looks at what was held back.
TICK_SECONDS = 0.1
# Messages that wait for a store that is away; beyond, RQ's word reaches the record another way.
MOST_WAITING = 10_000
# Of those, pieces of a job's output.
MOST_LOGS = 500
# What is said when a job is over: all that it wrote comes before.
ENDS = frozenset({"begin", "finish", "fail", "died", "follow", "settle"})
# How long, in seconds, the last ones wait for it when the worker has ended.
LAST_SECONDS = 2.0
# How long, in seconds, the end of a job of our kinds waits for its log, and the pause between the
# first looks at that.
SETTLE_SECONDS = 10.0
SHORTEST_PAUSE_SECONDS = 0.0005
# How long, in seconds, a worker that ends waits until everything is recorded.
DRAIN_SECONDS = 10.0
# What it says when it stays: programs that a job left behind write through it to the terminal.
STAYS = b"s"
# Before each piece: who sends it, and whether more of its message comes.
_HEAD = struct.Struct("!I?")
POSSIBLE = hasattr(socket, "SOCK_SEQPACKET") and hasattr(os, "fork")

log = logging.getLogger(__name__)


class RecordingProcess:
    """The worker's and the work-horses' end of it."""

    def __init__(self, make: Callable[[], RunRecord]) -> None:
        self._make = make
        self._socket: socket.socket | None = None
        self._here: RunRecord | None = None
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
        """Have the RunRecord's method `name` called; never raises, waits SEND_SECONDS at most.

        False where nobody hears it.
        """
        if self._socket is None:
            self._call_here(name, *arguments)
            return True
        try:
            message, sender = pickle.dumps((name, arguments)), os.getpid()
            for at in range(0, len(message), PIECE_BYTES):
                more = at + PIECE_BYTES < len(message)
                self._socket.send(_HEAD.pack(sender, more) + message[at : at + PIECE_BYTES])
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

    def hand_over(self, descriptors: list[int]) -> bool:
        """Let it read what a job writes; False where it is gone, or too far behind."""
        if self._socket is None:
            return False
        message = _HEAD.pack(os.getpid(), False) + pickle.dumps(("output", ()))
        try:
            socket.send_fds(self._socket, [message], descriptors)
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


def _is_closed(ours: socket.socket) -> bool:
    look = select.poll()
    look.register(ours, select.POLLIN)
    return bool(look.poll(0))  # it never sends, so that is the end


def _be(its: socket.socket, make: Callable[[], RunRecord], settled: ctypes.c_uint64) -> NoReturn:
    # A signal to the whole group asks the worker to end; this ends after it.
    status = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        # The worker's connections: while one is open, its Redis would take the worker for alive.
        os.closerange(3, its.fileno())
        os.closerange(its.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
        record = make()
        _prepare(record)
        server = _Server(its, record, settled)
        server.serve()
        server.serve_what_is_left()
        status = 0
    except BaseException:
        log.exception("the recording process failed")
    finally:
        os._exit(status)


def _prepare(record: RunRecord) -> None:
    try:
        record.prepare()
    except StoreUnavailable as error:
        log.warning("jobs are not recorded until the store can be used: %s", error)


class _Server:
    """Reads what comes, and has it recorded in order."""

    def __init__(self, its: socket.socket, record: RunRecord, settled: ctypes.c_uint64) -> None:
        self._its = its
        self._record = record
        self._settled = settled
        self._output = Output()
        # The lines that have not ended yet, as they were sent last.
        self._begun: list[SaidLine] = []
        self._waiting: deque[tuple[str, tuple[Any, ...]]] = deque()
        self._pieces: dict[int, bytes] = {}
        self._ticked = time.monotonic()

    def serve(self) -> None:
        """Run until every sender has closed its end."""
        while self._look():
            self._obey()
            if time.monotonic() - self._ticked >= TICK_SECONDS:
                self._record.tick()
                self._ticked = time.monotonic()
        give_up = time.monotonic() + LAST_SECONDS
        self._drain()  # of a job that was killed with its worker
        self._obey()
        while self._waiting and time.monotonic() < give_up:
            time.sleep(TICK_SECONDS)
            self._obey()
        self._record.close()

    def serve_what_is_left(self) -> None:
        """Until no program that a job left behind can write: without a reader it would end."""
        if self._output.descriptors:
            with suppress(OSError):  # the worker may be gone
                self._its.send(STAYS)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._its.close()
        while self._output.descriptors:
            self._read(self._ready(timeout_seconds=None))

    def _look(self) -> bool:
        """Take what is there, or wait a little for it; False when nothing can come any more."""
        until_tick = max(0.0, self._ticked + TICK_SECONDS - time.monotonic())
        ready = self._ready(self._its.fileno(), timeout_seconds=until_tick)
        self._read(ready - {self._its.fileno()})
        return self._its.fileno() not in ready or self._receive()

    def _ready(self, *besides: int, timeout_seconds: float | None) -> set[int]:
        look = select.poll()
        for each in (*besides, *self._output.descriptors):
            look.register(each, select.POLLIN)
        found = look.poll(None if timeout_seconds is None else 1000 * timeout_seconds)
        return {descriptor for descriptor, _ in found}

    def _read(self, ready: set[int]) -> None:
        for descriptor in ready:
            lines, was = self._output.read(descriptor), self._begun
            self._begun = self._output.begun
            if lines or self._begun != was:
                self._log(lines)

    def _receive(self) -> bool:
        packet, descriptors, _, _ = socket.recv_fds(self._its, _HEAD.size + PIECE_BYTES, 2)
        if not packet:
            return False
        sender, more = _HEAD.unpack_from(packet)
        self._pieces[sender] = self._pieces.get(sender, b"") + packet[_HEAD.size :]
        if not more:
            name, arguments = pickle.loads(self._pieces.pop(sender))  # of the worker we are from
            self._take(name, arguments, descriptors)
        return True

    def _take(self, name: str, arguments: tuple[Any, ...], descriptors: list[int]) -> None:
        if name == "output":
            self._output.take(descriptors)
            return
        if name == "terminal":
            write_to_terminal(STANDARD_ERROR, *arguments)
            return
        if name in ENDS:
            self._drain()
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append((name, arguments))

    def _log(self, lines: list[SaidLine]) -> None:
        if len(self._waiting) < MOST_LOGS:
            self._waiting.append(("log", (lines, self._begun)))

    def _drain(self) -> None:
        lines, was, self._begun = self._output.drain(), self._begun, []
        if lines or was:
            self._log(lines)

    def _obey(self) -> None:
        """Do what was asked, in order, as far as the store can be used."""
        while self._waiting:
            name, arguments = self._waiting[0]
            try:
                getattr(self._record, name)(*arguments)
            except StoreUnavailable as error:
                log.debug("what a job said waits for the store: %s", error)
                return
            except Exception:  # whatever it is, the next job is recorded
                log.exception("what a job said cannot be recorded")
            if name == "settle":
                self._settled.value = arguments[0]
            self._waiting.popleft()
