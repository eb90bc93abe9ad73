"""Do facilitators score higher after their training, and is it still so later? One line a question and stage."""

from collections.abc import Sequence
from dataclasses import replace

from charts.axes import value_axis
from charts.model import Chart, Rows
from charts.rows import row_of, told
from charts.words import Around, caveat, label, metric_key, scope, source
from metrics.growth import Growth
from metrics.query import Result
from text import number, t

QUESTIONS = ("knowledge", "confidence", "leadership", "civic_engagement", "uses_services")
STAGES = ("before_training", "after_training", "follow_up")


def growth(result: Result, around: Around, *, found: tuple[Growth, ...] = ()) -> Chart:
    """The share that scores high by `assessment_question` and `assessment_stage`, stages in order under each question; `found` is what
    the title may say of the change.
    """
    metric = result.metrics[0]
    records = {(row["assessment_question"], row["assessment_stage"]): row for row in result.table.to_dict("records")}
    asked = [(question, stage) for question in QUESTIONS for stage in STAGES if (question, stage) in records]
    drawn = {(question, stage): row_of(t(f"growth.short.{stage}"), metric, records[question, stage]) for question, stage in asked}
    alt = " ".join(f"{around.name(question)}, {row.name}: {told(row)}." for (question, _), row in drawn.items())
    for question in QUESTIONS:  # its name stands at its first stage only
        if row := drawn.get((question, STAGES[0])):
            detail = ", ".join(filter(None, (row.name, row.detail)))
            drawn[question, STAGES[0]] = replace(row, name=around.name(question), detail=detail)
    return Chart(
        key=f"growth-{metric_key(metric)}",
        title=finding(found, around),
        drawing=Rows(tuple(drawn.values()), value_axis([], "%", top=100.0), row_height=34),
        subtitle=t("chart.rows_subtitle", measure=label(metric), scope=scope(result.query.where, around)) + " " + t("chart.rows_interval"),
        alt=alt,
        source=source(metric.fact.name, around),
        caveat=caveat(metric),
    )


def finding(found: Sequence[Growth], around: Around) -> str:
    """In how many questions facilitators score higher after training, and where most; or that too few were assessed."""
    after = [each for each in found if each.stage == "after_training"]
    if not after:
        return t("growth.too_few")
    higher = clearly_higher(after)
    lower = [each for each in after if each.is_clear and each.chance_pct < 50]
    if not higher:
        return t("growth.lower" if lower else "growth.same", n=number(len(lower)), all=number(len(after)))
    most = max(higher, key=lambda each: each.chance_pct)
    words = {"n": number(len(higher)), "all": number(len(after)), "question": around.name(most.question).lower()}
    return t("growth.higher_lower" if lower else "growth.higher", lower=number(len(lower)), chance=number(most.chance_pct), **words)


def clearly_higher(found: Sequence[Growth]) -> list[Growth]:
    """Those of which the likely range lies above "no change"."""
    return [each for each in found if each.is_clear and each.chance_pct > 50]
