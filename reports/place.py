"""What is there to tell about one commune: since when, by whom, which lanes moved, what became of its low scores?"""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from charts.words import amount, short
from metrics.follow_through import NO_RECORD
from metrics.query import Filters, Query
from metrics.timeline import steps
from reports import ask, judged, sentences, told, view
from stats.verdict import Word
from text import month_text, number, t

UNTOLD = (NO_RECORD, str(Word.CANNOT_TELL))


def lead(chosen: Filters) -> str:
    """Since when the programme is there, what moved between the year before and the year after, or what is known at all."""
    parts, since = told.pairs_in_words(told.PROMISES, chosen, broad=False), covered_since(str(chosen.commune))
    if parts:
        return f"{since} {t('page.commune.moved', parts=', '.join(parts))}"
    return f"{since} {sentences.newest(ask.finest(Query(('median_processing_days',), where=chosen), ('year',)))}"


def covered_since(commune: str) -> str:
    """Since when the programme is there."""
    row = _row(commune)
    if pd.isna(row["start_date"]):
        return t("page.commune.not_covered")
    return t("page.commune.covered", month=month_text(row["start_date"]))


def facts(commune: str) -> str:
    """Code, people, partner and facilities in one line."""
    about, found = _row(commune), ask.register("facilities", commune)
    parts = [t("page.commune.code", code=commune)]
    if not pd.isna(about["population"]):
        parts.append(t("page.commune.people", n=number(about["population"]), year=number(about["population_year"], grouped=False)))
    partner = about[f"partner_{view.now().language}"] or about["partner_en"]
    if partner and not pd.isna(partner):
        parts.append(t("page.commune.partner", partner=partner))
    column = f"facility_{view.now().language}"
    names = [str(row[column] or row["facility_en"]) for row in found[found["closed_date"].isna()].to_dict("records")]
    return " · ".join(parts + ([", ".join(names)] if names else []))


def finding(chosen: Filters) -> str:
    """The newest year of waiting in this commune beside the year before the programme, as the title of its lanes."""
    compared = ask.before_after("median_processing_days", Filters(commune=chosen.commune))
    if compared.before is None or pd.isna(compared.before) or pd.isna(compared.after):
        requests = ask.result(Query(("requests",), where=chosen)).table
        shown = len(requests) and requests["requests_status"].iloc[0] == "shown"
        return t("page.commune.requests", n=number(requests["requests"].iloc[0])) if shown else t("page.commune.all")
    return t("page.commune.finding", before=short(compared.metric, compared.before), after=amount(compared.metric, compared.after))


def _row(commune: str) -> dict:
    table = ask.communes()
    return table[table["commune_code"] == commune].iloc[0].to_dict()


def facility_type(chosen: Filters) -> str | None:
    """The kind of facility that gives the chosen service; None where none is chosen."""
    table = ask.services()
    found = table.loc[table["service_code"] == chosen.service, "facility_type"]
    return str(found.iloc[0]) if len(found) else None


def lanes(chosen: Filters) -> tuple[Query, ...]:
    """What moves in the commune for the chosen service, or for all: requests, days, visits, satisfaction."""
    kind = facility_type(chosen)
    queries: list[Query] = []
    if kind != "health_centre":
        queries += [Query(("requests",), where=chosen), Query(("median_processing_days",), where=chosen)]
    if kind in (None, "health_centre"):
        queries.append(Query(("visits_per_facility_month", "reporting_completeness_pct"), where=chosen.but(facility_type="health_centre")))
    queries.append(Query(("satisfied_pct",), where=chosen.but(service=None, facility_type=kind)))
    return tuple(ask.finest(query) for query in queries)


def cycle(chosen: Filters) -> pd.DataFrame:
    """What was done and scored in the commune, the words of its actions in the reader's language."""
    found = steps(view.now().build.build_id, str(chosen.commune), facility_type(chosen))
    return found.assign(action=[ask.in_language(row, "action") for row in found.to_dict("records")])


def story(row: dict[Hashable, Any]) -> str:
    """Scored low → agreed → done → the record → the next score, and whether the last two agree."""
    names = ask.names()
    parts = [
        t(
            "timeline.story_scored",
            facility=names.get(str(row["facility_type"]), str(row["facility_type"])),
            criterion=names.get(str(row["category"]), str(row["category"])),
            score=number(row["score_pct"]),
            month=month_text(row["scored_date"]),
        ),
        t("timeline.story_agreed", month=month_text(row["agreed_date"]), action=ask.in_language(row, "action")),
        t("timeline.story_done", month=month_text(row["done_date"])) if row["is_done"] else t("timeline.story_not_done"),
    ]
    record = _record(row)
    if record is not None:
        figures = judged.figures(record)
        parts.append(figures if row["is_own_record"] else t("timeline.story_common", told=figures))
    has_next = not pd.isna(row["next_score_pct"])
    if has_next:
        parts.append(t("timeline.story_next", score=number(row["next_score_pct"])))
    line = " → ".join(parts) + "."
    if record is None or not has_next:
        return line
    is_better, is_seen = record["word"] == str(Word.IMPROVEMENT), not row["is_low_again"]
    agrees = {(True, True): "both_better", (True, False): "only_records", (False, True): "only_citizens", (False, False): "neither"}
    return f"{line} **{t(f'timeline.{agrees[is_better, is_seen]}')}**"


def _record(row: dict[Hashable, Any]) -> dict[Hashable, Any] | None:
    """The verdict since the action on the measure that answers the criterion, where one was told."""
    if row["record"] in UNTOLD or pd.isna(row["before"]):
        return None
    return {**row, "metric": row["measure"], "word": row["record"]}
