"""The order in which changes are known, whatever order they come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.model.record import Status
from quart_app.live import order as order_module
from quart_app.live.event import Event
from quart_app.live.order import Order

# Which of three jobs each change is of; the change's number is its place, from 1 on.
CHANGES = st.lists(st.sampled_from("abc"), min_size=1, max_size=12)


def event(seq: int, job: str = "a") -> Event:
    return Event(job, seq, "kind", "queue", None, Status.STARTED, False, 0, b"{}")


def heard(order: Order, change: Event) -> bool:
    """Whether it was news; it is known then."""
    news = order.is_news(change)
    order.note(change)
    return news


@given(CHANGES, st.data())
def test_no_job_goes_back_and_each_newest_change_is_news(
    jobs: list[str], data: st.DataObject
) -> None:
    changes = [event(seq, job) for seq, job in enumerate(jobs, start=1)]
    twice = data.draw(st.permutations([*changes, *changes]))
    order = Order()

    news = [change for change in twice if heard(order, change)]

    assert order.cursor == len(changes)
    assert not order.gap
    for job in set(jobs):
        told = [change.seq for change in news if change.id == job]
        assert told == sorted(set(told))
        assert told[-1] == max(change.seq for change in changes if change.id == job)


def test_the_cursor_waits_for_the_first_of_two_changes() -> None:
    order = Order()
    order.begin(6)

    assert heard(order, event(8, "b"))
    assert (order.cursor, order.gap) == (6, True)
    assert heard(order, event(7, "a"))
    assert (order.cursor, order.gap) == (8, False)


def test_what_no_store_knows_is_not_waited_for() -> None:
    order = Order()
    heard(order, event(1000))

    order.forget(order.ahead())

    assert not order.gap
    assert heard(order, event(1))


def test_too_many_early_changes_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_module, "MOST_AHEAD", 3)
    order = Order()
    for seq in range(2, 7):
        heard(order, event(seq))

    assert len(order.ahead()) <= 3


def test_another_store_is_counted_from_its_own_number() -> None:
    order = Order()
    heard(order, event(5))

    order.begin(2)

    assert (order.cursor, order.gap) == (2, False)
    assert heard(order, event(3))
