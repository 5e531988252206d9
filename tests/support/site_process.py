"""A site with Headway mounted in it, as a process of its own on the server that it is made for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from headway.settings import Settings
from tests.support.valkey import free_port
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
# Seconds for a cold start, and for the end, on a busy machine.
START_SECONDS = 40.0
END_SECONDS = 15.0
SERVERS = {
    "uvicorn": ["uvicorn", "--port", "{port}", "--log-level", "info"],
    "hypercorn": ["hypercorn", "--workers", "0", "--bind", "127.0.0.1:{port}"],
}


class SiteProcess:
    """A running site."""

    def __init__(self, server: str, site: str, settings: Settings, log: Path) -> None:
        self.port = free_port()
        self.log = log
        command = [word.format(port=self.port) for word in SERVERS[server]]
        environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(settings.data_dir),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "PYTHONUNBUFFERED": "1",
        }
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-X", "dev", "-m", *command, f"tests.support.sites.{site}:app"],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What it wrote so far."""
        return self.log.read_text(errors="replace")

    def answers(self) -> bool:
        """True once the site's own page is there."""
        assert self._process.poll() is None, self.output
        try:
            return httpx.get(self.url, trust_env=False).text.strip('"') == "the site"
        except httpx.TransportError:
            return False

    def ask_to_end(self) -> None:
        """SIGTERM."""
        self._process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """Its exit code. Fails when it does not end."""
        return self._process.wait(END_SECONDS)

    def kill(self) -> None:
        """End it, however it is."""
        self._process.kill()
        self._process.wait()


@contextmanager
def site_process(server: str, site: str, settings: Settings, log: Path) -> Iterator[SiteProcess]:
    """A site that answers, for the length of a `with`."""
    process = SiteProcess(server, site, settings, log)
    try:
        eventually(process.answers, within=START_SECONDS)
        yield process
    finally:
        process.kill()
