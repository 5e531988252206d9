"""Everything at once, at random but repeatable: `pytest --chaos-minutes N --chaos-seed N`."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.support.chaos_load import Load
from tests.support.chaos_network import Network
from tests.support.chaos_outages import let_it_last
from tests.support.chaos_scene import staged, watched
from tests.support.chaos_storm import Storm
from tests.support.system import System

JOBS_A_SECOND = 5.0
# Seconds between two bad things.
LULL_SECONDS = (0.2, 2.5)


def test_whatever_happens_every_job_ends_and_every_record_is_true(
    tmp_path: Path, chaos_seconds: float, chaos_seed: int, chaos_store: dict[str, str]
) -> None:
    dice = random.Random(chaos_seed)
    system = System(tmp_path, **chaos_store)
    with Network(system) as network, staged(system, network) as stage, watched(stage) as scene:
        storm = Storm(scene, network, dice)
        over = time.monotonic() + chaos_seconds

        with Load(system.port, str(scene.trail), dice, JOBS_A_SECOND) as load:
            while time.monotonic() < over:
                storm.blow()
                let_it_last(dice.uniform(*LULL_SECONDS))
        storm.calm()

        scene.accepted += load.accepted
        assert load.accepted, f"{storm.deeds}"
        print(f"{len(load.accepted)} jobs accepted; {dict(storm.deeds)}")
