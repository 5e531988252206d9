"""A model's schema without its author's checks: it reads again what was once valid.

Pydantic makes a model into a core schema before it validates: a tree of nodes, each a dict with
its `type`. Validators, constraints, strictness, defaults, aliases and serializers are stripped;
what is left says which value is of which type, and under which name.
"""

from __future__ import annotations

from typing import Any, get_type_hints

from pydantic import BaseModel, TypeAdapter

from headway.kinds.codecs import (
    CONFIG,
    Node,
    NodeCodec,
    by_name,
    by_type,
    one_of,
    remade_privates,
    with_privates,
    with_zone,
)

# What a node may say besides its type and its parts; none of it is needed to read again.
_CHECKS = frozenset(
    "strict ge gt le lt multiple_of allow_inf_nan max_digits decimal_places min_length max_length "
    "pattern regex_engine strip_whitespace to_lower to_upper coerce_numbers_to_str now_op "
    "now_utc_offset tz_constraint microseconds_precision fail_fast version allowed_schemes "
    "host_required default_host default_port default_path post_init custom_init from_attributes "
    "revalidate_instances custom_error_type custom_error_message custom_error_context frozen "
    "collect_init_only init init_only kw_only serialization metadata config computed_fields ref "
    "alias validation_alias serialization_alias serialization_exclude "
    "serialization_exclude_if extra_behavior validate_default on_error".split()
)
# Where a node has parts: a node, a list of nodes, or nodes by name.
_PARTS = frozenset(
    "schema keys_schema values_schema extras_schema extras_keys_schema arguments_schema "
    "items_schema choices fields".split()
)
_FUNCTIONS = frozenset({"function-before", "function-after", "function-wrap", "function-plain"})
_WITH_CONFIG = frozenset({"model", "dataclass", "typed-dict"})
# Pydantic's functions that only check a value, some by looking at the files of the moment.
_LOOKS = ("PathType.", "apply_known_metadata.")
# How a value of any type is written where JSON has no word for it, by the type's name.
ANYTHING = "headway.anything"
_PART: Node = {"type": "definition-ref", "schema_ref": ANYTHING}
_OF_ANYTHING: dict[str, Node] = {
    **{name: {"type": name, "items_schema": _PART} for name in ("list", "set", "frozenset")},
    **{name: {"type": name} for name in "bytes date time timedelta complex".split()},
    "tuple": {"type": "tuple", "items_schema": [_PART], "variadic_item_index": 0},
    "dict": {"type": "dict", "keys_schema": {"type": "str"}, "values_schema": _PART},
    "datetime": {"type": "datetime"},
    "Decimal": {"type": "decimal"},
    "UUID": {"type": "uuid"},
}
OF_A_TYPE = "__get_pydantic_core_schema__"


class BareSchema:
    """Owns the stripped nodes of one model.

    An `exact` one writes what JSON leaves open beside the value: which choice of a union it is,
    whether a function has made it or makes it, what private attributes held. With `defaults`,
    what was not written at all gets its author's default of today.
    """

    def __init__(self, model: type[BaseModel], *, exact: bool, defaults: bool) -> None:
        self._exact = exact
        self._defaults = defaults
        self._own = model.model_fields.keys()
        self._definitions: dict[str, Node] = {}
        self.fields: dict[str, NodeCodec] = {}
        self.whole = self._codec(self._bare(dict(model.__pydantic_core_schema__)))

    def _codec(self, node: Node) -> NodeCodec:
        return NodeCodec(node, self._definitions)

    def _bare(self, node: Node) -> Node:
        kind = node["type"]
        if kind == "definitions":
            for each in node["definitions"]:
                self._definitions[each["ref"]] = self._definition(each)
        if kind in {"definitions", "custom-error"} or (kind == "default" and not self._defaults):
            return self._bare(node["schema"])
        if kind in {"lax-or-strict", "json-or-python"}:
            return self._bare(node["lax_schema" if kind == "lax-or-strict" else "json_schema"])
        if kind == "chain":  # the value is what the last step has made
            return self._bare(node["steps"][-1])
        if kind in _FUNCTIONS:
            return self._function(node)
        if kind == "tagged-union":
            node = {"type": "union", "choices": list(node["choices"].values())}
        return self._open(self._stripped(node))

    def _definition(self, node: Node) -> Node:
        made = self._bare(node)
        if made["type"] == "definition-ref":  # a node has one name, and this one refers to another
            made = {"type": "chain", "steps": [made]}
        return made | {"ref": node["ref"]}

    def _stripped(self, node: Node) -> Node:
        made = {name: value for name, value in node.items() if name not in _CHECKS}
        if node["type"] == "dataclass-args":
            made["fields"] = [field for field in node["fields"] if not field.get("init_only")]
        for name in _PARTS & made.keys():
            made[name] = self._each(made[name])
        if node["type"] in _WITH_CONFIG:
            kept = node.get("config", {}).get("extra_fields_behavior", node.get("extra_behavior"))
            made["config"] = CONFIG if self._exact else {}
            if kept == "allow":
                made["config"] = made["config"] | {"extra_fields_behavior": kept}
        if node["type"] == "model-fields":
            fields = {name: self._codec(field["schema"]) for name, field in made["fields"].items()}
            self.fields = fields if fields.keys() == self._own else self.fields
        return made

    def _each(self, part: Any) -> Any:
        if isinstance(part, dict):
            if isinstance(part.get("type"), str):
                return self._bare(part)
            return {name: self._each(each) for name, each in part.items()}
        if isinstance(part, list):
            return [self._each(each) for each in part]
        return self._each(part[0]) if isinstance(part, tuple) else part  # a choice, its label

    def _open(self, node: Node) -> Node:
        """A node, with several codecs where its values can be written in several ways."""
        if node["type"] == "model" and node["cls"].__private_attributes__:
            return self._with_privates(node)
        if not self._exact:
            return node
        if node["type"] == "union":
            return self._one_of(*node["choices"])
        if node["type"] == "datetime":
            return one_of([self._codec(node), with_zone(self._codec(node))])
        if node["type"] == "enum":
            return one_of([self._codec(node), by_name(node["cls"])])
        return self._anything() if node["type"] == "any" else node

    def _anything(self) -> Node:
        if ANYTHING not in self._definitions:
            self._definitions[ANYTHING] = one_of(
                [
                    self._codec({"type": "any"}),
                    by_type(
                        {name: self._codec(self._open(node)) for name, node in _OF_ANYTHING.items()}
                    ),
                ]
            ) | {"ref": ANYTHING}
        return _PART

    def _with_privates(self, node: Node) -> Node:
        remade, cls = remade_privates(node), node["cls"]
        if not self._exact:
            return remade
        held = {name: self._codec(self._private(cls, name)) for name in cls.__private_attributes__}
        kept = (with_privates(self._codec(fields), held) for fields in (remade, node))
        return one_of([self._codec(remade), *kept])

    def _private(self, cls: type[BaseModel], name: str) -> Node:
        try:
            hint = get_type_hints(cls, include_extras=True)[name]
            return self._bare(dict(TypeAdapter(hint).core_schema))
        except Exception:  # noqa: BLE001  # hints of private attributes are not checked before
            return {"type": "any"}

    def _function(self, node: Node) -> Node:
        inner = self._bare(node["schema"]) if "schema" in node else {"type": "any"}
        kept = {name: value for name, value in node.items() if name not in _CHECKS}
        if "schema" in node:
            kept["schema"] = inner
        if not self._exact:
            return kept if _makes_its_type(node["function"]["function"]) else inner
        # What the function has made may be of the type that it was given, or of any other; or the
        # function makes it again from what is shown of it.
        plain = kept | ({"schema": self._plain(node["schema"])} if "schema" in node else {})
        shown = {name: node[name] for name in ("serialization",) if name in node}
        return self._one_of(inner, self._anything(), kept, plain, plain | shown)

    def _plain(self, node: Node) -> Node:
        self._exact = False
        try:
            return self._bare(node)
        finally:
            self._exact = True

    def _one_of(self, *choices: Node) -> Node:
        return one_of([self._codec(choice) for choice in choices])


def _makes_its_type(function: Any) -> bool:
    """True for a function with which a type makes its values; not for one that checks them."""
    owner, name = getattr(function, "__self__", None), getattr(function, "__qualname__", "")
    if isinstance(function, type):
        return True
    if isinstance(owner, type):
        return hasattr(owner, OF_A_TYPE) and not issubclass(owner, BaseModel)
    if f"{OF_A_TYPE}.<locals>" in name:
        return True
    of_pydantic = str(getattr(function, "__module__", "")).partition(".")[0] == "pydantic"
    return of_pydantic and not name.startswith(_LOOKS)
