"""A search of the list, its counts and the list's stream find the same jobs at every moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from headway.model.record import Record, Status, dumps
from headway.store import JobFilter, Reader
from headway.store.jobs import INDEXED_CHARACTERS
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH
from tests.support.sse_client import listening

# What is searched for at each moment of the life below.
TEXTS = (
    "before it", "first words", "then words", "broken pipe", "toy.count", "portrait", "re", "%",
)  # fmt: skip
# Titles, and what somebody types who looks for them.
LETTERS = [
    ("Straße", ("straße", "STRASSE", "STRAẞE", "Straße")),
    ("ΟΔΟΣ", ("οδος", "οδοσ", "ΟΔΟΣ")),
    ("οδοσήμανση", ("ΟΔΟΣ", "οδος")),
    ("İstanbul", ("istanbul", "İSTANBUL", "i̇stanbul")),
    ("300 \u212a", ("300 k", "300 K", "300 \u212a")),
    ("ÉCOLE", ("école", "ecole", "E\u0301COLE")),
    ("two\nlines", ("two\nlines", "lines\ntoy.count", "lines\r\n")),
]


async def agreed(reader: Reader, text: str) -> set[str]:
    """The jobs that a text finds, by every way of asking."""
    wanted = JobFilter(q=text)
    every = [record.id for record in (await reader.changes_since(0)).records]
    newest = {record.id for record in (await reader.newest(wanted)).records}
    assert await reader.matching(wanted, every) == newest, text
    assert sum((await reader.counts(wanted)).values()) == len(newest), text
    return newest


def life(hand: Hand) -> Iterator[Record]:
    """A job from its creation over a failure and a retry to its end."""
    yield (job := hand.create(title="Portrait", message="Before it begins"))
    yield (job := hand.start(job))
    yield (job := hand.change(job, message="First words"))
    yield (job := hand.change(job, message="Then words"))
    yield (job := hand.fail(job, "broken pipe"))
    following = hand.store.next_attempt(job, frozenset({Status.FAILED}))
    assert following is not None
    yield following
    yield (job := hand.start(following))
    yield (job := hand.change(job, message="First words again, 50%"))
    yield hand.finish(job)


@ON_BOTH
async def test_a_text_finds_the_same_at_every_moment_of_a_job(hand: Hand, reader: Reader) -> None:
    hand.create(title="Another")
    for job in life(hand):
        said = [job.title, job.kind, dumps(job.params), job.message]
        if job.error is not None:
            said.append(job.error.message)
        for text in TEXTS:
            is_said = any(text in part.lower() for part in said)
            assert (job.id in await agreed(reader, text)) == is_said, (job.status, text)


@ON_BOTH
@pytest.mark.parametrize(("title", "texts"), LETTERS)
async def test_letters_of_every_alphabet_are_the_same_to_the_list_and_its_stream(
    hand: Hand, reader: Reader, title: str, texts: tuple[str, ...]
) -> None:
    hand.create(title=title)
    hand.finish(hand.start(hand.create(title=title)))

    for text in texts:
        await agreed(reader, text)


@ON_BOTH
async def test_what_lies_deep_in_long_parameters_is_the_same_to_both(
    hand: Hand, reader: Reader
) -> None:
    hand.create(params={"text": "x" * INDEXED_CHARACTERS + " deep down"})

    await agreed(reader, "deep down")


async def test_a_retried_job_leaves_the_search_for_its_error(server: Server, hand: Hand) -> None:
    failed = hand.fail(hand.start(hand.create()), "broken pipe")
    async with listening(server, "/api/events?q=broken+pipe") as stream:
        snapshot = (await stream.next("snapshot")).data
        await server.post(f"/api/jobs/{failed.id}/retry")
        got = await stream.next("job", "gone")
    listed = (await server.get("/api/jobs?q=broken+pipe")).json()["jobs"]

    assert [job["id"] for job in snapshot["jobs"]] == [failed.id]
    assert (got.name, got.data) == ("gone", {"id": failed.id})
    assert listed == []
