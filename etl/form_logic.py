"""How is a rule of a contract said in the logic of a form (XPath)? What cannot be said there is left to the loading.

A rule is SQL; DuckDB's own parser takes it apart. A form, like the contract, only stops what is certainly wrong: where a question
that the rule needs was left empty, the answer passes. What is only a warning in the contract is only a note in the form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb

from etl.contract import Rule

COMPARISONS = {
    "COMPARE_EQUAL": ("=", "!="),
    "COMPARE_NOTEQUAL": ("!=", "="),
    "COMPARE_LESSTHAN": ("<", ">="),
    "COMPARE_LESSTHANOREQUALTO": ("<=", ">"),
    "COMPARE_GREATERTHAN": (">", "<="),
    "COMPARE_GREATERTHANOREQUALTO": (">=", "<"),
}
NULL_TESTS = ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL")
TODAY = "current_date"
Node = dict[str, Any]


class CannotBeSaid(Exception):
    """The rule uses something a form has no word for; the text says what."""


@dataclass
class Logic:
    """What the rules make of a form's questions. `notes`: question -> what is said below it, and when. `follows`: question -> the one
    it has to stand after."""

    constraints: dict[str, list[tuple[str, Rule]]] = field(default_factory=dict)
    required: dict[str, tuple[str, Rule]] = field(default_factory=dict)
    relevant: dict[str, tuple[str, Rule]] = field(default_factory=dict)
    notes: dict[str, list[tuple[str, Rule]]] = field(default_factory=dict)
    follows: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def logic_of(rules: tuple[Rule, ...], asked: list[str], filled: list[str], nested: tuple[str, ...] = ()) -> Logic:
    """Say every rule. `asked`: the questions in their order; `filled`: what the form knows without asking; `nested`: questions whose
    lists only offer what fits the one before."""
    logic = Logic()
    for rule in rules:
        node = parsed(rule.is_true)
        unknown = [name for name in columns_of(node) if name not in (*asked, *filled)]
        if set(columns_of(node)) <= set(nested):
            logic.left_out[rule.name] = "the lists only offer what fits"
        elif unknown:
            logic.left_out[rule.name] = f"the form does not ask for {', '.join(unknown)}"
        else:
            try:
                _say(logic, rule, node, asked)
            except CannotBeSaid as reason:
                logic.left_out[rule.name] = str(reason)
    return logic


def parsed(sql: str) -> Node:
    """The expression as DuckDB's parser takes it apart."""
    with duckdb.connect() as connection:
        row = connection.execute("select json_serialize_sql(?)", [f"select {sql.replace('{today}', TODAY)}"]).fetchone()
    statements = json.loads(row[0])["statements"] if row else []
    return dict(statements[0]["node"]["select_list"][0])


def columns_of(node: Any) -> list[str]:
    """Every column an expression names, once, in its order."""
    return list(dict.fromkeys(name for name in _columns(node) if name != TODAY))


def _columns(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("class") == "COLUMN_REF":
            yield node["column_names"][-1]
        for part in node.values():
            yield from _columns(part)
    elif isinstance(node, list):
        for part in node:
            yield from _columns(part)


def _say(logic: Logic, rule: Rule, node: Node, asked: list[str]) -> None:
    """As what it is most natural to a form: a question that must or must not be answered, else a constraint."""
    if rule.outcome == "warn":
        last = [name for name in asked if name in columns_of(node)][-1:]
        if not last:
            raise CannotBeSaid("the form fills in by itself what it compares")
        logic.notes.setdefault(last[0], []).append((f"not({_true_unless_broken(node, True, '')})", rule))
        return
    if implied := _implication(node):
        condition_column, value, then_column, must_be_given = implied
        if {condition_column, then_column} <= set(asked):
            sign = "=" if must_be_given else "!="
            where = logic.required if must_be_given else logic.relevant
            where[then_column] = (f"${{{condition_column}}} {sign} {value}", rule)
            logic.follows[then_column] = condition_column
            return
    if some := _at_least_one(node):
        order = [name for name in asked if name in some]
        logic.required[order[-1]] = (" and ".join(f"${{{name}}} = ''" for name in order[:-1]), rule)
        return
    compared = set(columns_of(_without_null_tests(node)))
    own = next((name for name in reversed(asked) if name in compared), None)
    if own is None:
        raise CannotBeSaid("the form fills in by itself what it compares")
    logic.constraints.setdefault(own, []).append((_true_unless_broken(node, True, own), rule))


def _implication(node: Node) -> tuple[str, str, str, bool] | None:
    """not (a = 'x' and b is null) -> (a, 'x', b, True): b must be given where a is x; with `is not null` it must not."""
    if node.get("type") != "OPERATOR_NOT" or node["children"][0].get("type") != "CONJUNCTION_AND":
        return None
    parts = node["children"][0]["children"]
    if len(parts) != 2 or parts[0].get("type") != "COMPARE_EQUAL" or parts[1].get("type") not in NULL_TESTS:
        return None
    condition, tested = parts
    if condition["left"]["class"] != "COLUMN_REF" or tested["children"][0]["class"] != "COLUMN_REF":
        return None
    is_required = tested["type"] == "OPERATOR_IS_NULL"
    return _name(condition["left"]), _value(condition["right"], ""), _name(tested["children"][0]), is_required


def _at_least_one(node: Node) -> list[str]:
    """coalesce(a, b, c) is not null -> [a, b, c]; else nothing."""
    if node.get("type") == "OPERATOR_IS_NOT_NULL" and node["children"][0].get("type") == "OPERATOR_COALESCE":
        return columns_of(node)
    return []


def _without_null_tests(node: Any) -> Any:
    if isinstance(node, dict):
        is_test = node.get("type") in NULL_TESTS
        return {} if is_test else {key: _without_null_tests(part) for key, part in node.items()}
    return [_without_null_tests(part) for part in node] if isinstance(node, list) else node


def _true_unless_broken(node: Node, wanted: bool, own: str) -> str:
    """XPath that is true unless the expression is certainly not as `wanted`; `own` is the question that carries it."""
    kind = node.get("type", "")
    if kind == "OPERATOR_NOT":
        return _true_unless_broken(node["children"][0], not wanted, own)
    if kind in ("CONJUNCTION_AND", "CONJUNCTION_OR"):
        word = " and " if (kind == "CONJUNCTION_AND") == wanted else " or "
        parts = [_true_unless_broken(part, wanted, own) for part in node["children"]]
        return word.join(f"({part})" if word == " and " and " or " in part else part for part in parts)
    if kind in NULL_TESTS:
        sign = "=" if (kind == "OPERATOR_IS_NULL") == wanted else "!="
        return f"{_value(node['children'][0], own)} {sign} ''"
    if kind == "COMPARE_BETWEEN":
        value, low, high = (_value(node[part], own) for part in ("input", "lower", "upper"))
        inside = f"{value} >= {low} and {value} <= {high}" if wanted else f"{value} < {low} or {value} > {high}"
        return _open_where_empty(node, inside, own)
    if kind in COMPARISONS:
        sign = COMPARISONS[kind][0 if wanted else 1]
        return _open_where_empty(node, f"{_value(node['left'], own)} {sign} {_value(node['right'], own)}", own)
    raise CannotBeSaid("a form has no word for what it works out")


def _open_where_empty(node: Node, comparison: str, own: str) -> str:
    others = [name for name in columns_of(node) if name != own]
    inner = f"({comparison})" if others and " and " in comparison else comparison
    return " or ".join([*(f"${{{name}}} = ''" for name in others), inner])


def _value(node: Node, own: str) -> str:
    """A column, a literal, a date or today."""
    if node["class"] == "COLUMN_REF":
        name = _name(node)
        return "today()" if name == TODAY else "." if name == own else f"${{{name}}}"
    if node["class"] == "CONSTANT":
        text = str(node["literal"]["text"])
        is_number = node["literal"]["kind"] != "STRING" and re.fullmatch(r"-?\d+(\.\d+)?", text)
        if not is_number and "'" in text:
            raise CannotBeSaid("it compares with a text that holds a quotation mark")
        return text if is_number else f"'{text}'"
    if node["class"] == "CAST":
        inner = _value(node["child"], own)
        is_date = str(node["type_expr"]["type_name"]).lower() in ("date", "timestamp")
        return f"date({inner})" if is_date and node["child"]["class"] == "CONSTANT" else inner
    if node["class"] == "FUNCTION" and node["function_name"] in ("+", "-") and len(node["arguments"]) == 2:
        return f" {node['function_name']} ".join(_value(argument["expression"], own) for argument in node["arguments"])
    raise CannotBeSaid("a form has no word for what it works out")


def _name(node: Node) -> str:
    return str(node["column_names"][-1])
