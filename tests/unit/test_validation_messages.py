"""Wrong parameters are told in words for people."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from headway.kinds.validation_messages import validation_messages


class Wanted(BaseModel):
    """One of each kind of limit."""

    age: int = Field(30, ge=4, lt=100)
    share: float = Field(0.5, gt=0, le=1)
    name: str = Field("Ada", min_length=2, max_length=5)
    style: Literal["oil", "ink"] = "oil"
    loud: bool = False
    born: date = date(1815, 12, 10)
    friends: dict[str, int] = {}
    marks: list[int] = Field([], max_length=2)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"age": "old"}, "Must be a whole number."),
        ({"age": 3}, "Must be at least 4."),
        ({"age": 100}, "Must be less than 100."),
        ({"share": 0}, "Must be more than 0.0."),
        ({"share": 2}, "Must be at most 1.0."),
        ({"share": "much"}, "Must be a number."),
        ({"name": 5}, "Must be text."),
        ({"name": "A"}, "Must have at least 2 characters."),
        ({"name": "Adalbert"}, "Must have at most 5 characters."),
        ({"style": "mud"}, "Must be 'oil' or 'ink'."),
        ({"loud": "very"}, "Must be true or false."),
        ({"friends": []}, "Must be an object."),
        ({"marks": {}}, "Must be a list."),
        ({"marks": [1, 2, 3]}, "Must have at most 2 items."),
        ({"born": []}, "Input should be a valid date"),  # no words of ours: pydantic's
    ],
)
def test_each_limit_is_told_in_a_sentence(params: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Wanted.model_validate(params)

    assert validation_messages(refused.value) == {next(iter(params)): told}
