"""A Redis that is there and refuses: people are told what to do, and nothing is lost meanwhile."""

from __future__ import annotations

import html
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from rq.suspension import resume, suspend

from headway.broker.claims import KEY
from headway.broker.connection import connected
from headway.broker.redis_refusals import SUSPENDED, why
from headway.client import new_record
from headway.maintenance.reconciler import Reconciler
from headway.model.record import Status
from headway.settings import Settings
from headway.store import workers
from quart_app.live.relay import RedisLink
from tests.support import behind
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.sse_client import listening
from tests.support.valkey import Valkey
from tests.support.waiting import eventually, eventually_async
from tests.support.worker_process import burst, submit, working

LONG_AGO = "2020-01-01T00:00:00.000000Z"
FULL, REPLICA, DISK, FORBIDDEN = "is full", "is a read-only replica", "to its disk", "this user"
# Long enough for an idle worker to look up, in seconds.
A_LOOK_SECONDS = 6.0


def _replica(connection: Any) -> None:
    connection.execute_command("REPLICAOF", "127.0.0.1", "1")


def _full(connection: Any) -> None:
    connection.config_set("maxmemory", "1")


def _forbidden(connection: Any) -> None:
    connection.execute_command("ACL", "SETUSER", "default", "resetkeys", "~others:*")


def _disk(connection: Any) -> None:
    folder = Path(connection.config_get("dir")["dir"])
    shutil.rmtree(folder)
    connection.config_set("save", "900 1")
    connection.bgsave()
    eventually(lambda: connection.info("persistence")["rdb_last_bgsave_status"] == "err")


TROUBLES = {REPLICA: _replica, FULL: _full, FORBIDDEN: _forbidden, DISK: _disk}


@pytest.fixture
def mended(valkey: Valkey) -> Iterator[Callable[[], None]]:
    """What mends every trouble; done at the test's end in any case."""
    with connected(valkey.url) as opened:
        connection: Any = opened
        folder = Path(connection.config_get("dir")["dir"])

        def mend() -> None:
            folder.mkdir(exist_ok=True)
            connection.execute_command("ACL", "SETUSER", "default", "allkeys")
            connection.config_set("maxmemory", "0")
            connection.config_set("save", "")
            connection.execute_command("REPLICAOF", "NO", "ONE")
            resume(connection)

        yield mend
        mend()


@contextmanager
def troubled(valkey: Valkey, trouble: str) -> Iterator[None]:
    with connected(valkey.url) as opened:
        connection: Any = opened
        TROUBLES[trouble](connection)
    yield


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_the_web_says_what_redis_refuses_and_takes_jobs_all_the_same(
    server: Server, valkey: Valkey, mended: Callable[[], None], trouble: str
) -> None:
    with troubled(valkey, trouble):
        reply = await eventually_ready(server, ready=False)
        record = await server.post("/api/jobs", json={"kind": "toy.count", "params": {}})
        status = (await server.get(record.headers["location"])).json()
        pages = [(await server.get(path)).text for path in ("/", status["links"]["page"])]

    assert reply["redis"] == "refuses"
    assert trouble in reply["reason"]
    assert record.status_code == 202
    assert status["waits_for"] == {"reason": reply["reason"]}
    assert all(reply["reason"] in html.unescape(page) for page in pages)

    mended()
    assert (await eventually_ready(server, ready=True))["reason"] is None


async def test_suspended_workers_are_told_of_and_keep_the_web_ready(
    server: Server, hand: Hand
) -> None:
    hand.heartbeat("a-worker")
    record = hand.create()
    async with listening(server, "/api/events") as stream:
        suspend(hand.client.redis)
        told = await stream.until("relay", reason=SUSPENDED)
        ready = (await server.get("/readyz")).json()
        status = (await server.get(f"/api/jobs/{record.id}")).json()
        resume(hand.client.redis)
        over = await stream.until("relay")

    assert told.data["redis"] == "live"
    assert (ready["ready"], ready["reason"]) == (True, SUSPENDED)
    assert status["waits_for"] == {"reason": SUSPENDED}
    assert over.data == {"redis": "live", "reason": None}


async def test_a_redis_that_is_away_has_its_reason(server: Server, valkey: Valkey) -> None:
    valkey.stop()

    reply = await eventually_ready(server, ready=False)

    assert (reply["redis"], reply["store"]) == ("away", "live")
    assert reply["reason"] == "Redis cannot be reached: start it, or correct REDIS_URL."


async def test_a_queue_that_nobody_serves_says_how_to_start_a_worker(
    server: Server, hand: Hand
) -> None:
    record = hand.create(queue="im ports")
    path, page = f"/api/jobs/{record.id}", f"/jobs/{record.id}"

    nobody = await server.get(path)
    hand.heartbeat("elsewhere", queue="other")
    not_this = (await server.get(path, headers={"If-None-Match": nobody.headers["etag"]})).json()
    shown = html.unescape((await server.get(page)).text)
    queues = (await server.get("/api/queues")).json()["queues"]
    hand.heartbeat("here", queue="im ports")
    served = (await server.get(path)).json()

    reason = "No worker serves the queue im ports: start one with `headway worker 'im ports'`."
    assert nobody.json()["waits_for"] == {
        "reason": "No workers are running: start them with `headway worker`."
    }
    assert not_this["waits_for"] == {"reason": reason}
    assert reason in shown
    assert [(each["workers"], each["waits_for"]) for each in queues] == [(0, {"reason": reason})]
    assert served["waits_for"] is None


@pytest.mark.parametrize("trouble", [FULL])
def test_workers_and_reconciler_outlive_a_redis_that_refuses_and_say_so_once(
    store: Settings,
    hand: Hand,
    valkey: Valkey,
    mended: Callable[[], None],
    *,
    caplog: pytest.LogCaptureFixture,
    trouble: str,
) -> None:
    with Reconciler(store) as reconciler, working(store) as worker:
        first = submit(hand, "toy.count")
        eventually(lambda: hand.store.job(first.id).final)
        with troubled(valkey, trouble):
            waits = submit(hand, "toy.count")
            due = hand.create(status=Status.SCHEDULED, run_at=LONG_AGO)
            for _ in range(3):
                reconciler.round()
            eventually(lambda: trouble in (store.data_dir / "worker.out").read_text())
        mended()
        behind.run(store, "UPDATE jobs SET updated_at = ? WHERE status = 'queued'", LONG_AGO)

        def over() -> bool:
            reconciler.round()
            return all(hand.store.job(each.id).final for each in (waits, due))

        eventually(over, within=20)
        assert worker.is_alive()
    assert (store.data_dir / "worker.out").read_text().count(trouble) == 1
    duty = "looking after jobs that wait"
    said = [each.getMessage() for each in caplog.records if each.name.endswith(".redis_troubles")]
    assert sum(duty in each and trouble in each for each in said) == 1


def test_suspended_workers_take_nothing_live_on_and_go_on_when_resumed(
    store: Settings, hand: Hand, mended: Callable[[], None]
) -> None:
    with working(store):
        eventually(lambda: hand.client.redis.exists(KEY.format(queue="toys")))
        suspend(hand.client.redis)
        record = submit(hand, "toy.count")  # the worker waits for it in Redis already
        eventually(lambda: SUSPENDED in (store.data_dir / "worker.out").read_text(), within=20)
        (before,) = workers.heartbeats(hand.store)
        eventually(lambda: workers.heartbeats(hand.store) != [before], within=A_LOOK_SECONDS)
        assert hand.store.job(record.id).status == Status.QUEUED

        mended()
        eventually(lambda: hand.store.job(record.id).final)


@pytest.mark.parametrize("channels", [("&*",), ("resetchannels",)], ids=["heard", "unheard"])
def test_a_user_with_rqs_keys_and_no_scripts_is_enough(
    store: Settings, hand: Hand, valkey: Valkey, channels: tuple[str, ...]
) -> None:
    rules = ("on", ">secret", "~rq:*", *channels, "+@all", "-@scripting")
    anybody: Any = hand.client.redis
    anybody.execute_command("ACL", "SETUSER", "rq", *rules)
    url = f"redis://rq:secret@127.0.0.1:{valkey.port}/0"
    allowed = store.model_copy(update={"redis_url": url})
    due = hand.create(status=Status.SCHEDULED, run_at=LONG_AGO)

    with Reconciler(allowed) as reconciler, Hand(allowed) as its_hand:
        record = its_hand.client.submit(new_record("toy.count", {}))
        reconciler.round()
        said = burst(allowed)

    for each in (due, record):
        assert hand.store.job(each.id).status == Status.FINISHED
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("redis://:wrong@127.0.0.1:{port}/0", "refuses the password"),
        ("redis://127.0.0.1:{port}/0", "refuses the password"),
        ("redis://127.0.0.1:1/0", "at redis://127.0.0.1:1/0 cannot be reached"),
    ],
)
def test_what_redis_raises_has_a_sentence(
    hand: Hand, valkey: Valkey, url: str, sentence: str
) -> None:
    hand.client.redis.config_set("requirepass", "right")
    address = url.format(port=valkey.port)
    try:
        with connected(address) as connection, pytest.raises(redis.RedisError) as raised:
            connection.ping()
    finally:
        hand.client.redis.config_set("requirepass", "")

    said = why(raised.value, address)
    assert sentence in said
    assert "wrong" not in said


async def eventually_ready(server: Server, *, ready: bool) -> dict[str, Any]:
    """What /readyz says as soon as it says this."""
    relay = server.parts.relay
    await eventually_async(
        lambda: (relay.redis_link is RedisLink.LIVE and relay.hindrance.refusal is None) is ready
    )
    reply = await server.get("/readyz")
    assert reply.status_code == (200 if ready else 503)
    found: dict[str, Any] = reply.json()
    return found


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            redis.BusyLoadingError("Redis is loading the dataset in memory"),
            "Redis is loading its data",
        ),
        (redis.ConnectionError("max number of clients reached"), "raise its maxclients"),
        (redis.ResponseError("NOREPLICAS Not enough good replicas"), "refuses to work: NOREPL"),
        (redis.TimeoutError("Timeout reading from socket"), "Redis does not answer"),
    ],
)
def test_what_else_redis_says_has_a_sentence_too(error: Exception, sentence: str) -> None:
    assert sentence in why(error)
