"""A bad network between the parts, and between people and the web: everybody learns the truth."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chaos_network import Network
from tests.support.chaos_outages import let_it_last
from tests.support.chaos_proxy import Fault
from tests.support.chaos_scene import Scene, staged
from tests.support.system import System

# Jobs submitted at a time: more than the workers can run at once.
JOBS = 6
# Each fault lasts so long, in seconds: long enough for time limits on the way to strike.
FAULT_SECONDS = 2.0
# At random it changes quicker, so many times.
CHANGE_SECONDS = (0.2, 1.5)
CHANGES = 10


@pytest.fixture(scope="module")
def network_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[System, Network]]:
    """A system that is not started yet, and its network."""
    folder: Path = tmp_path_factory.mktemp("network")
    system = System(folder)
    with Network(system) as network:
        yield system, network


@pytest.fixture(scope="module")
def network(network_of: tuple[System, Network]) -> Network:
    """The network between the parts of the scene."""
    return network_of[1]


@pytest.fixture(scope="module")
def stage(network_of: tuple[System, Network]) -> Iterator[Scene]:
    """The scene, its parts connected by the network."""
    with staged(*network_of) as scene:
        yield scene


def test_every_job_ends_and_everybody_hears_of_it_after_each_fault_on_every_way(
    scene: Scene, network: Network
) -> None:
    jobs: list[str] = []
    for fault in (Fault.DELAY, Fault.BLACKHOLE, Fault.RESET, Fault.HALF_CLOSE):
        jobs += _submit_watched(scene, len(jobs))
        network.suffer(fault)
        let_it_last(FAULT_SECONDS)
    network.suffer(Fault.NONE)

    _all_told(scene, jobs)


def test_every_job_ends_and_everybody_hears_of_it_after_faults_at_random(
    scene: Scene, network: Network, chaos_seed: int
) -> None:
    dice = random.Random(chaos_seed)
    jobs = _submit_watched(scene, 0) + _submit_watched(scene, JOBS)

    for _ in range(CHANGES):
        dice.choice(network.ways).switch(dice.choice(list(Fault)))
        let_it_last(dice.uniform(*CHANGE_SECONDS))
    network.suffer(Fault.NONE)

    _all_told(scene, jobs)


def _submit_watched(scene: Scene, first: int) -> list[str]:
    jobs = [scene.submit(seconds=0.3, says=first + number) for number in range(JOBS)]
    for job in jobs:
        scene.audience.at_a_job(job)
    return jobs


def _all_told(scene: Scene, jobs: list[str]) -> None:
    # That everybody shows them is claimed of every scene.
    for number, job in enumerate(jobs):
        end = scene.ended(job)
        assert end["result"] == {"says": number}, end["error"]
