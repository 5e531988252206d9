"""The relay between a real Valkey, a real store and the hub: whatever is lost on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from headway.broker.changes import channel
from headway.broker.connection import connected
from headway.settings import Settings
from headway.store import Reader
from headway.store.rows import Snapshot
from quart_app.live.backend import Backend, running
from quart_app.live.relay import RedisLink
from quart_app.live.subscription import PROBE
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH
from tests.support.muting_proxy import muting_proxy
from tests.support.stages import FRAME_SECONDS, resynced, told
from tests.support.valkey import Valkey
from tests.support.waiting import eventually_async


@pytest_asyncio.fixture
async def parts(store: Settings) -> AsyncIterator[Backend]:
    """The parts of a web process, once changes are pushed."""
    async with running(store) as made:
        await eventually_async(lambda: made.relay.redis_link is RedisLink.LIVE)
        yield made


@ON_BOTH
async def test_a_published_change_is_told_and_moves_the_cursor(parts: Backend, hand: Hand) -> None:
    with parts.hub.watch() as watcher:
        record = hand.create()
        await told(watcher, record)

    assert parts.relay.cursor == record.seq


async def test_changes_out_of_order_are_told_at_once_and_the_cursor_waits_for_the_first(
    parts: Backend, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quart_app.live.relay.SETTLING_SECONDS", 60)
    monkeypatch.setattr("quart_app.live.relay.TAIL_SECONDS", 60)
    with parts.hub.watch() as watcher:
        before = hand.create()
        await told(watcher, before)
        first, second = hand.create(publish=False), hand.create()
        seen = await told(watcher, second)
        waiting = parts.relay.cursor
        hand.publisher.publish(hand.store.epoch, first)
        seen += await told(watcher, first)

    assert waiting == before.seq
    assert seen == [(second.id, second.seq), (first.id, first.seq)]
    assert parts.relay.cursor == second.seq


async def test_a_late_change_takes_nobody_back_to_an_older_state(
    parts: Backend, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quart_app.live.relay.SETTLING_SECONDS", 60)
    monkeypatch.setattr("quart_app.live.relay.TAIL_SECONDS", 60)
    with parts.hub.watch() as watcher:
        created = hand.create()
        await told(watcher, created)
        late = hand.start(created, publish=False)
        newer = hand.change(late, progress=50.0)
        await told(watcher, newer)
        hand.publisher.publish(hand.store.epoch, late)
        seen = await told(watcher, hand.create())

    assert late.id not in {job for job, _ in seen}
    assert parts.relay.cursor == newer.seq + 1


@ON_BOTH
async def test_a_change_whose_message_was_lost_is_read_from_the_store(
    parts: Backend, hand: Hand
) -> None:
    with parts.hub.watch() as watcher:
        lost = hand.create(publish=False)
        hand.create()
        await told(watcher, lost)


@ON_BOTH
async def test_a_last_change_whose_message_was_lost_is_told_too(parts: Backend, hand: Hand) -> None:
    with parts.hub.watch() as watcher:
        lost = hand.create(publish=False)
        await told(watcher, lost)


async def test_a_job_that_cannot_be_told_silences_no_other(
    parts: Backend, store: Settings, hand: Hand
) -> None:
    with parts.hub.watch() as watcher:
        odd = hand.create(publish=False)
        behind.run(store, "UPDATE jobs SET step = x'01' WHERE id = ?", odd.id)
        after = hand.create(publish=False)
        await told(watcher, after)

    assert parts.relay.cursor == after.seq


@ON_BOTH
async def test_more_changes_than_one_catch_up_takes_make_everybody_begin_anew(
    parts: Backend, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quart_app.live.relay.CATCH_UP_ROWS", 3)
    with parts.hub.watch() as watcher:
        for _ in range(5):
            last = hand.create(publish=False)
        await resynced(watcher)

    await eventually_async(lambda: parts.relay.cursor == last.seq)


async def test_a_change_that_never_was_is_asked_after_once_only(
    parts: Backend, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    unwatched = Reader.changes_since

    async def watched(self: Reader, seq: int) -> Snapshot:
        reads.append(seq)
        return await unwatched(self, seq)

    monkeypatch.setattr("quart_app.live.relay.TAIL_SECONDS", 60)
    monkeypatch.setattr("quart_app.live.relay.SETTLING_SECONDS", 0)
    with parts.hub.watch() as watcher:
        true = hand.create()
        await told(watcher, true)
        monkeypatch.setattr(Reader, "changes_since", watched)
        hand.publisher.publish(hand.store.epoch, replace(true, id="none", seq=true.seq + 10**6))
        await eventually_async(lambda: reads)
        for _ in range(3):
            await told(watcher, hand.create())

    assert reads == [true.seq]


async def test_a_connection_that_is_cut_is_made_again_and_nothing_is_lost(
    parts: Backend, hand: Hand
) -> None:
    with parts.hub.watch() as watcher, connected(parts.settings.redis_url) as redis:
        assert redis.client_kill_filter(_type="pubsub") == 1
        lost = hand.create()
        await told(watcher, lost)
        await eventually_async(lambda: len(redis.client_list(_type="pubsub")) == 1)
        await eventually_async(lambda: parts.relay.redis_link is RedisLink.LIVE)
        await told(watcher, hand.create())


async def test_a_frozen_redis_is_away_and_the_store_is_read_until_it_is_back(
    parts: Backend, hand: Hand, valkey: Valkey
) -> None:
    with parts.hub.watch("a-job") as stranger, parts.hub.watch() as watcher:
        valkey.freeze()
        await eventually_async(lambda: parts.relay.redis_link is RedisLink.AWAY)
        meanwhile = hand.create(publish=False)
        await told(watcher, meanwhile)
        frame = await stranger.frame(FRAME_SECONDS)
        valkey.thaw()
        await eventually_async(lambda: parts.relay.redis_link is RedisLink.LIVE)
        await told(watcher, hand.create())

    assert frame is not None
    assert b"away" in frame.notices["relay"]


async def test_a_subscription_that_falls_silent_is_made_anew(
    store: Settings, hand: Hand, valkey: Valkey
) -> None:
    async with muting_proxy(valkey.port) as proxy:
        through = store.model_copy(update={"redis_url": proxy.url})
        async with running(through) as parts:
            await eventually_async(lambda: parts.relay.redis_link is RedisLink.LIVE)
            proxy.muted = True
            await eventually_async(lambda: parts.relay.redis_link is RedisLink.AWAY)
            proxy.muted = False
            await eventually_async(lambda: parts.relay.redis_link is RedisLink.LIVE)
            with parts.hub.watch() as watcher:
                await told(watcher, hand.create())


async def test_a_redis_that_was_down_is_found_again(
    parts: Backend, hand: Hand, valkey: Valkey
) -> None:
    with parts.hub.watch() as watcher:
        valkey.stop()
        await eventually_async(lambda: parts.relay.redis_link is RedisLink.AWAY)
        await told(watcher, hand.create())
        valkey.start()
        await eventually_async(lambda: parts.relay.redis_link is RedisLink.LIVE)
        await told(watcher, hand.create())


async def test_a_web_process_starts_without_redis(store: Settings, hand: Hand) -> None:
    away = store.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    async with running(away) as parts:
        with parts.hub.watch() as watcher:
            await told(watcher, hand.create())
        assert parts.relay.redis_link is RedisLink.AWAY


async def test_garbage_on_the_channel_is_passed_over(parts: Backend, hand: Hand) -> None:
    garbage = [b"", b"c", b"c{", b"c[]", b'c{"seq": 1}', b"x{}", b"\xff\xfe", b"p", b"pforeign",
               b'c{"seq": "many", "id": "a"}', b'c{"seq": null, "id": "a"}',
               b"c" + b"[" * 100_000]  # fmt: skip
    with parts.hub.watch() as watcher, connected(parts.settings.redis_url) as redis:
        for message in garbage:
            redis.publish(channel(parts.relay.epoch), message)
        await told(watcher, hand.create())

    assert parts.relay.redis_link is RedisLink.LIVE
    assert not parts.hub.closed


async def test_the_relay_sends_probes_of_its_own_and_hears_them(parts: Backend) -> None:
    with connected(parts.settings.redis_url) as redis, redis.pubsub() as listening:  # type: ignore[no-untyped-call]  # redis-py
        listening.subscribe(channel(parts.relay.epoch))

        def probes() -> list[bytes]:
            message = listening.get_message(ignore_subscribe_messages=True)
            if message is not None and message["data"].startswith(PROBE):
                heard.append(message["data"])
            return heard[1:]

        heard: list[bytes] = []
        await eventually_async(probes)

    assert heard[0] != heard[1]
    assert parts.relay.redis_link is RedisLink.LIVE


@ON_BOTH
async def test_another_store_in_the_place_of_the_first_makes_everybody_begin_anew(
    parts: Backend, store: Settings, hand: Hand
) -> None:
    hand.create()
    await eventually_async(lambda: parts.relay.cursor == 1)
    with parts.hub.watch() as watcher:
        behind.run(store, "UPDATE counter SET epoch = 'another', seq = 0")
        await resynced(watcher)
        record = hand.create()
        await told(watcher, record)

    assert parts.relay.epoch == hand.store.epoch == "another"
    await eventually_async(lambda: _hears(store))
    await eventually_async(lambda: parts.relay.redis_link is RedisLink.LIVE)


def _hears(store: Settings) -> bool:
    with connected(store.redis_url) as redis:
        return bool(redis.pubsub_numsub(channel("another"))[0][1])


@ON_BOTH
async def test_a_store_that_cannot_be_read_for_a_while_delays_and_loses_nothing(
    parts: Backend, store: Settings, hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    with parts.hub.watch() as watcher:
        lost = hand.create(publish=False)
        behind.run(store, "ALTER TABLE counter RENAME TO moved")
        await eventually_async(lambda: "cannot be read" in caplog.text)
        behind.run(store, "ALTER TABLE moved RENAME TO counter")
        await told(watcher, lost)
