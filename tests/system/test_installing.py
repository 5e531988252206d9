"""Headway as a package: built, installed into new environments, and run from elsewhere."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.system import ROOT, START_SECONDS
from tests.support.valkey import Valkey, free_port
from tests.support.waiting import eventually

# Seconds to install everything, where nothing of it is cached.
INSTALL_SECONDS = 300
# An application as most of them are: its jobs are in `jobs.py`.
JOBS = """
from pydantic import BaseModel
from headway import kind, report

class Mails(BaseModel):
    count: int = 1

@kind("mails.send", queue="mails")
def send(params: Mails) -> int:
    return plain(params.count)

def plain(count):
    for number in report.track(range(count), "Sending"):
        print("sent", number)
    return count
"""
ENQUEUE = """
import sys
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
queue = Queue("mails", connection=Redis.from_url(sys.argv[1]), serializer=JSONSerializer)
queue.enqueue("jobs.plain", 3)
"""

pytestmark = pytest.mark.timeout(2 * INSTALL_SECONDS)


@dataclass(frozen=True)
class Built:
    """What `python -m hatchling build` makes of the checkout."""

    wheel: Path
    sdist: Path


@dataclass(frozen=True)
class Environment:
    """A new virtual environment, and a folder to work in that is no checkout."""

    folder: Path
    app: Path

    def run(self, command: str, *words: str) -> str:
        """Run a program of the environment to its end; returns what it said."""
        done = subprocess.run(
            [self.folder / "bin" / command, *words],
            cwd=self.app,
            env=_variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return _build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "jobs.py").write_text(JOBS)
    (folder / "enqueue.py").write_text(ENQUEUE)
    return folder


def test_a_wheel_holds_the_library_and_the_web_side_and_nothing_else(built: Built) -> None:
    names = _contents(built.wheel)

    assert {name.partition("/")[0] for name in names} == {
        "headway",
        "quart_app",
        "headway-0.1.0.dist-info",
    }
    for folder, within in (
        (ROOT / "templates", "templates"),
        (ROOT / "quart_app/static", "static"),
    ):
        files = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        assert files
        assert {f"quart_app/{within}/{path}" for path in files} <= set(names)


def test_the_sdist_builds_the_same_wheel(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.sdist) as archive:
        archive.extractall(tmp_path, filter="data")

    again = _build(tmp_path / "headway-0.1.0", tmp_path / "dist")

    assert _contents(again.wheel) == _contents(built.wheel)


def test_the_base_is_enough_for_a_worker_beside_an_applications_own_jobs(
    built: Built, valkey: Valkey, app: Path, tmp_path: Path
) -> None:
    environment = _installed(tmp_path / "base", f"{built.wheel}", app)
    environment.run("python", "enqueue.py", valkey.url)
    options = ("--redis", valkey.url, "--data-dir", "data", "--kinds", "jobs")

    said = environment.run("headway", "worker", *options, "--burst")

    assert "Workers serve default, mails;" in said
    with closing(sqlite3.connect(app / "data" / "headway.db")) as store:
        rows = store.execute("SELECT status, message, result FROM jobs").fetchall()
    assert rows == [("finished", "Sending", "3")]
    refused = subprocess.run(
        [environment.folder / "bin" / "headway", "web"], capture_output=True, text=True, check=False
    )
    assert refused.stderr == "quart is missing. Install it with pip install 'headway[web]'.\n"


def test_all_of_it_serves_every_page_of_the_navigation(
    built: Built, valkey: Valkey, app: Path, tmp_path: Path
) -> None:
    environment = _installed(tmp_path / "all", f"{built.wheel}[all]", app)
    port = free_port()
    words = ["web", "--redis", valkey.url, "--data-dir", "data", "--port", str(port)]
    with (tmp_path / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [environment.folder / "bin" / "headway", *words],
            cwd=app,
            env=_variables(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            eventually(lambda: _is_ready(http) or web.poll() is not None, within=START_SECONDS)
            assert web.poll() is None, (tmp_path / "web.log").read_text()
            pages, files = _linked(http.get("/").text)
            assert {"/", "/jobs/new"} <= set(pages)
            assert any(name.endswith(".css") for name in files)
            for path in (*pages, *files):
                assert http.get(path).status_code == httpx.codes.OK, path
    finally:
        web.terminate()
        web.wait(START_SECONDS)
    assert web.returncode == 0
    assert "Traceback" not in (tmp_path / "web.log").read_text()


def test_a_checkout_that_is_installed_leaves_an_application_its_own_jobs(
    valkey: Valkey, app: Path
) -> None:
    here = Environment(Path(sys.prefix), app)
    options = ("--redis", valkey.url, "--data-dir", "data", "--kinds", "jobs")

    said = here.run("headway", "worker", *options, "--burst")

    assert "Workers serve default, mails;" in said


def _build(source: Path, target: Path) -> Built:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", target],
        cwd=source,
        capture_output=True,
        timeout=INSTALL_SECONDS,
        check=True,
    )
    return Built(next(target.glob("*.whl")), next(target.glob("*.tar.gz")))


def _contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _installed(folder: Path, what: str, app: Path) -> Environment:
    venv.create(folder, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--no-compile"]
    subprocess.run(
        [*pip, "-c", str(ROOT / "constraints.txt"), what],
        capture_output=True,
        timeout=INSTALL_SECONDS,
        check=True,
    )
    return Environment(folder, app)


def _variables() -> dict[str, str]:
    """This process' environment, without what its own Python is started with."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _is_ready(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _linked(page: str) -> tuple[list[str], list[str]]:
    """The addresses in a page's navigation and footer, and the files that the page loads."""
    links = "".join(re.findall(r"<(?:nav|footer).*?</(?:nav|footer)>", page, re.S))
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    return re.findall(r'href="(/[^"]*)"', links), files
