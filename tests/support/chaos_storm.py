"""The storm: one bad thing after another, at random but repeatable."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import psutil
from redis.exceptions import RedisError

from headway.broker.connection import connected
from tests.support.chaos_network import Network
from tests.support.chaos_outages import let_it_last, redis_frozen, store_locked
from tests.support.chaos_proxy import Fault
from tests.support.chaos_scene import Scene, kill
from tests.support.system import Program

Deeds = dict[str, Callable[[], None]]

# Outages of a storm are short, in seconds: other bad things are to come.
OUTAGE_SECONDS = (0.2, 3.0)


class Storm:
    """What is done to a scene; it counts what it did."""

    def __init__(self, scene: Scene, network: Network, dice: random.Random) -> None:
        self._scene = scene
        self._network = network
        self._dice = dice
        self.deeds: Counter[str] = Counter()

    def blow(self) -> None:
        """Do one bad thing."""
        self._do_one_of(self._kills | self._faults)

    def kill(self) -> None:
        """End one process, or all processes of a program, as a power cut would."""
        self._do_one_of(self._kills)

    @property
    def _kills(self) -> Deeds:
        return {
            "work-horse killed": self._kill_a_horse,
            "worker killed": self._kill_a_worker,
            "supervisor killed": lambda: self._kill(self._dice.choice(self._scene.supervisors)),
            "web killed": lambda: self._kill(self._scene.system.web),
            "Redis killed": lambda: self._kill(self._scene.system.redis),
        }

    @property
    def _faults(self) -> Deeds:
        return {
            "Redis frozen": self._freeze_redis,
            "Redis wiped": self._wipe_redis,
            "store locked": self._lock_the_store,
            "network changed": lambda: self._network.suffer(self._fault()),
            "one way changed": lambda: self._dice.choice(self._network.ways).switch(self._fault()),
        }

    def _do_one_of(self, deeds: Deeds) -> None:
        name = self._dice.choice(sorted(deeds))
        deeds[name]()
        self.deeds[name] += 1

    def calm(self) -> None:
        """Mend what is broken."""
        self._network.suffer(Fault.NONE)

    def _kill(self, program: Program) -> None:
        self._scene.kill(program)
        program.start()

    def _kill_a_worker(self) -> None:
        workers = self._below(self._dice.choice(self._scene.supervisors).pid)
        if workers:
            kill(self._dice.choice(workers).pid)

    def _kill_a_horse(self) -> None:
        horses = [
            horse
            for supervisor in self._scene.supervisors
            for worker in self._below(supervisor.pid)
            for horse in self._below(worker.pid)
        ]
        if horses:
            kill(self._dice.choice(horses).pid)

    def _freeze_redis(self) -> None:
        with redis_frozen(self._scene.system):
            let_it_last(self._dice.uniform(*OUTAGE_SECONDS))

    def _wipe_redis(self) -> None:
        # One that was killed just now may not be back, or still reads its file.
        with suppress(RedisError), connected(self._scene.system.redis_url) as redis:
            redis.flushall()

    def _lock_the_store(self) -> None:
        with store_locked(self._scene.system):
            let_it_last(self._dice.uniform(*OUTAGE_SECONDS))

    def _fault(self) -> Fault:
        return self._dice.choice(list(Fault))

    def _below(self, pid: int) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(pid).children()
        return []
