"""What the recording process does: it reads what jobs say, and has it recorded in order."""

from __future__ import annotations

import ctypes
import logging
import pickle
import select
import signal
import socket
import struct
import time
from collections import deque
from contextlib import suppress
from typing import Any, cast

from headway.errors import StoreUnavailable
from headway.external import Known, external_record
from headway.model.record import JsonDict
from headway.terminal import STANDARD_ERROR, write_to_terminal
from headway.workhorse.log_lines import SaidLine
from headway.workhorse.output import close
from headway.workhorse.output_reader import Output
from headway.workhorse.run_writer import RunWriter
from headway.workhorse.whole_jobs import MOST_TOGETHER, Message, whole_jobs

# A longer message goes in pieces of so many bytes.
PIECE_BYTES = 32 * 1024
# Before each piece: who sends it, and whether more of its message comes.
HEAD = struct.Struct("!I?")
# What it says when it stays: programs that a job left behind write through it to the terminal.
STAYS = b"s"
# Seconds between two looks at what was held back.
TICK_SECONDS = 0.1
# Seconds between two times of recording: what comes meanwhile is recorded at once.
GATHER_SECONDS = 0.005
# Messages that wait for a store that is away; beyond, RQ's word reaches the record another way.
MOST_WAITING = 10_000
# Of those, pieces of a job's output.
MOST_LOGS = 500
# What is said when a job is over: all that it wrote comes before.
ENDS = frozenset({"forked", "run", "begin", "finish", "fail", "died", "follow", "settle"})
# How long, in seconds, the last ones wait for it when the worker has ended.
LAST_SECONDS = 2.0

log = logging.getLogger(__name__)


class Server:
    """Reads what comes, and has it recorded in order."""

    def __init__(self, its: socket.socket, record: RunWriter, settled: ctypes.c_uint64) -> None:
        """`settled` gets the number of the last log that is written to its end."""
        self._its = its
        self._record = record
        self._settled = settled
        self._output = Output()
        # The job whose process is about to be forked, and what that will write into.
        self._expected: tuple[Known, list[int]] | None = None
        # The lines that have not ended yet, as they were sent last.
        self._begun: list[SaidLine] = []
        self._waiting: deque[Message] = deque()
        # So many of those are recorded one by one.
        self._alone = 0
        self._pieces: dict[int, bytes] = {}
        # When it records next, and when it last did what is done often.
        self._due = self._ticked = time.monotonic()

    def serve(self) -> None:
        """Run until every sender has closed its end."""
        while self._look():
            if len(self._waiting) >= MOST_TOGETHER or time.monotonic() >= self._due:
                pause = GATHER_SECONDS if self._obey() else TICK_SECONDS
                self._due = time.monotonic() + pause
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
        next_look = self._ticked + TICK_SECONDS
        if self._waiting:
            next_look = min(next_look, self._due)
        seconds = max(0.0, next_look - time.monotonic())
        ready = self._ready(self._its.fileno(), timeout_seconds=seconds)
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
        packet, descriptors, _, _ = socket.recv_fds(self._its, HEAD.size + PIECE_BYTES, 2)
        if not packet:
            return False
        sender, more = HEAD.unpack_from(packet)
        self._pieces[sender] = self._pieces.get(sender, b"") + packet[HEAD.size :]
        if not more:
            name, arguments = pickle.loads(self._pieces.pop(sender))  # of the worker we are from
            self._take(name, arguments, descriptors)
        return True

    def _take(self, name: str, arguments: tuple[Any, ...], descriptors: list[int]) -> None:
        if name == "terminal":
            write_to_terminal(STANDARD_ERROR, *arguments)
            return
        if name in ENDS:
            self._drain()
        if name == "settle":
            self._due = time.monotonic()  # somebody waits for that
        if name == "expect":
            self._expect(cast(Known, arguments), descriptors)
            return
        if name == "forked":
            self._begin(*arguments)
        elif name == "run":
            self._begin_as(*arguments)
        elif name != "output":
            self._keep(name, arguments)
        if descriptors:
            self._output.take(descriptors)

    def _expect(self, known: Known, descriptors: list[int]) -> None:
        if self._expected is not None:  # it was not forked
            close(self._expected[1])
        self._expected = known, descriptors

    def _begin(self, function: str, arguments: str | JsonDict, pid: int) -> None:
        if self._expected is not None:
            known, descriptors = self._expected
            self._expected = None
            self._begin_as(known, function, arguments, pid)
            # Not earlier: what comes there is of the job that has begun.
            self._output.take(descriptors)

    def _begin_as(self, known: Known, function: str, arguments: str | JsonDict, pid: int) -> None:
        self._keep("begin", (external_record(function, *known), arguments, pid))

    def _keep(self, name: str, arguments: tuple[Any, ...]) -> None:
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append((name, arguments))

    def _log(self, lines: list[SaidLine]) -> None:
        if len(self._waiting) < MOST_LOGS:
            self._waiting.append(("log", (lines, self._begun)))

    def _drain(self) -> None:
        lines, was, self._begun = self._output.drain(), self._begun, []
        if lines or was:
            self._log(lines)

    def _obey(self) -> bool:
        """Do what was asked, in order; False if the store cannot be used."""
        while self._waiting:
            jobs = whole_jobs(self._waiting) if not self._alone else []
            try:
                done = self._obey_together(jobs) if jobs else self._obey_next()
            except StoreUnavailable as error:
                log.debug("what a job said waits for the store: %s", error)
                return False
            for _ in range(done):
                self._waiting.popleft()
        return True

    def _obey_next(self) -> int:
        name, arguments = self._waiting[0]
        try:
            getattr(self._record, name)(*arguments)
        except StoreUnavailable:
            raise
        except Exception:  # whatever it is, the next job is recorded
            log.exception("what a job said cannot be recorded")
        if name == "settle":
            self._settled.value = arguments[0]
        self._alone = max(0, self._alone - 1)
        return 1

    def _obey_together(self, jobs: list[Message]) -> int:
        try:
            self._record.together(jobs)
        except StoreUnavailable:
            raise
        except Exception:  # one of them makes no sense, the others are recorded
            log.info("jobs are recorded one by one", exc_info=True)
            self._alone = len(jobs)
            return 0
        return len(jobs)
