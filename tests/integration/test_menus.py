"""What the dashboard offers to narrow its list to."""

from __future__ import annotations

import re

from headway.store import Reader
from quart_app.live.system_status import MOST_NAMES
from quart_app.pages.dashboard import OFFERED
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH

OPTION = re.compile(r"<option(?: value=\"([^\"]*)\")?( selected)?>([^<]*)</option>")


def offered(page: str, menu: str) -> dict[str, bool]:
    """What a menu holds, and which of it is chosen."""
    found = re.search(rf'<select name="{menu}".*?</select>', page, re.DOTALL)
    assert found is not None
    options = OPTION.findall(found.group())[1:]
    return {value or text: bool(selected) for value, selected, text in options}


async def test_the_menus_hold_the_kinds_and_queues_of_jobs_whoever_made_them(
    server: Server, hand: Hand
) -> None:
    for _ in range(3):
        hand.create(kind="plain_app.charge", queue="theirs")
    gone = hand.finish(hand.start(hand.create(kind="plain_app.gone")))
    hand.delete(gone)

    page = (await server.get("/?kind=plain_app.charge&status=queued")).text

    kinds, queues = offered(page, "kind"), offered(page, "queue")
    assert kinds["plain_app.charge"], "the chosen one, which Filter sends again"
    assert [name for name, chosen in kinds.items() if chosen] == ["plain_app.charge"]
    assert "toy.count" in kinds, "known, though no job is of it"
    assert "plain_app.gone" not in kinds
    assert {"theirs", "toys"} <= queues.keys()


async def test_what_is_chosen_is_on_its_menu_though_no_job_has_it(server: Server) -> None:
    page = (await server.get("/?kind=nobody.knows&queue=nowhere")).text

    assert offered(page, "kind")["nobody.knows"]
    assert offered(page, "queue")["nowhere"]


async def test_a_menu_of_thousands_is_bounded_and_holds_the_chosen_one(
    server: Server, hand: Hand
) -> None:
    for number in range(MOST_NAMES + 10):
        hand.create(kind=f"many.{number:04}", publish=False)

    page = (await server.get("/?kind=many.0205")).text

    many = [name for name in offered(page, "kind") if name.startswith("many.")]
    assert len(many) == OFFERED + 1
    assert "many.0205" in many


@ON_BOTH
async def test_names_are_found_by_going_from_one_to_the_next(hand: Hand, reader: Reader) -> None:
    for name in ("b", "a", "c", "b", "a"):
        hand.create(kind=name, queue=f"queue of {name}")

    assert await reader.names("kind", most=10) == ["a", "b", "c"]
    assert await reader.names("kind", most=2) == ["a", "b"]
    assert await reader.names("queue", most=1) == ["queue of a"]


async def test_an_empty_store_has_no_names(reader: Reader) -> None:
    assert await reader.names("kind", most=10) == []


async def test_a_state_that_there_is_not_is_refused_and_nothing_is_done_to_all(
    server: Server, hand: Hand
) -> None:
    job = hand.fail(hand.start(hand.create()))

    page = await server.get("/?status=bogus", headers={"Accept": "text/html"})
    form = {"action": "delete", "all": "1", "confirmed": "1", "status": "bogus"}
    posted = await server.post("/jobs/bulk", data=form)

    assert (page.status_code, posted.status_code) == (422, 422)
    assert "Must be one or more of" in page.text
    assert hand.store.job(job.id)
