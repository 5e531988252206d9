"""Days, moments and times of day in a kind's form: what is picked is what the kind gets."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Literal

import pytest
from pydantic import AwareDatetime, BaseModel, Field, NaiveDatetime

from headway.kinds.kind import ParamsSchema
from quart_app.pages.kind_form import Field as FormField
from quart_app.pages.kind_form import fields_of, params_from


class When(BaseModel):
    day: date
    moment: datetime
    aware: AwareDatetime
    naive: NaiveDatetime
    clock: time


PICKED = {
    "day": "2026-01-31",
    "moment": "2026-01-31T12:00",
    "aware": "2026-01-31T12:00:30",
    "naive": "2026-01-31T12:00",
    "clock": "08:30",
}


def form(model: type[BaseModel]) -> list[FormField]:
    """The fields of a model's form."""
    return fields_of(model.model_json_schema(schema_generator=ParamsSchema))


def test_each_has_the_picker_that_fits_and_a_moment_says_its_zone() -> None:
    assert [(field.name, field.control, field.zone) for field in form(When)] == [
        ("day", "date", ""),
        ("moment", "datetime-local", "UTC"),
        ("aware", "datetime-local", "UTC"),
        ("naive", "datetime-local", ""),
        ("clock", "time", ""),
    ]


def test_what_is_picked_is_understood_by_the_kind_in_the_zone_that_was_told() -> None:
    read = When.model_validate(params_from(form(When), PICKED))

    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert (read.day, read.clock) == (noon.date(), time(8, 30))
    assert (read.moment, read.aware) == (noon, noon.replace(second=30))
    assert read.naive == noon.replace(tzinfo=None)


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00+05:00", "2026-01-31T12:00Z", "soon"])
def test_a_moment_with_a_zone_and_what_is_none_reach_the_kind_as_they_are(text: str) -> None:
    assert params_from(form(When), {"moment": text}) == {"moment": text}


class Early(BaseModel):
    day: date = date(2026, 1, 31)
    moment: datetime = datetime.fromisoformat("2026-01-31T12:00:00+05:00")
    naive: NaiveDatetime = datetime(2026, 1, 31, 12)
    clock: time = time(8, 30)
    optional: date | None = None


def test_a_default_is_shown_as_a_picker_takes_it() -> None:
    assert [field.default for field in form(Early)] == [
        "2026-01-31",
        "2026-01-31T07:00:00",
        "2026-01-31T12:00:00",
        "08:30:00",
        "",
    ]


class Text(BaseModel):
    """What no picker can show as it is."""

    unzoned: datetime = datetime(2026, 1, 31, 12)
    precise: time = time(8, 30, 0, 1)
    zoned: time = time(8, 30, tzinfo=UTC)
    nonsense: date = Field(date.max, json_schema_extra={"default": "tomorrow"})
    first: AwareDatetime = datetime.fromisoformat("0001-01-01T00:00:00+05:00")
    either: str | date = "2026-01-31"


def test_what_a_picker_could_not_show_stays_text() -> None:
    for field in form(Text):
        assert (field.control, field.zone) == ("text", ""), field
        assert field.default, field


NOON = "2026-01-31T12:00"


class Choice(BaseModel):
    moment: Literal["2026-01-31T12:00", "soon"] = Field(json_schema_extra={"format": "date-time"})


def test_one_of_several_texts_stays_a_choice_and_is_sent_as_it_is() -> None:
    assert [field.control for field in form(Choice)] == ["select"]
    assert params_from(form(Choice), {"moment": NOON}) == {"moment": NOON}
