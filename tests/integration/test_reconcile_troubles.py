"""A duty of the reconciler that goes wrong is told once, and the others are done all the same."""

from __future__ import annotations

import logging

import pytest

from headway.maintenance.dead_workers import Rescuer
from headway.maintenance.reconciler import Reconciler
from headway.model.record import Status
from headway.store import sweeps
from tests.support.by_hand import Hand

LONG_AGO = "2020-01-01T00:00:00.000000Z"


def test_a_duty_that_goes_wrong_stops_no_other_and_is_told_once(
    hand: Hand,
    reconciler: Reconciler,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    due = hand.create(status=Status.SCHEDULED, run_at=LONG_AGO)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as faulty:
        for owner, name in ((Rescuer, "rescue"), (sweeps, "purge_tombstones"), (sweeps, "waiting")):
            faulty.setattr(owner, name, broken)
        for _ in range(3):
            reconciler.round()
    reconciler.round()

    assert hand.in_redis() == [due.id]
    told = [record for record in caplog.records if "a fault of ours" in record.getMessage()]
    assert [record.levelname for record in told] == ["ERROR"] * 3
    assert all(record.exc_info for record in told)
    assert sum("goes on" in record.getMessage() for record in caplog.records) == 3
