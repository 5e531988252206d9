"""A model's schema without its author's checks: it reads again what was valid once.

Pydantic makes a model into a core schema before it validates: a tree of nodes, each a dict with
its `type`. Stripped are validators, constraints, strictness, defaults, aliases and serializers;
what is left says which value is of which type, and under which name.
"""

from __future__ import annotations

from typing import Any, get_type_hints

from pydantic import BaseModel, TypeAdapter

from headway.kinds.ways import (
    CONFIG,
    ByName,
    ByNode,
    ByType,
    Node,
    WithPrivates,
    Zoned,
    after,
    one_of,
    with_privates_anew,
)

# What a node may say besides its type and its parts: nothing that is needed to read again.
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
# Where a node has parts: nodes, or lists of them, or nodes by name.
_PARTS = frozenset(
    "schema keys_schema values_schema extras_schema extras_keys_schema arguments_schema "
    "items_schema choices fields".split()
)
_FUNCTIONS = frozenset({"function-before", "function-after", "function-wrap", "function-plain"})
_WITH_CONFIG = frozenset({"model", "dataclass", "typed-dict"})
# Pydantic's functions that only look at a value, some at the moment's files too.
_LOOKS = ("PathType.", "apply_known_metadata.")
# What a value of any type is written by where JSON has no word for it, by the type's name.
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

    With `ways`, what JSON by itself leaves open is written beside the value: which choice of a
    union it is, whether a function has made it or makes it, what private attributes held.
    With `defaults`, what was not written at all is as its author says today.
    """

    def __init__(self, model: type[BaseModel], *, ways: bool, defaults: bool) -> None:
        self._ways = ways
        self._defaults = defaults
        self._own = model.model_fields.keys()
        self._definitions: dict[str, Node] = {}
        self.fields: dict[str, ByNode] = {}
        self.whole = self._way(self._bare(dict(model.__pydantic_core_schema__)))

    def _way(self, node: Node) -> ByNode:
        return ByNode(node, self._definitions)

    def _bare(self, node: Node) -> Node:
        kind = node["type"]
        if kind == "definitions":
            for each in node["definitions"]:
                self._definitions[each["ref"]] = self._definition(each)
        if kind in {"definitions", "custom-error"} or (kind == "default" and not self._defaults):
            return self._bare(node["schema"])
        if kind in {"lax-or-strict", "json-or-python"}:
            return self._bare(node["lax_schema" if kind == "lax-or-strict" else "json_schema"])
        if kind == "chain":  # what its last step made is what there is
            return self._bare(node["steps"][-1])
        if kind in _FUNCTIONS:
            return self._function(node)
        if kind == "tagged-union":
            node = {"type": "union", "choices": list(node["choices"].values())}
        return self._open(self._stripped(node))

    def _definition(self, node: Node) -> Node:
        made = self._bare(node)
        if made["type"] == "definition-ref":  # a node has one name, and this one has another's
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
            made["config"] = CONFIG if self._ways else {}
            if kept == "allow":
                made["config"] = made["config"] | {"extra_fields_behavior": kept}
        if node["type"] == "model-fields":
            fields = {name: self._way(field["schema"]) for name, field in made["fields"].items()}
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
        """A node, with the ways in which its values are written where they are several."""
        if node["type"] == "model" and node["cls"].__private_attributes__:
            return self._with_privates(node)
        if not self._ways:
            return node
        if node["type"] == "union":
            return self._one_of(*node["choices"])
        if node["type"] == "datetime":
            return one_of([self._way(node), Zoned(self._way(node))])
        if node["type"] == "enum":
            return one_of([self._way(node), ByName(node["cls"])])
        return self._anything() if node["type"] == "any" else node

    def _anything(self) -> Node:
        if ANYTHING not in self._definitions:
            self._definitions[ANYTHING] = one_of(
                [
                    self._way({"type": "any"}),
                    ByType(
                        {name: self._way(self._open(node)) for name, node in _OF_ANYTHING.items()}
                    ),
                ]
            ) | {"ref": ANYTHING}
        return _PART

    def _with_privates(self, node: Node) -> Node:
        anew, cls = after(node, with_privates_anew), node["cls"]
        if not self._ways:
            return anew
        held = {name: self._way(self._private(cls, name)) for name in cls.__private_attributes__}
        kept = (WithPrivates(self._way(fields), held) for fields in (anew, node))
        return one_of([self._way(anew), *kept])

    def _private(self, cls: type[BaseModel], name: str) -> Node:
        try:
            hint = get_type_hints(cls, include_extras=True)[name]
            return self._bare(dict(TypeAdapter(hint).core_schema))
        except Exception:  # noqa: BLE001  # nobody has looked at these hints before
            return {"type": "any"}

    def _function(self, node: Node) -> Node:
        inner = self._bare(node["schema"]) if "schema" in node else {"type": "any"}
        kept = {name: value for name, value in node.items() if name not in _CHECKS}
        if "schema" in node:
            kept["schema"] = inner
        if not self._ways:
            return kept if _makes_its_type(node["function"]["function"]) else inner
        # What the function has made may be of the type that it was given, or of any other; or the
        # function makes it anew from what is shown of it.
        plain = kept | ({"schema": self._plain(node["schema"])} if "schema" in node else {})
        shown = {name: node[name] for name in ("serialization",) if name in node}
        return self._one_of(inner, self._anything(), kept, plain, plain | shown)

    def _plain(self, node: Node) -> Node:
        self._ways = False
        try:
            return self._bare(node)
        finally:
            self._ways = True

    def _one_of(self, *choices: Node) -> Node:
        return one_of([self._way(choice) for choice in choices])


def _makes_its_type(function: Any) -> bool:
    """True for a function by which a type makes its values, other than one that checks them."""
    owner, name = getattr(function, "__self__", None), getattr(function, "__qualname__", "")
    if isinstance(function, type):
        return True
    if isinstance(owner, type):
        return hasattr(owner, OF_A_TYPE) and not issubclass(owner, BaseModel)
    if f"{OF_A_TYPE}.<locals>" in name:
        return True
    of_pydantic = str(getattr(function, "__module__", "")).partition(".")[0] == "pydantic"
    return of_pydantic and not name.startswith(_LOOKS)
