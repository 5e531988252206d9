"""What holds after every chaos, whatever it was; each breach is a sentence."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx

from tests.support.chaos_held import Held, held, more_than
from tests.support.chaos_seqs import seqs_are_contiguous
from tests.support.chaos_trail import FINAL
from tests.support.system import System
from tests.support.system_watchers import JobWatcher, ListWatcher, Watcher
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from tests.support.chaos_scene import Scene

Json = dict[str, Any]

# When for this long, in seconds, no job has come to its end, none will: a job's longest wait for
# its next attempt is shorter.
SETTLE_SECONDS = 45.0
# Then watchers have this long to hear of it, and the web to let go of who left.
HEAR_SECONDS = 5.0
LET_GO_SECONDS = 30.0
PAGE_JOBS = 500
# Jobs of a list's snapshot; who came later knows no older ones.
SNAPSHOT_JOBS = 100


def assert_invariants(scene: Scene) -> None:
    """Wait until everything is at rest, then claim all that has to hold."""
    found = breaches(scene)
    scene.audience.leave()
    assert not found, "\n".join(found)


def assert_let_go(scene: Scene) -> None:
    """Claim that the web holds no more than before anybody came; everybody has left."""
    left: Held = {}

    def let_go() -> bool:
        nonlocal left
        # A moment's look may show the very request that asks; a later one does not.
        left = more_than(scene.at_rest, held(scene.system))
        return not left

    with suppress(AssertionError):  # what is still held then is told by its name
        eventually(let_go, within=LET_GO_SECONDS)
    assert not left, f"still held: {left}"


def breaches(scene: Scene) -> list[str]:
    """Wait until everything is at rest; returns what does not hold then."""
    _settle(scene.system)
    records = all_records(scene.system)
    with suppress(AssertionError):
        eventually(lambda: not untold(scene.audience.watchers, records), within=HEAR_SECONDS)
    return [
        *without_end(scene.accepted, records),
        *contradicted(scene, records),
        *untold(scene.audience.watchers, records),
        *(broken for watcher in scene.audience.watchers for broken in watcher.broken),
        *([] if seqs_are_contiguous(scene.system.settings) else ["the seqs have a gap"]),
        *orphans(scene.system),
    ]


def ongoing(system: System) -> int:
    """How many jobs are not over; also when nobody answers there is at least one."""
    with suppress(httpx.HTTPError):
        answer = system.http.get("/api/counts").raise_for_status().json()
        return sum(count for status, count in answer["counts"].items() if status not in FINAL)
    return 1


def all_records(system: System) -> dict[str, Json]:
    """Every record by its id, as events carry it."""
    found: dict[str, Json] = {}
    address: str | None = f"/api/jobs?limit={PAGE_JOBS}"
    while address:
        page = system.http.get(address).raise_for_status().json()
        found |= {job["id"]: job for job in page["jobs"]}
        address = page["next"]
    return found


def without_end(accepted: list[str], records: dict[str, Json]) -> list[str]:
    """Jobs that were accepted and have no final record."""
    statuses = {job: records[job]["status"] if job in records else "unknown" for job in accepted}
    return [f"job {job} is {s}" for job, s in statuses.items() if s not in FINAL]


def contradicted(scene: Scene, records: dict[str, Json]) -> list[str]:
    """Final records that tell something else than the job did."""
    done = scene.trail.by_job()
    return [
        f"job {job} ({record['status']}, attempt {record['attempt']}): not true that {claim}"
        for job, record in records.items()
        if record["status"] in FINAL and record["kind"].startswith("chaos.")
        for claim in scene.trail.contradictions(record, done.get(job, []))
    ]


def untold(watchers: list[Watcher], records: dict[str, Json]) -> list[str]:
    """Watchers that know something else than the store."""
    return [
        f"{watcher.path} shows {job} as {_brief(shown)}, it is {_brief(right)}"
        for watcher in watchers
        for job, shown, right in _differences(watcher, records)
    ]


def orphans(system: System) -> list[str]:
    """Processes of the system that belong to none of its programs any more."""
    kin = {process.pid for program in system.programs.values() for process in program.family()}
    return [str(process) for process in system.processes() if process.pid not in kin]


def _settle(system: System) -> None:
    left = ongoing(system)

    def some_ended() -> bool:
        return ongoing(system) != left

    with suppress(AssertionError):  # what is not over by then is told by its name
        while left:
            eventually(some_ended, within=SETTLE_SECONDS)
            left = ongoing(system)


def _differences(
    watcher: Watcher, records: dict[str, Json]
) -> list[tuple[str, Json | None, Json | None]]:
    """(job, as it is shown, as it is), where the two differ."""
    if isinstance(watcher, JobWatcher):
        job = watcher.path.split("/")[3]
        shown, right = {job: watcher.state}, {job: records.get(job)}
    else:
        assert isinstance(watcher, ListWatcher)
        newest = sorted(records, reverse=True)[:SNAPSHOT_JOBS]
        shown = dict(watcher.jobs)
        # Every filter used here lets nothing by that is over, and now everything is.
        right = {} if watcher.query else {job: records[job] for job in {*newest, *shown}}
    return [
        (job, shown.get(job), right.get(job))
        for job in {*shown, *right}
        if shown.get(job) != right.get(job)
    ]


def _brief(record: Json | None) -> str:
    return "{status}, attempt {attempt}, seq {seq}".format_map(record) if record else "not there"
