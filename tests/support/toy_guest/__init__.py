"""The kind `toy.greet`, with a guest beside it: greetings in a table, on a page, in the API."""

from __future__ import annotations

from pydantic import BaseModel

from headway import kind

GUEST = "tests.support.toy_guest.web"


class Greet(BaseModel):
    """Who is greeted, and in which greeting."""

    name: str
    greeting_id: str | None = None


@kind("toy.greet", queue="toys")
def greet(params: Greet) -> str:
    """Greet somebody."""
    return f"Hello {params.name}"
