"""Which SQL answers a question, and which cells of the lattice does the answer rest on?

Everything a person chose travels as a bound parameter; names of tables and columns come from the declarations only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from metrics.lattice import LATTICES, Lattice
from metrics.model import PLACES, KaplanMeierQuantile, Metric, PerThousandPeople, Ratio, Sum
from metrics.question import Query, needs_quarters
from warehouse import Problem

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
UNKNOWN = "unknown"  # how a missing attribute is written in an answer and in a filter
_PLACE_COLUMNS = {level: f"{level}_code" for level in PLACES}
_KEYS = {"partner": "partner_id"}  # what a breakdown's column is called in an answer, where it differs
_COLUMNS = {**_KEYS, "file": "file_name", "action_status": "status"}  # and in a fact
_COVERED = "case when coverage.start_date is not null then 'yes' else 'no' end"


@dataclass(frozen=True)
class Span:
    """The first and last month, as whole numbers (year * 12 + month - 1)."""

    first: int
    last: int


@dataclass
class Statement:
    """A query under construction: its text in parts, and its parameters by name."""

    keys: dict[str, str] = field(default_factory=dict)  # column of the answer -> expression over the fact
    hidden_keys: dict[str, str] = field(default_factory=dict)  # the same over privacy.hidden_cells
    joins: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    hidden_conditions: list[str] = field(default_factory=list)
    lattice: Lattice | None = None
    level: tuple[str, str] = ("programme", "")  # of place, and the attribute that the cells are divided by
    periods: tuple[str, ...] = ()  # of the cells; the finest that is published until it is known
    parameters: dict[str, object] = field(default_factory=dict)

    @property
    def is_withheld(self) -> bool:
        """Whether cells so fine are hidden in every build, however they came to be asked for."""
        if self.lattice is None:
            return False
        place, attribute = self.level
        return any(self.lattice.is_withheld(place, period, attribute) for period in self.periods or (self.lattice.finest_period,))

    def bind(self, name: str, value: object) -> str:
        """The placeholder of a parameter."""
        self.parameters[name] = value
        return f"${name}"


def month_number(day: date | str) -> int:
    """A month as a whole number; text is 'YYYY-MM'."""
    if isinstance(day, str):
        return int(day[:4]) * 12 + int(day[5:7]) - 1
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of a month given as a whole number."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """The last day of a month given as a whole number."""
    return first_day(month + 1) - timedelta(days=1)


def tiles(window: Span, data: Span, period: str | None, finest: str) -> list[tuple[str, int, int]]:
    """The coarsest cells of the lattice that lie wholly inside the window: runs of (period, first month, last cell's first month).

    A cell may not be longer than the period of the answer. A year or quarter that the data only partly fill is whole
    when the window holds all of its months that have data. Months at either end that no cell fits are left out where
    months are too fine.
    """
    longest = {"month": 1, "quarter": 3, "fiscal_year": 3, "year": 12, None: 12}[period]
    runs: list[tuple[str, int, int]] = []
    month = window.first
    while month <= window.last:
        for name in ("year", "quarter", "month"):
            length = MONTHS_OF[name]
            start = month - month % length if length > 1 else month
            if length > longest or length < MONTHS_OF[finest]:
                continue
            if (start == month or month == data.first) and min(start + length - 1, data.last) <= window.last:
                runs.append((name, start, start))
                month = start + length
                break
        else:
            month += 1
    merged: list[tuple[str, int, int]] = []
    for name, first, last in runs:
        if merged and merged[-1][0] == name and merged[-1][2] + MONTHS_OF[name] == first:
            merged[-1] = (name, merged[-1][1], last)
        else:
            merged.append((name, first, last))
    return merged


def period_expression(column: str, period: str) -> str:
    """The first day of the period that a month lies in; CARE's fiscal year begins in July."""
    if period == "month":
        return column
    if period == "fiscal_year":
        return f"cast(date_trunc('year', {column} + interval 6 month) - interval 6 month as date)"
    return f"cast(date_trunc('{period}', {column}) as date)"


def build(
    metric: Metric, query: Query, window: Span | None, cells: list[tuple[str, int, int]], is_whole_type: bool = False
) -> tuple[str, dict[str, object], list[str]]:
    """The SQL of one measure with its parameters and the key columns of its answer.

    Columns: the keys, then `value`, `n` and, for shares, `hits` and perhaps `people`; for quantiles `days`, `completed`,
    `ended`, `still_open` a day; then `is_hidden` and, where there are topics, `topics` (how many of them were added up).
    """
    statement = parts(metric, query, is_whole_type)
    if query.period:
        statement.keys["period_start"] = period_expression("fact.month", query.period)
        statement.hidden_keys["period_start"] = period_expression("cell.period_start", query.period)
    if window:
        first, last = statement.bind("month_from", first_day(window.first)), statement.bind("month_to", first_day(window.last))
        statement.conditions.append(f"fact.month between {first} and {last}")
        if metric.fact.is_stock:
            statement.conditions.append(_last_months(metric, query, first, last))
        statement.hidden_conditions.append(_tile_condition(statement, cells))
        statement.periods = tuple(period for period, _, _ in cells)
    text = _text(statement, metric, query)
    return text, used_in(text, statement.parameters), list(statement.keys)


def _last_months(metric: Metric, query: Query, first: str, last: str) -> str:
    """Of every period of the answer only its last month with data, or of all of them the very last."""
    by_period = f" group by {period_expression('month', query.period)}" if query.period else ""
    return f"fact.month in (select max(month) from {metric.fact.table} where month between {first} and {last}{by_period})"


def parts(metric: Metric, query: Query, is_whole_type: bool = False) -> Statement:
    """Columns and conditions of a question except its period, over the fact and over the hidden cells alike.

    `is_whole_type`: only the facility type asked for was ever counted, so its total is the lattice's cell of all services.
    """
    statement = Statement()
    _add_place(statement, metric, query)
    _add_service(statement, metric, query, is_whole_type)
    _add_topic_and_attribute(statement, metric, query)
    for name in metric.fact.other:
        value = f"coalesce(fact.{_COLUMNS.get(name, name)}, '{UNKNOWN}')"
        if name in query.by:
            statement.keys[_KEYS.get(name, name)] = value
        if getattr(query.where, name):
            statement.conditions.append(f"{value} = {statement.bind(name, getattr(query.where, name))}")
    return statement


def used_in(text: str, parameters: dict[str, object]) -> dict[str, object]:
    """Only the parameters that a statement names; DuckDB refuses others."""
    return {name: value for name, value in parameters.items() if re.search(rf"\${name}\b", text)}


def _add_place(statement: Statement, metric: Metric, query: Query) -> None:
    """Place and coverage: their columns, filters, and the level of the lattice they are."""
    by = next((level for level in PLACES if level in query.by), None)
    finest = _finest_place(query)
    has_covered = "covered" in query.by or query.where.covered is not None
    is_split = has_covered and finest != "commune"
    covered = "fact.covered" if _is_by_province(metric, query) else _COVERED
    if has_covered and covered == _COVERED:
        statement.joins.append("left join marts.dim_coverage as coverage on coverage.commune_code = fact.commune_code")
    if not metric.fact.places:
        return
    code = "split_part(cell.place_code, ':', 1)" if is_split else "cell.place_code"
    level = f"{finest}_covered" if is_split else finest
    level_name = statement.bind("place_level", level)
    if metric.fact.hidden_as:
        statement.lattice, statement.level = LATTICES[metric.fact.hidden_as], (level, metric.spends or query.attribute or "")
    statement.hidden_conditions.append(f"cell.place_level = {level_name}")
    if by:
        statement.keys[_PLACE_COLUMNS[by]] = f"fact.{_PLACE_COLUMNS[by]}"
        statement.conditions.append(f"fact.{_PLACE_COLUMNS[by]} is not null")
        length = {"province": 2, "district": 4, "commune": 6}[by]
        statement.hidden_keys[_PLACE_COLUMNS[by]] = code if by == finest else f"left({code}, {length})"
    for level in PLACES:
        if value := getattr(query.where, level):
            placeholder = statement.bind(level, value)
            statement.conditions.append(f"fact.{_PLACE_COLUMNS[level]} = {placeholder}")
            statement.hidden_conditions.append(f"starts_with(cell.place_code, {placeholder})")
    if "covered" in query.by:
        statement.keys["covered"] = covered
        statement.hidden_keys["covered"] = "split_part(cell.place_code, ':', 2)" if is_split else _COVERED
    if query.where.covered:
        placeholder = statement.bind("covered", query.where.covered)
        statement.conditions.append(f"{covered} = {placeholder}")
        statement.hidden_conditions.append(
            f"split_part(cell.place_code, ':', 2) = {placeholder}" if is_split else f"{_COVERED} = {placeholder}"
        )
    if has_covered and covered == _COVERED:
        statement.conditions.append("fact.commune_code is not null")


def _finest_place(query: Query) -> str:
    """The finest level of place that a question touches."""
    by = [level for level in PLACES if level in query.by]
    return max(filter(None, (*by, query.where.finest_place)), key=PLACES.index, default="programme")


def _is_by_province(metric: Metric, query: Query) -> bool:
    """Whether the roll-up by province holds all that is asked."""
    return f"{_table_of(metric, query)}_province" in metric.fact.rollups and _finest_place(query) in ("province", "programme")


def _add_service(statement: Statement, metric: Metric, query: Query, is_whole_type: bool) -> None:
    """Service or facility type, whichever takes the service's place in the lattice; a type of facility is the sum of its services."""
    column = metric.fact.service_column
    if column is None:
        return
    name = str(metric.fact.service_dimension)
    chosen, is_broken_down = getattr(query.where, name), name in query.by
    by_type = column == "service_code" and ("facility_type" in query.by or query.where.facility_type)
    if is_broken_down:
        statement.keys[column] = f"fact.{column}"
        statement.hidden_keys[column] = "cell.service_code"
    if chosen:
        statement.conditions.append(f"fact.{column} = {statement.bind(name, chosen)}")
        statement.hidden_conditions.append(f"cell.service_code = ${name}")
    if by_type:
        statement.joins.append("join marts.dim_service as service on service.service_code = fact.service_code")
        if "facility_type" in query.by:
            statement.keys["facility_type"] = "service.facility_type"
            statement.hidden_keys["facility_type"] = "service.facility_type"
        if query.where.facility_type:
            placeholder = statement.bind("facility_type", query.where.facility_type)
            statement.conditions.append(f"service.facility_type = {placeholder}")
            if not is_whole_type:
                statement.hidden_conditions.append(f"service.facility_type = {placeholder}")
    if is_broken_down or (by_type and not is_whole_type):
        statement.hidden_conditions.append("cell.service_code <> '*'")
    elif not chosen:
        statement.hidden_conditions.append("cell.service_code = '*'")


def _add_topic_and_attribute(statement: Statement, metric: Metric, query: Query) -> None:
    """Aspect of feedback, and the one attribute of persons that may be asked for or is spent by the measure itself."""
    for name in metric.fact.topics:
        if name in query.by:
            statement.keys[name] = f"fact.{name}"
            statement.hidden_keys[name] = "cell.topic"
        if getattr(query.where, name):
            placeholder = statement.bind(name, getattr(query.where, name))
            statement.conditions.append(f"fact.{name} = {placeholder}")
            statement.hidden_conditions.append(f"cell.topic = {placeholder}")
    attribute = query.attribute
    if attribute:
        value = f"coalesce(cast(fact.{attribute} as varchar), '{UNKNOWN}')"
        cell_value = f"case when cell.value = 'null' then '{UNKNOWN}' else cell.value end"
        if attribute in query.by:
            statement.keys[attribute] = value
            statement.hidden_keys[attribute] = cell_value
        if chosen := getattr(query.where, attribute):
            statement.conditions.append(f"{value} = {statement.bind(attribute, chosen)}")
            statement.hidden_conditions.append(f"{cell_value} = ${attribute}")
    if metric.spends:
        values = ", ".join(f"'{value}'" for value in metric.spent_values)
        statement.hidden_conditions.append(f"cell.attribute = '{metric.spends}' and cell.value in ({values})")
    else:
        statement.hidden_conditions.append(f"cell.attribute = {statement.bind('attribute', attribute or '')}")


def _tile_condition(statement: Statement, cells: list[tuple[str, int, int]]) -> str:
    """The cells that the window is made of."""
    runs = []
    for number, (period, first, last) in enumerate(cells, 1):
        start, end = statement.bind(f"tiles_{number}_from", first_day(first)), statement.bind(f"tiles_{number}_to", first_day(last))
        runs.append(f"(cell.period = '{period}' and cell.period_start between {start} and {end})")
    return f"({' or '.join(runs)})"


def figures_of(metric: Metric) -> list[str]:
    """The columns that are counted."""
    kind = metric.kind
    if isinstance(kind, Sum):
        return [f"sum({kind.expression}) as value"]
    if isinstance(kind, Ratio):
        figures = [f"{kind.numerator} as hits", f"{kind.denominator} as n"]
        figures += [f"{kind.people} as people"] if kind.people else []
        return [*figures, f"count(distinct {metric.fact.topics[0]}) as topics"] if metric.fact.topics else figures
    if isinstance(kind, KaplanMeierQuantile):
        ends = {"completed": "completed", "ended": "ended", "open": "still_open"}
        summed = f"sum({metric.fact.counted})"
        return ["fact.days", *(f"coalesce({summed} filter (\"end\" = '{end}'), 0) as {name}" for end, name in ends.items())]
    return [
        f"sum(fact.{kind.expression}) as n",
        "sum(people) as people_months",
        "bool_or(people is null) as is_partial",
    ]


def _figure_names(metric: Metric) -> list[str]:
    return [figure.rsplit(" as ", 1)[1] if " as " in figure else figure.removeprefix("fact.") for figure in figures_of(metric)]


def source_of(metric: Metric, query: Query) -> str:
    """The smallest table that holds the answer."""
    if isinstance(metric.kind, PerThousandPeople):
        return "commune_months"
    is_by_province = _is_by_province(metric, query)
    if _has_attribute(metric, query):
        return _rolled_up(metric, query, "attribute") if is_by_province else _table_of(metric, query)
    return _rolled_up(metric, query, "province" if is_by_province else "commune")


def aligned_source_of(metric: Metric, query: Query, aligned_by: str) -> str:
    """The same for before and after: rows of the months round each commune's own start, with their quarter or year as `step`."""
    table = _table_of(metric, query)
    aligned = _rolled_up(metric, query, "aligned")
    if aligned != table and not _has_attribute(metric, query):
        return f"(select * from {aligned} where aligned_by = '{aligned_by}')"
    months = f"(select commune_code, month, step from marts.dim_aligned_month where aligned_by = '{aligned_by}')"
    return f"(select counted.*, aligned.step from {table} as counted join {months} as aligned using (commune_code, month))"


def whole_source_of(metric: Metric) -> str:
    """The smallest table that says in which months a commune has records."""
    commune = f"{metric.fact.table}_commune"
    return commune if commune in metric.fact.rollups else metric.fact.table


def _has_attribute(metric: Metric, query: Query) -> bool:
    """Whether a column of an attribute of persons is needed."""
    return query.attribute is not None or metric.spends in metric.fact.attributes


def _rolled_up(metric: Metric, query: Query, kind: str) -> str:
    """The roll-up of that kind where the build keeps one, else the table itself."""
    table = _table_of(metric, query)
    return f"{table}_{kind}" if f"{table}_{kind}" in metric.fact.rollups else table


def _table_of(metric: Metric, query: Query) -> str:
    return metric.kind.table if isinstance(metric.kind, KaplanMeierQuantile) else metric.fact.source(query.attribute)


def _text(statement: Statement, metric: Metric, query: Query) -> str:
    """The whole statement: what is counted, which cells are hidden, and both side by side."""
    is_time = isinstance(metric.kind, KaplanMeierQuantile)
    lines: list[str] = []
    if isinstance(metric.kind, PerThousandPeople):
        lines += _commune_months(statement, metric, query)
    lines += ["with counted as (" if not lines else "counted as ("]
    columns = [*(f"{expression} as {name}" for name, expression in statement.keys.items()), *figures_of(metric)]
    lines += ["    select", "        " + ",\n        ".join(columns), f"    from {source_of(metric, query)} as fact"]
    lines += [f"    {join}" for join in statement.joins]
    if statement.conditions:
        lines.append("    where " + "\n        and ".join(statement.conditions))
    lines += ["    group by all", ")"]
    order = [*statement.keys, *(["days"] if is_time else [])]
    ordering = [f"order by {', '.join(order)}"] if order else []
    if not metric.fact.hidden_as:
        return "\n".join([*lines, "select *, false as is_hidden", "from counted", *ordering])
    lines[-1] = "),"
    figures = [f"case when is_hidden then null else {name} end as {name}" for name in _figure_names(metric)]
    shown = [*statement.keys, *figures, "coalesce(is_hidden, false) as is_hidden"]
    if statement.is_withheld:
        return "\n".join([*lines, "hidden as (select true as is_hidden)", *_shown(shown, []), *ordering])
    hidden_columns = [*(f"{expression} as {name}" for name, expression in statement.hidden_keys.items()), "true as is_hidden"]
    lines += [
        "hidden as (",
        "    select distinct",
        "        " + ",\n        ".join(hidden_columns),
        "    from privacy.hidden_cells as cell",
    ]
    lines += [f"    {join}" for join in hidden_joins(statement)]
    statement.parameters |= hidden_names(metric)
    lines += ["    where " + "\n        and ".join([hidden_condition(metric), *statement.hidden_conditions]), ")"]
    return "\n".join([*lines, *_shown(shown, list(statement.keys)), *ordering])


def _shown(columns: list[str], keys: list[str]) -> list[str]:
    """The figures beside what is hidden; without keys all of them are or none."""
    joined = f"full join hidden using ({', '.join(keys)})" if keys else "left join hidden on true"
    return ["select", "    " + ",\n    ".join(columns), "from counted", joined]


def hidden_names(metric: Metric) -> dict[str, object]:
    """The names under which the build hid cells of a measure, as parameters."""
    return {f"hidden_as_{number}": name for number, name in enumerate(metric.hidden_as, 1)}


def hidden_condition(metric: Metric) -> str:
    """Which hidden cells are those of a measure."""
    return f"cell.fact in ({', '.join(f'${name}' for name in hidden_names(metric))})" if metric.hidden_as else "false"


def hidden_joins(statement: Statement) -> list[str]:
    """The dimensions that the hidden cells need besides their own columns."""
    joins = []
    used = " ".join([*statement.hidden_keys.values(), *statement.hidden_conditions])
    if "service." in used.replace("cell.service", ""):
        joins.append("join marts.dim_service as service on service.service_code = cell.service_code")
    if "coverage." in used:
        joins.append("left join marts.dim_coverage as coverage on coverage.commune_code = cell.place_code")
    return joins


def _commune_months(statement: Statement, metric: Metric, query: Query) -> list[str]:
    """What was counted by commune and month with the people living there, so that a commune counts once a month however much came."""
    assert isinstance(metric.kind, PerThousandPeople)
    column, name = metric.fact.service_column, metric.fact.service_dimension
    is_by_kind = name in query.by
    conditions = [] if metric.kind.exposed else ["reports.is_reported"]
    if name and getattr(query.where, name):
        conditions.append(f"reports.{column} = ${name}")
        statement.conditions = [text for text in statement.conditions if text != f"fact.{column} = ${name}"]
    if query.where.facility_type and not is_by_kind:
        conditions.append("reports.service_code in (select service_code from marts.dim_service where facility_type = $facility_type)")
        statement.conditions = [text for text in statement.conditions if text != "service.facility_type = $facility_type"]
        statement.joins = [text for text in statement.joins if "dim_service" not in text]
    keys = ["province_code", "district_code", "commune_code", "month", *([str(column)] if is_by_kind else [])]
    counted = [f"        reports.{key}," for key in keys]
    where = [f"    where {' and '.join(conditions)}"] if conditions else []
    lines = [
        "with counts as (",
        "    select",
        *counted,
        f"        sum(reports.{metric.kind.expression}) as {metric.kind.expression}",
        f"    from {metric.fact.table} as reports",
        *where,
        "    group by all",
        "),",
    ]
    if metric.kind.exposed:
        kinds = f" cross join (select distinct {column} from {metric.fact.table})" if is_by_kind else ""
        lines += [
            "exposed_counts as (",
            f"    select {', '.join(keys)}, coalesce({metric.kind.expression}, 0) as {metric.kind.expression}",
            f"    from ({metric.kind.exposed}){kinds}",
            f"    left join counts using ({', '.join(keys)})",
            "),",
        ]
    exposed = "exposed_counts" if metric.kind.exposed else "counts"
    return [
        *lines,
        "people as (",
        "    select years.commune_code, years.year, known.population",
        f"    from (select distinct commune_code, cast(year(month) as integer) as year from {exposed}) as years",
        "    asof left join marts.dim_population as known",
        "        on known.commune_code = years.commune_code and years.year >= known.year",
        "),",
        "commune_months as (",
        "    select exposed.*, people.population as people",
        f"    from {exposed} as exposed",
        "    left join people on people.commune_code = exposed.commune_code and people.year = year(exposed.month)",
        "),",
    ]


def readable(sql: str, parameters: dict[str, object]) -> str:
    """The statement with its parameters written in, for a person to read and run."""

    def literal(found: re.Match[str]) -> str:
        value = parameters[found[1]]
        if isinstance(value, date):
            return f"date '{value.isoformat()}'"
        if isinstance(value, list):
            return "[" + ", ".join(_quoted(item) for item in value) + "]"
        return _quoted(value)

    return re.sub(r"\$(\w+)", literal, sql)


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def window_of(query: Query, metric: Metric, data: Span) -> tuple[Span, list[tuple[str, int, int]]]:
    """The months that are counted and the cells they are made of; snapped to whole quarters where months are too fine."""
    asked_from = max(filter(None, (query.where.month_from, query.since)), default=None)
    first = max(month_number(asked_from), data.first) if asked_from else data.first
    last = min(month_number(query.where.month_to), data.last) if query.where.month_to else data.last
    finest = "quarter" if needs_quarters(metric, query) else "month"
    cells = tiles(Span(first, last), data, query.period, finest)
    if not cells:
        raise Problem(
            "No whole quarter lies in the period chosen." if first <= last and finest == "quarter" else "The period chosen has no data.",
            f"The data reach from {first_day(data.first):%b %Y} to {first_day(data.last):%b %Y}.",
            "Choose a longer period.",
            month_from=query.where.month_from,
            month_to=query.where.month_to,
        )
    if finest == "month":
        return Span(first, last), cells
    _, _, last_cell = cells[-1]
    end = last_cell + MONTHS_OF[cells[-1][0]] - 1
    return Span(max(cells[0][1], data.first), min(end, data.last)), cells
