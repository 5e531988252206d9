"""The network between the parts: web to Redis, workers to Redis, people to the web."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Self

from tests.support.chaos_proxy import ChaosProxy, Fault
from tests.support.system import System


class Network:
    """Three ways that can be broken one by one; for the length of a `with`."""

    def __init__(self, system: System) -> None:
        self._open = ExitStack()
        self._web_to_redis = ChaosProxy(system.redis_port)
        self._workers_to_redis = ChaosProxy(system.redis_port)
        self._people_to_web = ChaosProxy(system.port)
        self.ways = (self._web_to_redis, self._workers_to_redis, self._people_to_web)

    def __enter__(self) -> Self:
        for way in self.ways:
            self._open.enter_context(way)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def port(self) -> int:
        """Where people find the web."""
        return self._people_to_web.port

    def redis_url_of(self, program: str) -> str:
        """Where a program of the Procfile finds Redis."""
        way = self._web_to_redis if program == "web" else self._workers_to_redis
        return f"redis://127.0.0.1:{way.port}/0"

    def suffer(self, fault: Fault) -> None:
        """The same on every way."""
        for way in self.ways:
            way.switch(fault)
