"""Jobs that an earlier Headway queued run after the upgrade."""

from __future__ import annotations

from rq import Queue
from rq.serializers import JSONSerializer

from headway.broker.queues import EARLIER_WORK
from headway.client import new_record
from headway.model.record import Origin, Status
from headway.settings import Settings
from tests.support.by_hand import Hand
from tests.support.worker_process import burst


def test_a_job_that_was_queued_before_the_upgrade_runs_after_it(
    store: Settings, hand: Hand
) -> None:
    record = hand.store.create(new_record("toy.asynchronous", {"text": "from before"}))
    assert record is not None
    queue = Queue("toys", connection=hand.client.redis, serializer=JSONSerializer)
    queue.enqueue_call(EARLIER_WORK, args=(record.id, record.attempt), job_id=record.id)

    burst(store)

    ended = hand.store.job(record.id)
    assert (ended.status, ended.origin) == (Status.FINISHED, Origin.HEADWAY)
    assert ended.result == "from before"
