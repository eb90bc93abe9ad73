"""What are the contracts' columns, rules and values called in a language? English stands at the declaration, the rest in `text`.

Columns of one name and label share a key (`contract.any.sex`); where a source's label differs, it has its own
(`contract.service_requests.facility_id`). A rule's key is `rule.<source>.<rule>`.
"""

from __future__ import annotations

from collections import Counter

from etl.contract import Column, Rule, Source
from etl.sources import SOURCES
from text import t


def label(source: Source, column: Column, code: str) -> str:
    """What a column holds, as a person would say it."""
    return t(column_key(source, column), otherwise=column.label, into=code)


def sentence(source: Source, rule: Rule, code: str) -> str:
    """What is said to the person whose row breaks the rule."""
    return t(rule_key(source, rule), otherwise=rule.sentence, into=code)


def title(source: Source, code: str) -> str:
    """What the rows of a source are called."""
    return t(f"load_source.{source.name}", into=code)


def value(column: Column, name: str, code: str) -> str:
    """What a value of a column with a list of values is called."""
    if column.type == "boolean":
        return t(f"forms.{name}", into=code)
    return t(f"{column.name}.{name}", otherwise=name.replace("_", " "), into=code)


def column_key(source: Source, column: Column) -> str:
    """The key of a column's label."""
    labels = Counter(other.label for one in SOURCES for other in one.columns if other.name == column.name)
    is_shared = not labels or labels.most_common(1)[0][0] == column.label
    return f"contract.{'any' if is_shared else source.name}.{column.name}"


def rule_key(source: Source, rule: Rule) -> str:
    """The key of a rule's sentence."""
    return f"rule.{source.name}.{rule.name}"


def contract_keys() -> tuple[str, ...]:
    """Every key whose English stands in a contract, once: what `text.missing` cannot know by itself."""
    columns = (column_key(source, column) for source in SOURCES for column in source.columns)
    rules = (rule_key(source, rule) for source in SOURCES for rule in source.own_rules)
    return tuple(dict.fromkeys([*columns, *rules]))
