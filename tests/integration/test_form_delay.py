"""The form that starts a job of any kind: it may be put off."""

from __future__ import annotations

import pytest

from headway.model.record import seconds_of
from tests.support.app_server import Server

FORM = "/jobs/new?kind=toy.count"


async def test_a_job_started_by_form_may_be_put_off_by_minutes(server: Server) -> None:
    answer = await server.post(FORM, data={"to": "3", "delay_minutes": "1.5"})

    record = (await server.get(f"/api{answer.headers['Location']}")).json()
    assert (answer.status_code, record["status"], record["params"]) == (303, "scheduled", {"to": 3})
    assert 80 < seconds_of(record["run_at"]) - seconds_of(record["created_at"]) <= 90


async def test_a_form_without_a_delay_starts_its_job_at_once(server: Server) -> None:
    answer = await server.post(FORM, data={"to": "3", "delay_minutes": ""})

    record = (await server.get(f"/api{answer.headers['Location']}")).json()
    assert (record["status"], record["run_at"]) == ("queued", None)


@pytest.mark.parametrize("minutes", ["-1", "soon", "nan", "inf", "1e9"])
async def test_a_delay_that_is_none_is_told_at_its_field(server: Server, minutes: str) -> None:
    answer = await server.post(FORM, data={"to": "3", "delay_minutes": minutes})

    assert answer.status_code == 422
    assert 'id="wrong-delay_minutes"' in answer.text
    assert f'value="{minutes}"' in answer.text
    assert (await server.get("/api/jobs")).json()["jobs"] == []
