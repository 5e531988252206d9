"""The order in which changes are known, whatever order they come in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headway.model.record import Status
from quart_app.live.event import Event
from quart_app.live.relay import GapTracker

# Which of three jobs each change is of; the change's number is its place, from 1 on.
CHANGES = st.lists(st.sampled_from("abc"), min_size=1, max_size=12)


def event(seq: int, job: str = "a") -> Event:
    return Event(job, seq, "kind", "queue", None, Status.STARTED, False, 0, b"{}")


def heard(gaps: GapTracker, change: Event) -> bool:
    """Whether it was news; it is known then."""
    news = gaps.is_news(change)
    gaps.note(change)
    return news


@given(CHANGES, st.data())
def test_no_job_goes_back_and_each_newest_change_is_news(
    jobs: list[str], data: st.DataObject
) -> None:
    changes = [event(seq, job) for seq, job in enumerate(jobs, start=1)]
    twice = data.draw(st.permutations([*changes, *changes]))
    gaps = GapTracker()

    news = [change for change in twice if heard(gaps, change)]

    assert gaps.cursor == len(changes)
    assert not gaps.ahead
    for job in set(jobs):
        of_job = [change.seq for change in news if change.id == job]
        assert of_job == sorted(set(of_job))
        assert of_job[-1] == max(change.seq for change in changes if change.id == job)


def test_the_cursor_waits_for_the_first_of_two_changes() -> None:
    gaps = GapTracker()
    gaps.begin(6)

    assert heard(gaps, event(8, "b"))
    assert (gaps.cursor, gaps.ahead) == (6, {8})
    assert heard(gaps, event(7, "a"))
    assert (gaps.cursor, gaps.ahead) == (8, set())


def test_what_no_store_knows_is_not_waited_for() -> None:
    gaps = GapTracker()
    heard(gaps, event(1000))

    gaps.forget(gaps.ahead)

    assert not gaps.ahead
    assert heard(gaps, event(1))


def test_too_many_early_changes_are_not_remembered() -> None:
    gaps = GapTracker(most_ahead=3)
    for seq in range(2, 7):
        heard(gaps, event(seq))

    assert len(gaps.ahead) <= 3


def test_another_store_is_counted_from_its_own_number() -> None:
    gaps = GapTracker()
    heard(gaps, event(5))

    gaps.begin(2)

    assert (gaps.cursor, gaps.ahead) == (2, set())
    assert heard(gaps, event(3))
