"""What does each subject answer in a sentence or two: promises, scorecards, actions, outreach, what arrived?"""

from datetime import date, timedelta

from charts import findings
from charts.growth import clearly_higher
from charts.words import amount, between, is_known
from metrics import catalogue, registers, scored
from metrics.growth import Growth, growth
from metrics.query import Filters, Query
from metrics.sql import first_day, month_number
from reports import ask, view
from text import month_text, number, percent, plural, t, with_unit

KEPT = "within_promise_pct"
SAID_IN_LEAD = (KEPT, "over_promised_fee_pct", "one_visit_pct")
SESSIONS = ("sessions_planned", "sessions_held", "sessions_cancelled")
COUNTS = ("rows_read", "rows_loaded", "rows_set_aside", "rows_superseded", "rows_deleted")


def actions(chosen: Filters) -> str:
    """How many were agreed, are done, wait and are late; and how many of those old enough were done within a year."""
    result = ask.result(Query(("actions_agreed", "overdue_actions", "overdue_carried_actions"), by=("action_status",), where=chosen))
    agreed = result.table.set_index("action_status")["actions_agreed"]
    count = {status: int(agreed.get(status, 0)) for status in ("planned", "ongoing", "completed", "carried_over")}
    every, late, carried = (int(result.table[name].sum()) for name in ("actions_agreed", "overdue_actions", "overdue_carried_actions"))
    told = t(
        "plans.lead",
        all=number(every),
        done=number(count["completed"]),
        share=percent(100 * count["completed"] / every),
        ongoing=number(count["ongoing"]),
        open=number(count["planned"] + count["ongoing"]),
        late=number(late),
    )
    if not count["carried_over"]:
        return told
    return f"{told} {t('plans.lead_carried', n=number(count['carried_over']), late=number(carried))}"


def promises(chosen: Filters) -> str:
    """How far the promises were kept, in a sentence each; empty where nothing can be told."""
    return " ".join(filter(None, (_finding(name, chosen) for name in SAID_IN_LEAD)))


def _finding(metric: str, chosen: Filters) -> str:
    """One figure of all months as a sentence; empty where it cannot be shown."""
    row = ask.result(Query((metric,), where=chosen)).table.iloc[0].to_dict()
    if row[f"{metric}_status"] != "shown":
        return ""
    return t("page.newest", told=findings.level(catalogue()[metric], row[metric], chosen))


def scorecards(chosen: Filters) -> str:
    """What share of scores is good, the category that is scored lowest, and whether providers see it differently."""
    row = ask.result(Query((scored.CITIZENS, scored.PROVIDERS), where=chosen)).table.iloc[0]
    citizens, providers = row[scored.CITIZENS], row[scored.PROVIDERS]
    if not is_known(citizens):
        return t("scorecards.lead_hidden")
    parts = [t("scorecards.lead", share=percent(citizens), n=number(row[f"{scored.CITIZENS}_n"]))]
    if is_known(providers):
        turn = "higher" if providers > citizens else "lower" if providers < citizens else "alike"
        parts.append(t(f"scorecards.lead_{turn}", share=percent(providers)))
    spread = scored.spreads(chosen, view.now().build.build_id)
    if len(spread) > 1:
        parts.append(t("scorecards.lead_lowest", name=ask.around().name(spread[0].topic)))
    return " ".join(parts)


def outreach(chosen: Filters) -> str:
    """How many sessions were planned and held, how many people came, and in how many questions facilitators grew.

    In the period chosen, else in the last four whole quarters; facilitators over all months.
    """
    has_period = chosen.month_from or chosen.month_to
    where = chosen if has_period else _newest_year(chosen)
    said = between(chosen.month_from, chosen.month_to)
    when = t("page.outreach.in_choice", months=said) if has_period else t("page.outreach.in_year", month=month_of(where.month_to))
    planned, held = (one(name, where) for name in SESSIONS[:2])
    if planned is None and held is None:
        return t("page.outreach.lead_none", when=when)
    if held == 0 and planned:
        return t("page.outreach.lead_none_held", when=when, planned=number(planned or 0))
    words = {"when": when, "held": amount(catalogue()["sessions_held"], held or 0), "planned": number(planned or 0)}
    came, women = one("participants", where), one("participants_women_pct", ask.in_province(where))
    if came is None:
        return t("page.outreach.lead_hidden", **words)
    parts = [t("page.outreach.lead", came=amount(catalogue()["participants"], came), **words)]
    if women is not None and where == ask.in_province(where):
        parts.append(t("page.outreach.lead_women", women=percent(women)))
    if grew := grown_in_words(chosen)[0]:
        parts.append(grew)
    return " ".join(parts)


def grown_in_words(chosen: Filters) -> tuple[str, str]:
    """In how many questions trained facilitators score higher, and of whom and how many it is told; both empty where it is in none."""
    found, where = grown(chosen)
    after = [each for each in found if each.stage == "after_training"]
    if not (higher := clearly_higher(after)):
        return "", ""
    fewest = {name: number(min(getattr(each, name) for each in after)) for name in ("n_before", "n_later")}
    place = ask.names().get(str(where.province), t("scope.everywhere"))
    return t("growth.lead", n=number(len(higher)), all=number(len(after))), t("growth.rests_on", place=place, **fewest)


def grown(chosen: Filters) -> tuple[tuple[Growth, ...], Filters]:
    """How facilitators grew, and of which place it is told: the province, or everywhere."""
    build_id, province = view.now().build.build_id, ask.in_province(chosen).province
    own = growth(build_id, province) if province else ()
    return own or growth(build_id), Filters(province=province if own else None)


def one(metric: str, where: Filters) -> float | None:
    """A single figure, None where there is none or it is hidden."""
    if not ask.has_data(metric, where):
        return None
    row = ask.result(Query((metric,), where=where)).table.iloc[0]
    return float(row[metric]) if row[f"{metric}_status"] == "shown" else None


def _newest_year(chosen: Filters) -> Filters:
    """The choice in the last four quarters that are over by the data date."""
    first, last = registers.newest_year(view.now().build.build_id)
    return chosen.but(month_from=f"{first:%Y-%m}", month_to=f"{last:%Y-%m}")


def month_of(month: str | None) -> str:
    return month_text(date.fromisoformat(f"{month}-01")) if month else ""


def deliveries() -> str:
    """The balance of the whole build in a sentence; what did not happen is left out."""
    files = ask.book("files")
    counts = {name: int(files[name].fillna(0).sum()) for name in COUNTS}
    read, loaded = counts["rows_read"], counts["rows_loaded"]
    arrived = plural(files["file_name"].nunique(), "deliveries.lead_one", "deliveries.lead_many")
    rows = t("deliveries.lead_rows", files=arrived, read=with_unit(read, "rows"))
    broken = ask.book("rules_broken")
    warned = int(broken.loc[broken["outcome"] == "warn", "rows"].sum())
    warnings = f" {plural(warned, 'deliveries.lead_warning', 'deliveries.lead_warnings')}" if warned else ""
    if loaded == read:
        return f"{rows} {t('deliveries.lead_all')}{warnings}"
    others = [t(f"deliveries.lead_{name}", n=number(n)) for name, n in counts.items() if n and name not in ("rows_read", "rows_loaded")]
    return f"{rows} {t('deliveries.lead_counted', share=number(100 * loaded / read, 1), others=', '.join(others))}{warnings}"


def reports_in(place: Filters, strong: str = "") -> str:
    """How many of the reports that were due from the health centres of a place came, over a year; empty where it cannot be told."""
    build = view.now().build
    first, last = _last_year_of_reports(build.data_to or build.built_at.date())
    where = place.but(facility_type="health_centre", month_from=f"{first:%Y-%m}", month_to=f"{last:%Y-%m}")
    share = one("reporting_completeness_pct", where)
    return "" if share is None else t("frame.reports_in", share=f"{strong}{percent(share)}{strong}", month=month_text(last))


def _last_year_of_reports(data_to: date) -> tuple[date, date]:
    """The first and the last of the twelve newest months whose reports are due: a month is reported in the month after it."""
    last = month_number(data_to + timedelta(days=1)) - 2
    return first_day(last - 11), first_day(last)
