"""Deaths: processes are killed, leave, use up their memory or their time; the record tells it."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

from headway.broker.connection import connected
from headway.broker.queues import listed
from headway.model.record import seconds_of
from tests.support.chaos_kinds import QUEUE
from tests.support.chaos_memory import memory_limited
from tests.support.chaos_scene import WORKERS, Scene, kill
from tests.support.waiting import eventually

# Seconds to a final record after the work-horse was killed.
TOLD_SECONDS = 1.0
# Seconds after which a job whose worker died as well is over or runs again, counted from when
# the worker was started again.
NOTICED_SECONDS = 25.0
# Seconds after which a job that was lost on its way to a work-horse runs.
RESUMED_SECONDS = 30.0
# More than all workers need together, and soon taken, in bytes.
MEMORY_BYTES = 800 * 1024 * 1024


def test_a_killed_work_horse_is_told_with_its_signal_within_a_second(scene: Scene) -> None:
    job = scene.submit(seconds=60, brood=True)
    watcher = scene.audience.at_a_job(job)
    horse = scene.running(job)

    killed_at = time.time()
    kill(horse.pid)
    end = scene.ended(job)

    assert end["status"] == "failed"
    assert "SIGKILL" in end["error"]["message"]
    assert seconds_of(end["ended_at"]) - killed_at < TOLD_SECONDS
    eventually(lambda: watcher.over, within=TOLD_SECONDS)


def test_a_worker_killed_with_its_job_loses_neither_the_job_nor_the_truth(scene: Scene) -> None:
    once = scene.submit(seconds=60, brood=True)
    again = scene.submit("chaos.persist", seconds=3, says=5)
    horses = [scene.running(once), scene.running(again)]

    # Of one only the worker is killed: its horse must not live on. Of the other all is.
    kill(psutil.Process(horses[0].pid).ppid())
    supervisor = scene.supervisor_of(horses[1].pid)
    scene.kill(supervisor)
    supervisor.start()
    restarted_at = time.time()

    end = scene.ended(once, NOTICED_SECONDS)
    assert (end["status"], end["error"]["type"]) == ("failed", "WorkerLost")
    assert scene.begun(again, 2, within=NOTICED_SECONDS).at - restarted_at < NOTICED_SECONDS
    assert scene.ended(again)["result"] == {"says": 5}


def test_a_job_between_the_list_and_a_work_horse_is_not_lost_with_its_worker(
    scene: Scene,
) -> None:
    # Redis hands a job to a worker that waits, be it frozen or not.
    pids = [worker["pid"] for worker in scene.workers()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        jobs = [scene.submit(seconds=0, says=number) for number in range(WORKERS)]
        with connected(scene.system.redis_url) as redis:
            eventually(lambda: listed(redis, QUEUE)[1])
    finally:
        for pid in pids:
            kill(pid)

    for number, job in enumerate(jobs):
        scene.begun(job, within=RESUMED_SECONDS)
        assert scene.ended(job)["result"] == {"says": number}


def test_a_job_that_takes_too_much_memory_dies_alone_and_its_record_tells(scene: Scene) -> None:
    processes = [each for supervisor in scene.supervisors for each in supervisor.family()]
    bystander = scene.submit(seconds=3, says=6)
    scene.running(bystander)
    try:
        with memory_limited(processes, MEMORY_BYTES):
            end = scene.ended(scene.submit("chaos.hoard"))
    except OSError as error:
        pytest.skip(f"no control group with a memory limit can be made here: {error}")

    assert (end["status"], end["error"]["type"]) == ("failed", "OutOfMemory"), end["error"]
    assert scene.ended(bystander)["result"] == {"says": 6}
    assert {process.pid for process in processes} <= set(psutil.pids())


def test_a_job_out_of_time_is_ended_even_if_it_does_not_listen_and_no_other_is(
    scene: Scene,
) -> None:
    polite, deaf = scene.submit("chaos.hurry", seconds=60), scene.submit("chaos.deaf", seconds=60)
    leaving, quick = scene.submit("chaos.leave"), scene.submit("chaos.hurry", seconds=1.5, says=1)

    assert scene.ended(quick)["result"] == {"says": 1}
    assert scene.ended(leaving)["error"]["type"] == "Exited"
    for job in (polite, deaf):
        end = scene.ended(job)
        assert (end["status"], end["error"]["type"]) == ("failed", "TimedOut")


def test_everything_killed_at_once_is_everything_resumed(scene: Scene) -> None:
    done = scene.submit(seconds=0, says=0)
    scene.ended(done)
    running = [scene.submit(kind, seconds=2) for kind in ("chaos.work", "chaos.persist")]
    for job in running:
        scene.running(job)
    third = scene.submit("chaos.persist", seconds=2)
    scene.running(third)
    waiting = [scene.submit(seconds=0.1, says=number) for number in range(10)]

    scene.system.kill_everything()
    scene.system.start()

    ends = [scene.ended(job)["status"] for job in (*running, third)]
    assert ends == ["failed", "finished", "finished"]
    assert [scene.ended(job)["result"] for job in waiting] == [{"says": n} for n in range(10)]
    assert scene.system.job(done)["attempt"] == 1
