"""The parts of one web process, and their life from the server's start to its end."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from quart import current_app

from headway.errors import UnknownJob
from headway.external import why_deferred
from headway.maintenance.reconciler import reconcile_until
from headway.model.record import JsonDict, Record, Status
from headway.settings import Settings
from headway.store import Reader
from quart_app.live.hub import Hub
from quart_app.live.relay import Relay
from quart_app.live.stream_slots import StreamSlots
from quart_app.live.system_status import SystemStatus
from quart_app.writing_thread import WritingThread

EXTENSION = "headway"
# How long, in seconds, the end of the web waits for a round that goes on.
ENDING_SECONDS = 1.0
# A task that died is started again after this long, in seconds.
RESTART_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """What routes and streams use."""

    settings: Settings
    reader: Reader
    hub: Hub
    relay: Relay
    status: SystemStatus
    writing: WritingThread
    stream_slots: StreamSlots

    async def waits_for(self, record: Record) -> JsonDict | None:
        """`{"reason": …}` for a waiting job that cannot begin, None when nothing prevents it.

        Raises StoreUnavailable.
        """
        if record.status == Status.DEFERRED:
            return await self._first(record)
        if record.status not in (Status.QUEUED, Status.SCHEDULED):
            return None
        reason = self.relay.reason
        return {"reason": reason} if reason else await self.status.waits_for(record.queue)

    async def _first(self, record: Record) -> JsonDict | None:
        """The job that has to end before this one begins."""
        for job_id in record.params.get("depends_on", []):
            try:
                first = await self.reader.job_as_event(job_id)
            except UnknownJob:
                continue
            if first.status == Status.FINISHED:
                continue
            return {"reason": why_deferred(first), "job": job_id}
        return {"reason": record.message} if record.message else None


def services() -> Services:
    """The parts of the app that serves this request."""
    found: Services = current_app.extensions[EXTENSION]
    return found


@asynccontextmanager
async def lifespan(settings: Settings, tables: Sequence[str] = ()) -> AsyncIterator[Services]:
    """Open the parts, run their tasks, and close them in the other order.

    `tables` are statements that make tables beside the store's own.
    """
    reader, hub = Reader(settings), Hub()
    relay = Relay(settings, reader, hub)
    status, writing = SystemStatus(reader, hub), WritingThread(settings)
    slots = StreamSlots(settings.stream_limit)
    parts = Services(settings, reader, hub, relay, status, writing, slots)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_watch_over(settings))
        stack.push_async_callback(reader.close)
        await reader.open()
        stack.push_async_callback(writing.close)
        await writing.do(lambda it: it.store.define(tables))
        await relay.begin()
        for name, run in (("relay", relay.run), ("system status", status.run)):
            task = asyncio.create_task(_kept_running(name, run), name=name)
            stack.push_async_callback(_cancel, task)
        stack.callback(hub.close)  # first of all, and also when what runs in between fails
        yield parts


def _watch_over(settings: Settings) -> Callable[[], Awaitable[None]]:
    """Look after jobs, where no worker's reconciler does; returns what ends that."""
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            try:
                reconcile_until(over, settings, queues=False)
            except Exception:  # whatever it is, what RQ has must not be hidden for good
                log.exception("looking after jobs failed, and goes on")
            over.wait(RESTART_SECONDS)

    thread = threading.Thread(target=look, name="looking after jobs", daemon=True)
    thread.start()

    async def end() -> None:
        over.set()
        await asyncio.to_thread(thread.join, ENDING_SECONDS)

    return end


async def _cancel(task: asyncio.Task[None]) -> None:
    # Whatever `task.cancelling()` says: a timeout within the task counts there too, for a moment.
    task.cancel()
    await asyncio.wait([task])


async def _kept_running(name: str, run: Callable[[], Awaitable[None]]) -> None:
    logged = ""
    while True:
        try:
            await run()
        except Exception as error:  # whatever it is, watchers must not be left in silence
            if repr(error) != logged:  # once is enough for a fault that stays
                log.exception("the %s died, and is started again until it lives", name)
            logged = repr(error)
        await asyncio.sleep(RESTART_SECONDS)
