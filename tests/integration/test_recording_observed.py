"""Sentry and OpenTelemetry see what they saw without Headway, and the jobs are recorded."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from rq import Queue

from headway.model.record import Status
from headway.settings import Settings
from tests.support import behind
from tests.support import rq_application as application
from tests.support.by_hand import Hand
from tests.support.rq_versions import INSTALL_SECONDS, with_headway

ROOT = Path(__file__).parents[2]
# The newest RQ that the last of these works with, Headway or not.
VERSION = "2.12.0"
PACKAGES = (
    "sentry-sdk==2.75.0",
    "opentelemetry-sdk==1.45.2",
    "opentelemetry-instrumentation-rq==0.1.4",
)
LONGEST_SECONDS = 60

# What both saw of the jobs that a worker of some class ran, recorded before, after or not at all.
Observed = Callable[[str, str], dict[str, list[str]]]

pytestmark = pytest.mark.timeout(INSTALL_SECONDS)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The application's Python, and its variables."""
    python, variables = with_headway(VERSION, tmp_path_factory.mktemp("wheel"), *PACKAGES)
    return python / "bin" / "python", variables


@pytest.fixture
def observed(
    installed: tuple[Path, dict[str, str]], store: Settings, hand: Hand, tmp_path: Path
) -> Observed:
    """Have a worker run a job that does well and one that fails; returns what both see of them."""
    python, variables = installed
    queue = Queue("app", connection=hand.client.redis)

    def run(worker_class: str, recorded: str) -> dict[str, list[str]]:
        queue.enqueue(application.add, 2, b=3, job_id=f"good-{recorded}")
        queue.enqueue(application.fail, job_id=f"bad-{recorded}")
        sentry, spans = tmp_path / f"sentry-{recorded}", tmp_path / f"spans-{recorded}"
        store_and_code = {"DATA_DIR": str(store.data_dir), "PYTHONPATH": str(ROOT)}
        said = {"SENTRY_FILE": str(sentry), "SPANS_FILE": str(spans), "RECORDED": recorded}
        options = ("-u", store.redis_url, "-c", "tests.support.rq_observed", "-w", worker_class)
        done = subprocess.run(
            [str(python), "-m", "rq.cli", "worker", *options, "--burst", "app"],
            env=variables | store_and_code | said,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        events = [json.loads(line) for line in sentry.read_text().splitlines()]
        return {
            "errors": sorted(error for event in events for error in event["errors"]),
            "transactions": sorted(str(event["transaction"]) for event in events),
            "spans": sorted(spans.read_text().splitlines()),
        }

    return run


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("worker_class", ["rq.Worker", "rq.SimpleWorker"])
def test_both_see_what_they_saw_without_it_and_the_jobs_are_recorded(
    store: Settings, hand: Hand, observed: Observed, worker_class: str, order: str
) -> None:
    usual = observed(worker_class, "")
    assert usual["errors"] == ["not today"]
    assert "perform" in usual["spans"]

    seen = observed(worker_class, order)

    assert seen == usual
    good, bad = (hand.store.job(f"{name}-{order}") for name in ("good", "bad"))
    assert (good.status, good.result) == (Status.FINISHED, 5)
    assert behind.log_of(store, good.id) == ["adding 2 and 3"]
    assert bad.error is not None
    assert (bad.status, bad.error.message) == (Status.FAILED, "not today")


def test_headways_own_worker_is_seen_as_rqs_is(hand: Hand, observed: Observed) -> None:
    usual = observed("rq.Worker", "")

    seen = observed("headway.Worker", "after")

    assert seen == usual
    assert hand.store.job("bad-after").status == Status.FAILED
