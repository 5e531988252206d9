"""The JSON schema of a kind's parameters, where pydantic's own says less than it knows."""

from __future__ import annotations

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema


class ParamsSchema(GenerateJsonSchema):
    """Tells a moment without a zone, which a kind may insist on, from RFC 3339's `date-time`."""

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        """`date-time-local` is its name in OpenAPI's registry of formats."""
        made = super().datetime_schema(schema)
        return made | ({"format": "date-time-local"} if _naive(schema) else {})


def _naive(schema: core_schema.DatetimeSchema) -> bool:
    return schema.get("tz_constraint") == "naive"
