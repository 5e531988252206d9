"""A form that cannot be used comes back with every error at its field, at once."""

from __future__ import annotations

import re

import pytest

from tests.support.app_server import Server

FORM = "/jobs/new?kind=toy.nested"


async def test_what_cannot_be_read_and_what_cannot_be_used_are_told_together(
    server: Server,
) -> None:
    answer = await server.post(FORM, data={"rows": "many", "label": "x" * 11})

    assert answer.status_code == 422
    assert "<title>Error: New job" in answer.text
    for field in ("rows", "label"):
        assert f'id="wrong-{field}"' in answer.text


async def test_an_error_within_a_field_is_told_at_that_field(server: Server) -> None:
    answer = await server.post(FORM, data={"rows": "1", "options": '{"depth": "deep"}'})

    assert answer.status_code == 422
    assert 'id="wrong-options">depth: ' in answer.text
    assert "1 thing" not in answer.text


@pytest.mark.parametrize(
    ("field", "text"), [("share", "nan"), ("share", "1e999"), ("options", "[" * 100_000)]
)
async def test_what_no_json_can_say_is_told_at_its_field(
    server: Server, field: str, text: str
) -> None:
    answer = await server.post(FORM, data={field: text})

    assert answer.status_code == 422
    assert f'id="wrong-{field}"' in answer.text


EMPTY, CUT_OFF = (
    b"--cut--",
    b'--cut\r\nContent-Disposition: form-data; name="rows"\r\n\r\n7\r\n--cut',
)
NO_FORMS = [
    (b'{"rows": 7}', "application/json", 415),
    (b"rows=7", "text/plain", 415),
    (b"rows=7", "", 415),
    (b"", "", 415),
    (b"", "application/x-www-form-urlencoded", 400),
    (b"rows=\xff", "application/x-www-form-urlencoded", 400),
    (CUT_OFF, "multipart/form-data", 400),
    (CUT_OFF, "multipart/form-data; boundary=cut", 400),
    (CUT_OFF, "multipart/form-data; boundary=other", 400),
    (EMPTY, "multipart/form-data; boundary=cut", 400),
]


@pytest.mark.parametrize(("body", "media_type", "status"), NO_FORMS)
@pytest.mark.parametrize("path", [FORM, "/characters/new", "/stories", "/jobs/bulk"])
async def test_a_body_that_is_no_form_starts_nothing(
    server: Server, path: str, body: bytes, media_type: str, status: int
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    answer = await server.post(path, content=body, headers=headers)
    page = await server.post(path, content=body, headers=headers | {"Accept": "text/html"})

    assert (answer.status_code, page.status_code) == (status, status)
    assert "form" in answer.json()["detail"]
    assert answer.json()["detail"] in page.text
    assert (await server.get("/api/jobs")).json()["jobs"] == []


async def test_a_form_in_parts_starts_its_job(server: Server) -> None:
    fields = {"rows": (None, "7"), "label": (None, "in parts")}

    answer = await server.post(FORM, files=fields)

    assert answer.status_code == 303
    record = (await server.get(f"/api{answer.headers['Location']}")).json()
    assert (record["params"]["rows"], record["params"]["label"]) == (7, "in parts")


async def test_a_box_that_was_unticked_stays_so(server: Server) -> None:
    fresh = await server.get(FORM)
    unticked = await server.post(FORM, data={"rows": "many"})
    ticked = await server.post(FORM, data={"rows": "many", "strict": "true"})

    assert [_ticked(each.text) for each in (fresh, unticked, ticked)] == [True, False, True]


def _ticked(page: str) -> bool:
    box = re.search(r'<input type="checkbox" id="strict"[^>]*>', page)
    assert box
    return " checked" in box[0]


async def test_a_photo_that_is_lost_with_another_error_is_asked_for_again(server: Server) -> None:
    photo = {"reference_photo": ("ada.png", b"\x89PNG\r\n\x1a\n")}

    with_it = await server.post("/characters/new", data={"name": " ", "age": "36"}, files=photo)
    without = await server.post("/characters/new", data={"name": " ", "age": "36"})

    assert with_it.status_code == without.status_code == 422
    assert "Choose the photo once more" in with_it.text
    assert "Choose the photo once more" not in without.text
    assert 'value="36"' in with_it.text
