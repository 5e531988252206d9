"""Arguments: what a kind's function gets, kept as JSON on submit and read back when the job runs.

A model validates once. Reading back runs none of its author's checks. It is tried before a job is
accepted: what cannot be read back as it was is refused.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ValidationError

from headway.errors import BadParameters
from headway.kinds.bare_schema import BareSchema
from headway.kinds.codecs import NodeCodec, same
from headway.model.record import JsonDict, dumps

UNKEPT = "This would be another value after it was kept as JSON until the job runs."


class Arguments:
    """Keeps models of one class; what that takes is made when it is first needed."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model

    def kept(self, model: BaseModel, shown: str) -> str | None:
        """The JSON to keep beside the JSON that is shown; None where that one is enough.

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
        """The model that was kept; fields that were added to its class have their defaults.

        Raises ValidationError where the class no longer fits.
        """
        if kept is not None:
            return self._written.whole.read(kept)
        try:
            return self._shown_before.whole.read(dumps(shown))
        except ValidationError:
            # An earlier Headway kept what is shown even where that is not what was made; the
            # author's validators may be able to read it.
            return self._model.model_validate(shown, by_alias=False, by_name=True)

    def prepare(self) -> None:
        """Make what reads most models back."""
        _ = self._shown_before.whole.validator

    def _says_all(self, model: BaseModel, shown: str) -> bool:
        try:
            return same(model, self._shown.whole.read(shown))
        except Exception:  # noqa: BLE001  # as above
            return False

    def _unkept(self, model: BaseModel) -> list[str]:
        values = model.__dict__
        codecs = self._written.fields.items()
        found = [name for name, it in codecs if name in values and not _is_kept(it, values[name])]
        return found or ["params"]

    @cached_property
    def _shown(self) -> BareSchema:
        # Without defaults: one that is drawn again, or that changes, does not say what was made.
        return BareSchema(self._model, exact=False, defaults=False)

    @cached_property
    def _shown_before(self) -> BareSchema:
        return BareSchema(self._model, exact=False, defaults=True)

    @cached_property
    def _written(self) -> BareSchema:
        return BareSchema(self._model, exact=True, defaults=True)


def _is_kept(codec: NodeCodec, value: Any) -> bool:
    try:
        return same(value, codec.decode(codec.encode(value)))
    except Exception:  # noqa: BLE001  # as above
        return False
