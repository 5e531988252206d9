"""The relay between a real Valkey, a real store and the hub: whatever is lost on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from headway.broker.changes import channel
from headway.broker.connection import connected
from headway.settings import Settings
from headway.store import Reader
from headway.store.jobs import Snapshot
from quart_app.live.hub import Hub
from quart_app.live.relay import RedisLink, Relay
from quart_app.live.subscription import PROBE
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH
from tests.support.muting_proxy import muting_proxy
from tests.support.stages import FRAME_SECONDS, changes_up_to, relaying, resynced
from tests.support.valkey import Valkey
from tests.support.waiting import eventually_async

# A relay that reads the store for no gap and at no tick.
PATIENT = {"tail_seconds": 60, "settling_seconds": 60}


@pytest.fixture
def options() -> dict[str, Any]:
    """The relay's, so that what is lost is noticed soon; a test may have others."""
    return {"tail_seconds": 0.2, "probe_seconds": 0.5}


@pytest.fixture
def hub() -> Hub:
    """What the relay carries changes to."""
    return Hub()


@pytest_asyncio.fixture
async def relay(store: Settings, hub: Hub, options: dict[str, Any]) -> AsyncIterator[Relay]:
    """A relay, once changes are pushed."""
    async with relaying(store, hub, **options) as made:
        yield made


@ON_BOTH
async def test_a_published_change_is_handed_on_and_moves_the_cursor(
    hub: Hub, relay: Relay, hand: Hand
) -> None:
    with hub.watch() as watcher:
        record = hand.create()
        await changes_up_to(watcher, record)

    assert relay.cursor == record.seq


@pytest.mark.parametrize("options", [PATIENT])
async def test_changes_out_of_order_are_told_at_once_and_the_cursor_waits_for_the_first(
    hub: Hub, relay: Relay, hand: Hand
) -> None:
    with hub.watch() as watcher:
        before = hand.create()
        await changes_up_to(watcher, before)
        first, second = hand.create(publish=False), hand.create()
        seen = await changes_up_to(watcher, second)
        waiting = relay.cursor
        hand.publisher.publish(hand.store.epoch, first)
        seen += await changes_up_to(watcher, first)

    assert waiting == before.seq
    assert seen == [(second.id, second.seq), (first.id, first.seq)]
    assert relay.cursor == second.seq


@pytest.mark.parametrize("options", [PATIENT])
async def test_a_late_change_takes_nobody_back_to_an_older_state(
    hub: Hub, relay: Relay, hand: Hand
) -> None:
    with hub.watch() as watcher:
        created = hand.create()
        await changes_up_to(watcher, created)
        late = hand.start(created, publish=False)
        newer = hand.change(late, progress=50.0)
        await changes_up_to(watcher, newer)
        hand.publisher.publish(hand.store.epoch, late)
        seen = await changes_up_to(watcher, hand.create())

    assert late.id not in {job for job, _ in seen}
    assert relay.cursor == newer.seq + 1


@ON_BOTH
async def test_a_change_whose_message_was_lost_is_read_from_the_store(
    hub: Hub, relay: Relay, hand: Hand
) -> None:
    with hub.watch() as watcher:
        lost = hand.create(publish=False)
        hand.create()
        await changes_up_to(watcher, lost)


@ON_BOTH
async def test_a_last_change_whose_message_was_lost_is_handed_on_too(
    hub: Hub, relay: Relay, hand: Hand
) -> None:
    with hub.watch() as watcher:
        lost = hand.create(publish=False)
        await changes_up_to(watcher, lost)


async def test_a_job_that_cannot_be_shown_silences_no_other(
    hub: Hub, relay: Relay, store: Settings, hand: Hand
) -> None:
    with hub.watch() as watcher:
        odd = hand.create(publish=False)
        behind.run(store, "UPDATE jobs SET step = x'01' WHERE id = ?", odd.id)
        after = hand.create(publish=False)
        await changes_up_to(watcher, after)

    assert relay.cursor == after.seq


@ON_BOTH
@pytest.mark.parametrize("options", [{"catch_up_rows": 3}])
async def test_more_changes_than_one_catch_up_takes_make_everybody_begin_anew(
    hub: Hub, relay: Relay, hand: Hand
) -> None:
    with hub.watch() as watcher:
        for _ in range(5):
            last = hand.create(publish=False)
        await resynced(watcher)

    await eventually_async(lambda: relay.cursor == last.seq)


@pytest.mark.parametrize("options", [{"tail_seconds": 60, "settling_seconds": 0}])
async def test_a_change_that_never_was_is_asked_after_once_only(
    hub: Hub, relay: Relay, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    unwatched = Reader.changes_since

    async def watched(self: Reader, seq: int, most: int) -> Snapshot:
        reads.append(seq)
        return await unwatched(self, seq, most)

    with hub.watch() as watcher:
        true = hand.create()
        await changes_up_to(watcher, true)
        monkeypatch.setattr(Reader, "changes_since", watched)
        hand.publisher.publish(hand.store.epoch, replace(true, id="none", seq=true.seq + 10**6))
        await eventually_async(lambda: reads)
        for _ in range(3):
            await changes_up_to(watcher, hand.create())

    assert reads == [true.seq]


async def test_a_connection_that_is_cut_is_made_again_and_nothing_is_lost(
    hub: Hub, relay: Relay, store: Settings, hand: Hand
) -> None:
    with hub.watch() as watcher, connected(store.redis_url) as redis:
        assert redis.client_kill_filter(_type="pubsub") == 1
        lost = hand.create()
        await changes_up_to(watcher, lost)
        await eventually_async(lambda: len(redis.client_list(_type="pubsub")) == 1)
        await eventually_async(lambda: relay.redis_link is RedisLink.LIVE)
        await changes_up_to(watcher, hand.create())


async def test_a_frozen_redis_is_away_and_the_store_is_read_until_it_is_back(
    hub: Hub, relay: Relay, hand: Hand, valkey: Valkey
) -> None:
    with hub.watch("a-job") as stranger, hub.watch() as watcher:
        valkey.freeze()
        await eventually_async(lambda: relay.redis_link is RedisLink.AWAY)
        meanwhile = hand.create(publish=False)
        await changes_up_to(watcher, meanwhile)
        frame = await stranger.frame(FRAME_SECONDS)
        valkey.thaw()
        await eventually_async(lambda: relay.redis_link is RedisLink.LIVE)
        await changes_up_to(watcher, hand.create())

    assert frame is not None
    assert b"away" in frame.notices["relay"]


async def test_a_subscription_that_falls_silent_is_made_anew(
    store: Settings, hub: Hub, hand: Hand, valkey: Valkey, options: dict[str, Any]
) -> None:
    async with muting_proxy(valkey.port) as proxy:
        through = store.model_copy(update={"redis_url": proxy.url})
        async with relaying(through, hub, **options) as relay:
            proxy.muted = True
            await eventually_async(lambda: relay.redis_link is RedisLink.AWAY)
            proxy.muted = False
            await eventually_async(lambda: relay.redis_link is RedisLink.LIVE)
            with hub.watch() as watcher:
                await changes_up_to(watcher, hand.create())


async def test_a_redis_that_was_down_is_found_again(
    hub: Hub, relay: Relay, hand: Hand, valkey: Valkey
) -> None:
    with hub.watch() as watcher:
        valkey.stop()
        await eventually_async(lambda: relay.redis_link is RedisLink.AWAY)
        await changes_up_to(watcher, hand.create())
        valkey.start()
        await eventually_async(lambda: relay.redis_link is RedisLink.LIVE)
        await changes_up_to(watcher, hand.create())


async def test_a_web_process_starts_without_redis(store: Settings, hub: Hub, hand: Hand) -> None:
    away = store.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    async with relaying(away, hub, live=False) as relay:
        with hub.watch() as watcher:
            await changes_up_to(watcher, hand.create())
        assert relay.redis_link is RedisLink.AWAY


async def test_garbage_on_the_channel_is_passed_over(
    hub: Hub, relay: Relay, store: Settings, hand: Hand
) -> None:
    garbage = [b"", b"c", b"c{", b"c[]", b'c{"seq": 1}', b"x{}", b"\xff\xfe", b"p", b"pforeign",
               b'c{"seq": "many", "id": "a"}', b'c{"seq": null, "id": "a"}',
               b"c" + b"[" * 100_000]  # fmt: skip
    with hub.watch() as watcher, connected(store.redis_url) as redis:
        for message in garbage:
            redis.publish(channel(relay.epoch), message)
        await changes_up_to(watcher, hand.create())

    assert relay.redis_link is RedisLink.LIVE
    assert not hub.closed


async def test_the_relay_sends_probes_of_its_own_and_hears_them(
    hub: Hub, relay: Relay, store: Settings
) -> None:
    with connected(store.redis_url) as redis, redis.pubsub() as listening:  # type: ignore[no-untyped-call]  # redis-py
        listening.subscribe(channel(relay.epoch))

        def probes() -> list[bytes]:
            message = listening.get_message(ignore_subscribe_messages=True)
            if message is not None and message["data"].startswith(PROBE):
                heard.append(message["data"])
            return heard[1:]

        heard: list[bytes] = []
        await eventually_async(probes)

    assert heard[0] != heard[1]
    assert relay.redis_link is RedisLink.LIVE


@ON_BOTH
async def test_another_store_in_the_place_of_the_first_makes_everybody_begin_anew(
    hub: Hub, relay: Relay, store: Settings, hand: Hand
) -> None:
    hand.create()
    await eventually_async(lambda: relay.cursor == 1)
    with hub.watch() as watcher:
        behind.run(store, "UPDATE counter SET epoch = 'another', seq = 0")
        await resynced(watcher)
        record = hand.create()
        await changes_up_to(watcher, record)

    assert relay.epoch == hand.store.epoch == "another"
    await eventually_async(lambda: _hears(store))
    await eventually_async(lambda: relay.redis_link is RedisLink.LIVE)


def _hears(store: Settings) -> bool:
    with connected(store.redis_url) as redis:
        return bool(redis.pubsub_numsub(channel("another"))[0][1])


@ON_BOTH
async def test_a_store_that_cannot_be_read_for_a_while_delays_and_loses_nothing(
    hub: Hub, relay: Relay, store: Settings, hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    with hub.watch() as watcher:
        lost = hand.create(publish=False)
        behind.run(store, "ALTER TABLE counter RENAME TO moved")
        await eventually_async(lambda: "cannot be read" in caplog.text)
        behind.run(store, "ALTER TABLE moved RENAME TO counter")
        await changes_up_to(watcher, lost)
