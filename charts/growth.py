"""Do facilitators score higher after their training, and is it still so later? One line a question and stage."""

from collections.abc import Sequence

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
    drawn = [
        row_of(f"{around.name(question)}: {around.name(stage).lower()}", metric, records[question, stage])
        for question in QUESTIONS
        for stage in STAGES
        if (question, stage) in records
    ]
    return Chart(
        key=f"growth-{metric_key(metric)}",
        title=finding(found, around),
        drawing=Rows(tuple(drawn), value_axis([], "%", top=100.0), row_height=38),
        subtitle=t("chart.rows_subtitle", measure=label(metric), scope=scope(result.query.where, around)) + " " + t("chart.rows_interval"),
        alt=" ".join(f"{row.name}: {told(row)}." for row in drawn),
        source=source(metric.fact.name, around),
        caveat=caveat(metric),
    )


def finding(found: Sequence[Growth], around: Around) -> str:
    """In how many questions facilitators score higher after training, and where most; or that too few were assessed."""
    after = [each for each in found if each.stage == "after_training"]
    if not after:
        return t("growth.too_few")
    higher = [each for each in after if each.is_clear and each.chance_pct > 50]
    lower = [each for each in after if each.is_clear and each.chance_pct < 50]
    if not higher:
        return t("growth.lower" if lower else "growth.same", n=number(len(lower)), all=number(len(after)))
    most = max(higher, key=lambda each: each.chance_pct)
    words = {"n": number(len(higher)), "all": number(len(after)), "question": around.name(most.question).lower()}
    return t("growth.higher_lower" if lower else "growth.higher", lower=number(len(lower)), chance=number(most.chance_pct), **words)
