"""What a kind's function gets: kept as JSON when a job is submitted, read back when it runs.

A model validates once. Reading back runs none of its author's checks, and is tried before the
job is taken: what cannot be read back as it was is refused.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ValidationError

from headway.errors import BadParameters
from headway.kinds.bare_schema import BareSchema
from headway.kinds.sameness import same
from headway.kinds.ways import ByNode
from headway.model.record import JsonDict, dumps

UNKEPT = "This cannot be kept until the job runs: in JSON it would become something else."


class Arguments:
    """Owns what it takes to keep models of one class; made when it is first needed."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model

    def kept(self, model: BaseModel, shown: str) -> str | None:
        """What has to be kept beside what is shown, both as JSON: None where that says it all.

        Raises BadParameters, by field, for what cannot be read back as it is.
        """
        if self._says_all(model, shown):
            return None
        whole = self._written.whole
        with suppress(Exception):  # an author's types may raise anything
            text = whole.write(model)
            if same(model, whole.read(text)):
                return text
        raise BadParameters(dict.fromkeys(self._unkept(model), UNKEPT))

    def read(self, shown: JsonDict, kept: str | None) -> Any:
        """The model that was kept; fields that its class has got since have their defaults.

        Raises ValidationError where its class is quite another one now.
        """
        if kept is not None:
            return self._written.whole.read(kept)
        try:
            return self._shown_before.whole.read(dumps(shown))
        except ValidationError:
            # An earlier Headway kept what is shown even where that is not what was made: the
            # author's validators may know to read it.
            return self._model.model_validate(shown, by_alias=False, by_name=True)

    def prepare(self) -> None:
        """Make what reads most models back."""
        self._shown_before.whole.prepare()

    def _says_all(self, model: BaseModel, shown: str) -> bool:
        try:
            return same(model, self._shown.whole.read(shown))
        except Exception:  # noqa: BLE001  # as above
            return False

    def _unkept(self, model: BaseModel) -> list[str]:
        values = model.__dict__
        ways = self._written.fields.items()
        found = [name for name, way in ways if name in values and not _is_kept(way, values[name])]
        return found or ["params"]

    @cached_property
    def _shown(self) -> BareSchema:
        # A default that is drawn again, or is another one tomorrow, does not say what was made.
        return BareSchema(self._model, ways=False, defaults=False)

    @cached_property
    def _shown_before(self) -> BareSchema:
        return BareSchema(self._model, ways=False, defaults=True)

    @cached_property
    def _written(self) -> BareSchema:
        return BareSchema(self._model, ways=True, defaults=True)


def _is_kept(way: ByNode, value: Any) -> bool:
    try:
        return same(value, way.load(way.dump(value)))
    except Exception:  # noqa: BLE001  # as above
        return False
