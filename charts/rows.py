"""How does a measure differ from line to line: services, aspects, places, before and after?"""

from collections.abc import Sequence
from dataclasses import replace

from charts import findings
from charts.axes import value_axis
from charts.model import Axis, Bead, Chart, Row, Rows, Segment
from charts.words import Around, amount, base, caveat, is_known, label, likely, metric_key, said, scope, source
from metrics.compare import Comparison
from metrics.model import Metric
from metrics.query import Result
from metrics.scale import Spread
from metrics.scored import SOMETHING_ELSE
from text import number, t

_ROOM, _BEYOND = 1.1, 1.08  # for the words beside the longest row, and for the last tick
_HIGH = 3  # from this part of the scale on an answer is high
_ORDER = {"documents_complete": ("true", "false")}


def rows(result: Result, around: Around, *, by: str, metric: str | None = None, only_known: bool = False) -> Chart:
    """One row for each value of the column `by`, as the result orders them, services by size: a dot with its interval, a bar for counts.

    A hidden row keeps its place. `only_known` leaves out the rows for which there is nothing to know, such as services without a fee.
    """
    chosen = next((m for m in result.metrics if m.name == metric), result.metrics[0])
    name = chosen.name
    is_counted = not (chosen.is_share or chosen.is_time)
    drawn = []
    order = _ORDER.get(by, ())
    size = name if is_counted else f"{name}_n"
    records = sorted(
        result.table.to_dict("records"),
        key=lambda r: (order.index(str(r[by])) if str(r[by]) in order else len(order), -_known(r.get(size)) if by == "service_code" else 0),
    )
    for record in records:
        if only_known and record[f"{name}_status"] == "no_data":
            continue
        value, status = record[name], record[f"{name}_status"]
        who, rests_on = around.name(record[by]), record.get(f"{name}_n")
        detail = base(chosen, rests_on) if is_known(rests_on) and not is_counted else ""
        if status != "shown" or not is_known(value):
            drawn.append(Row(who, detail, note=said(chosen, value, status)))
            continue
        low, high = record.get(f"{name}_low"), record.get(f"{name}_high")
        words = f"<b>{who}</b><br>{amount(chosen, value)}" + (
            f"<br>{likely(chosen, low, high)}" if is_known(low) and is_known(high) else ""
        )
        if is_counted:
            drawn.append(Row(who, bar=float(value), bar_text=number(value, chosen.decimals)))
            continue
        limits = (low, high) if is_known(low) and is_known(high) else (None, None)
        drawn.append(
            Row(who, detail, beads=(Bead(float(value), number(value, chosen.decimals), low=limits[0], high=limits[1], hover=words),))
        )
    furthest = [b.high if b.high is not None else b.x for row in drawn for b in row.beads] + [
        row.bar for row in drawn if row.bar is not None
    ]
    return Chart(
        key=f"rows-{metric_key(chosen)}-{by}",
        title=findings.between(chosen, by, result.table, around, result.query.where),
        drawing=Rows(tuple(drawn), _axis(furthest, "" if is_counted else chosen.unit)),
        subtitle=t("chart.rows_subtitle", measure=label(chosen), scope=scope(result.query.where, around))
        + ("" if is_counted else " " + t("chart.rows_interval")),
        alt=" ".join(f"{row.name}: {_told(row)}." for row in drawn),
        source=source(chosen.fact.name, around),
        caveat=caveat(chosen),
    )


def _known(value: object) -> float:
    return float(value) if is_known(value) else 0.0


def _axis(furthest: Sequence[float | None], unit: str) -> Axis[float]:
    axis = value_axis(furthest, unit, room=_ROOM)
    return replace(axis, end=axis.ticks[-1][0] * _BEYOND)


def _told(row: Row) -> str:
    """A row without eyes: its value and likely range, or why there is none."""
    return row.bar_text or (row.beads[0].hover.split("<br>", 1)[1].replace("<br>", ", ") if row.beads else row.note)


def waiting(result: Result, total: Result, around: Around) -> Chart:
    """Requests still open in each service, most first: dark those past their official time, pale the others; `total` is all together.

    Both need both counts. Where the late ones of a service are hidden its bar is pale, and the caveat says so.
    """
    open_now, late_now = (next(m for m in result.metrics if m.name == name) for name in ("open_requests", "overdue_requests"))
    records = sorted(result.table.to_dict("records"), key=lambda r: -r[open_now.name] if is_known(r[open_now.name]) else 0)
    drawn = []
    for record in records:
        who, in_all, late = (record[name] for name in ("service_code", open_now.name, late_now.name))
        if not is_known(in_all):
            drawn.append(Row(around.name(who), note=said(open_now, in_all, record[f"{open_now.name}_status"])))
            continue
        has_time, knows_late = who in around.standards, is_known(late)
        how = "no_time" if not has_time else "late" if knows_late else "late_hidden"
        parts = (("step_5", late, "late"), ("step_2", in_all - late, "in_time")) if has_time and knows_late else (("step_2", in_all, how),)
        drawn.append(
            Row(
                around.name(who),
                "" if how == "late_hidden" else t(f"waiting.{how}", late=number(late)),
                segments=tuple(Segment(n, tone, hover=t(f"waiting.{kind}_hover", n=number(n))) for tone, n, kind in parts if n),
                bar_text=number(in_all),
            )
        )
    is_late_hidden = any(row.segments and not row.detail for row in drawn)
    longest = [sum(segment.length for segment in row.segments) for row in drawn]
    return Chart(
        key="waiting",
        title=findings.waiting(total.table.to_dict("records")),
        subtitle=t("waiting.subtitle_hidden" if is_late_hidden else "waiting.subtitle", scope=scope(result.query.where, around)),
        drawing=Rows(tuple(drawn), _axis(longest, "")),
        alt=" ".join(f"{row.name}: {row.note or ', '.join(filter(None, (row.bar_text, row.detail)))}." for row in drawn),
        source=source(open_now.fact.name, around),
        caveat=f"{caveat(open_now)} {t('waiting.late_hidden' if is_late_hidden else 'chart.standard_caveat_short')}",
    )


def dumbbells(pairs: Sequence[tuple[str, Comparison]], around: Around) -> Chart:
    """Before (hollow) and after (filled) for each service, against the official time as an upright bar; most asked for first."""
    metric = pairs[0][1].metric
    ordered = sorted(pairs, key=lambda pair: -(pair[1].n_after or 0))
    drawn, lower, higher = [], 0, 0
    for code, pair in ordered:
        detail = base(metric, pair.n_after) if is_known(pair.n_after) and pair.n_after else ""
        standard = around.standards.get(code)
        if not (is_known(pair.before) and is_known(pair.after)):
            drawn.append(Row(around.name(code), detail, standard=standard, note=t("cell.too_few")))
            continue
        lower, higher = lower + (pair.after < pair.before), higher + (pair.after > pair.before)
        drawn.append(
            Row(
                around.name(code),
                detail,
                standard=standard,
                beads=(
                    Bead(
                        pair.before,
                        is_hollow=True,
                        hover=t("chart.before_hover", name=around.name(code), value=amount(metric, pair.before)),
                    ),
                    Bead(
                        pair.after,
                        number(pair.after, metric.decimals),
                        hover=t("chart.after_hover", name=around.name(code), value=amount(metric, pair.after)),
                    ),
                ),
            )
        )
    positions = [b.x for row in drawn for b in row.beads] + [row.standard for row in drawn if row.standard is not None]
    return Chart(
        key=f"dumbbells-{metric.name}",
        title=findings.services(lower, higher, sum(bool(row.beads) for row in drawn)),
        subtitle=t("chart.dumbbells_subtitle", measure=label(metric)),
        drawing=Rows(tuple(drawn), _axis(positions, metric.unit)),
        alt=" ".join(f"{row.name}: {_pair(row, metric)}." for row in drawn),
        source=source("standards", around),
        caveat=t("chart.standard_caveat"),
    )


def _pair(row: Row, metric: Metric) -> str:
    """Before and after without eyes, or why there is neither."""
    return t("chart.pair", before=amount(metric, row.beads[0].x), after=amount(metric, row.beads[1].x)) if row.beads else row.note


def levels(spreads: Sequence[Spread], around: Around, *, subtitle: str, fact: str = "feedback") -> Chart:
    """How answers spread over the five parts of the scale, one full bar a topic; parts that are counted together say so."""
    drawn = tuple(
        Row(
            around.name(each.topic),
            t(f"base.{fact}", n=number(each.answers)),
            segments=tuple(
                Segment(
                    share, f"step_{step}", f"{number(share)}" if share >= 8 else "", f"<b>{_steps(each, step - 1)}</b><br>{number(share)} %"
                )
                for step, share in enumerate(each.shares_pct, 1)
            ),
        )
        for each in spreads
    )
    told = [each for each in spreads if all((part >= _HIGH) == (where >= _HIGH) for part, where in enumerate(each.counted_in))]
    title = t("finding.levels_merged")
    if told:
        by_height = sorted([each for each in told if each.topic != SOMETHING_ELSE] or told, key=lambda each: sum(each.shares_pct[_HIGH:]))
        lowest, best = (t(f"finding.aspect.{each.topic}", otherwise=around.name(each.topic)) for each in (by_height[0], by_height[-1]))
        share = number(sum(by_height[-1].shares_pct[_HIGH:]))
        title = t(f"finding.levels.{fact}{'' if len(by_height) > 1 else '_one'}", name=best, lowest=lowest, share=share)
    together = [
        f"{around.name(each.topic)}: {_steps(each, where)}"
        for each in spreads
        for where in sorted(set(each.counted_in))
        if each.counted_in.count(where) > 1
    ]
    return Chart(
        key=f"levels-{fact}",
        title=title,
        subtitle=subtitle,
        drawing=Rows(drawn, value_axis([], "%", top=100.0)),
        source=source(fact, around),
        caveat=t("page.feedback.spread_merged", steps="; ".join(together)) if together else "",
        alt=" ".join(f"{row.name}: {', '.join(f'{number(s.length)} %' for s in row.segments)}." for row in drawn),
    )


def _steps(spread: Spread, where: int) -> str:
    """The names of the parts of the scale that are counted in one."""
    return " + ".join(t(f"level.{part}") for part, counted in enumerate(spread.counted_in, 1) if counted == where)
