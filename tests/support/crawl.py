"""Walks a site: all addresses that its pages, answers and styles name, from a first one on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

STREAM = "text/event-stream"
AS_A_BROWSER = {"Accept": "text/html, */*;q=0.8"}
# Attributes that name an address; `data-api` of a form names a method before it.
NAMING = frozenset("href src action data-api data-next data-then data-script".split())
OTHER_SCHEMES = ("data:", "blob:", "mailto:")
_IMPORT = re.compile(r"""^import [^"']*["']([^"']+)["']""", re.M)
_URL = re.compile(r"""url\(["']?([^"')]+)""")


async def is_ready(client: httpx.AsyncClient, address: str) -> bool:
    """True once a Headway that just began says so: changes are pushed, and Redis takes jobs."""
    return (await client.get(address)).status_code == httpx.codes.OK


@dataclass(frozen=True, slots=True)
class Named:
    """An address, and where it is named."""

    address: str
    method: str
    at: str


class _Names(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._in_template = False  # what a script fills in before anybody sees it

    def handle_endtag(self, tag: str) -> None:
        self._in_template &= tag != "template"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_template |= tag == "template"
        if self._in_template:
            return
        given = {name: value or "" for name, value in attrs}
        for name in NAMING & given.keys():
            method, value = "GET", given[name]
            if name == "action":
                method = given.get("method", "get").upper()
            if name == "data-api" and " " in value:
                method, value = value.split(" ")
            self.found.append((method, value))


@dataclass(slots=True)
class Walk:
    """What a walk found: each answer's status by its address, and what named it."""

    client: httpx.AsyncClient
    named: dict[tuple[str, str], Named] = field(default_factory=dict)
    statuses: dict[tuple[str, str], int] = field(default_factory=dict)

    async def from_here(self, *addresses: str) -> None:
        """Ask for these, and for all that they name, once each."""
        waiting = [Named(each, "GET", "the test") for each in addresses]
        while waiting:
            here = waiting.pop()
            if (here.method, here.address) in self.named:
                continue
            self.named[here.method, here.address] = here
            if urlsplit(here.address).netloc == urlsplit(str(self.client.base_url)).netloc:
                waiting += await self._answer(here)

    async def _answer(self, here: Named) -> list[Named]:
        # What changes something is only asked whether it is there.
        method = "GET" if here.method == "GET" else "OPTIONS"
        async with self.client.stream(method, here.address, headers=AS_A_BROWSER) as reply:
            self.statuses[here.method, here.address] = reply.status_code
            allowed = reply.headers.get("allow", "")
            assert method == "GET" or here.method in allowed, f"{here}: {allowed}"
            if reply.headers.get("content-type", "").startswith(STREAM):
                return []
            await reply.aread()
        found = [*_named_in(reply), *[("GET", each) for each in _in_head(reply)]]
        return [
            Named(urldefrag(urljoin(here.address, each)).url, method, here.address)
            for method, each in found
            if not each.startswith(OTHER_SCHEMES)
        ]


def _in_head(reply: httpx.Response) -> list[str]:
    links = re.findall("<([^>]+)>", reply.headers.get("link", ""))
    return [*links, *filter(None, [reply.headers.get("location")])]


def _named_in(reply: httpx.Response) -> list[tuple[str, str]]:
    media = reply.headers.get("content-type", "").partition(";")[0]
    if media == "text/html":
        names = _Names()
        names.feed(reply.text)
        return names.found
    if media.endswith("json"):
        return [("GET", each) for each in addresses_in(json.loads(reply.text))]
    if media.endswith("javascript"):
        return [("GET", each) for each in _IMPORT.findall(reply.text)]
    return [("GET", each) for each in _URL.findall(reply.text)] if media == "text/css" else []


def addresses_in(value: Any) -> Iterator[str]:
    """Every text of a JSON value that is an address of this site."""
    if isinstance(value, dict):
        for each in value.values():
            yield from addresses_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from addresses_in(each)
    elif isinstance(value, str) and value.startswith("/"):
        yield value
