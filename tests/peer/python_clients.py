"""Clients for Python, each as its own README has it: one visit to a stream, until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import requests
from aiohttp_sse_client.client import EventSource
from aiosseclient import aiosseclient
from httpx_sse import aconnect_sse
from sseclient import SSEClient

# Takes an event's name, data and id.
Take = Callable[[str, str, str | None], None]
Visit = Callable[[str, str, Take], Awaitable[None]]

# Seconds that a quiet stream may say nothing; heartbeats come more often.
SILENCE_SECONDS = 10
HEADERS = {"Accept": "text/event-stream"}


class Block:
    """What a dozen lines of somebody's script make of a stream's lines."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._fields: dict[str, str] = {}

    def add(self, line: str) -> None:
        """Take a line; an empty one ends the event."""
        if line:
            name, _, value = line.partition(": ")
            self._fields[name] = value
            return
        fields, self._fields = self._fields, {}
        self._take(fields.get("event", "message"), fields.get("data", ""), fields.get("id"))


async def with_httpx_sse(url: str, last_id: str, take: Take) -> None:
    """httpx-sse, of which each event counts."""
    async with (
        httpx.AsyncClient(trust_env=False, timeout=SILENCE_SECONDS) as client,
        aconnect_sse(client, "GET", url, headers={"Last-Event-ID": last_id}) as source,
    ):
        async for event in source.aiter_sse():
            take(event.event, event.data, event.id)


async def with_lines_of_httpx(url: str, last_id: str, take: Take) -> None:
    """httpx alone, line by line."""
    async with (
        httpx.AsyncClient(trust_env=False, timeout=SILENCE_SECONDS) as client,
        client.stream("GET", url, headers=HEADERS | {"Last-Event-ID": last_id}) as response,
    ):
        block = Block(take)
        async for line in response.aiter_lines():
            block.add(line)


async def with_lines_of_requests(url: str, last_id: str, take: Take) -> None:
    """requests alone, line by line as text."""

    def visit() -> None:
        with _asked(url, last_id) as response:
            block = Block(take)
            for line in response.iter_lines(decode_unicode=True):
                block.add(line)

    await asyncio.to_thread(visit)


async def with_sseclient(url: str, last_id: str, take: Take) -> None:
    """sseclient-py on requests."""

    def visit() -> None:
        with _asked(url, last_id) as response:
            for event in SSEClient(response).events():
                take(event.event, event.data, event.id)

    await asyncio.to_thread(visit)


async def with_aiosseclient(url: str, last_id: str, take: Take) -> None:
    """aiosseclient, which stops by an event's name."""
    async for event in aiosseclient(url, last_id=last_id or None, exit_events=["end"]):
        take(event.event, event.data, event.id)


async def with_aiohttp_sse_client(url: str, last_id: str, take: Take) -> None:
    """aiohttp-sse-client, which comes back by itself until it is left."""
    async with EventSource(url, headers={"Last-Event-ID": last_id}) as source:
        async for event in source:
            take(event.type, event.data, event.last_event_id)
            if event.type == "end":
                return


CLIENTS: dict[str, Visit] = {
    "httpx-sse": with_httpx_sse,
    "lines of httpx": with_lines_of_httpx,
    "lines of requests": with_lines_of_requests,
    "sseclient-py": with_sseclient,
    "aiosseclient": with_aiosseclient,
    "aiohttp-sse-client": with_aiohttp_sse_client,
}
# What each raises when the server is away or leaves.
CUT_OFF = (OSError, httpx.HTTPError, requests.RequestException)


def _asked(url: str, last_id: str) -> Any:
    headers = HEADERS | {"Last-Event-ID": last_id}
    return requests.get(url, stream=True, headers=headers, timeout=SILENCE_SECONDS)
