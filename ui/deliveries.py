"""What arrived, what became of it, which rows were set aside and why, down to file, line and reason?"""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

import charts
from etl import api
from metrics.query import Filters, Query
from reports import ask, leads
from text import date_text, number, t
from ui import blocks

_FEW_RULES = 10


def reports() -> None:
    """How many of the expected reports came, month by month; without any report there is no share of them."""
    where = Filters(facility_type="health_centre")
    if ask.has_data("reporting_completeness_pct", where):
        query = Query(("reporting_completeness_pct",), period="month", where=where)
        blocks.chart(charts.trend, query, level=charts.FULLY_REPORTED_PCT)
    else:
        blocks.state("not_arrived.reports", icon="event_busy")


def balance() -> None:
    """One line a file: read = loaded + set aside + superseded + deleted by the source."""
    files = ask.book("files")
    refused = int((files["status"] == "refused").sum())
    blocks.heading(t("deliveries.balance"), t("deliveries.balance_text"))
    if refused:
        st.markdown(f":material/block: {t('deliveries.refused', n=number(refused))}")
    shown = pd.DataFrame(
        {
            t("deliveries.source"): [t(f"load_source.{source}") if isinstance(source, str) else "" for source in files["source"]],
            t("deliveries.file"): _titles(files),
            t("deliveries.taken_for"): [api.taken_for(kind, facts) for kind, facts in zip(files["format"], files["facts"], strict=True)],
            **{t(f"deliveries.{name}"): [number(n) for n in files[name].fillna(0)] for name in leads.COUNTS},
            t("deliveries.status"): [t(f"load_status.{status}") for status in files["status"]],
            t("deliveries.loaded_at"): [date_text(at) for at in files["loaded_at"]],
            t("deliveries.note"): files["note"].fillna(""),
        }
    )
    to_the_right = {t(f"deliveries.{name}"): st.column_config.Column(alignment="right") for name in leads.COUNTS}
    st.dataframe(shown, hide_index=True, height=min(480, 36 * (len(shown) + 1) + 2), column_config=to_the_right)
    _download(lambda: files, "files", t("deliveries.balance_text"))


def rules() -> None:
    """Every rule that a row broke, as the sentence for the person who filled in the form."""
    found = ask.book("rules_broken")
    blocks.heading(t("deliveries.rules"), t("deliveries.rules_text"))
    if found.empty:
        blocks.state("no_rejected_rows", icon="check_circle")
        return
    shown = pd.DataFrame(
        {
            t("deliveries.source"): [t(f"load_source.{source}") for source in found["source"]],
            t("deliveries.sentence"): found["sentence"],
            t("deliveries.outcome"): [t(f"deliveries.outcome_{outcome}") for outcome in found["outcome"]],
            t("deliveries.rows"): [number(rows) for rows in found["rows"]],
        }
    )
    st.table(shown, hide_index=True, border="horizontal", height=480 if len(shown) > _FEW_RULES else "content")  # a table breaks lines
    _download(lambda: found, "rules", t("deliveries.rules_text"))


def rows_set_aside() -> None:
    """The rows themselves: file, line, reasons, and what everybody may see of the row."""
    files = ask.book("files")
    with_rows = files[files["rows_set_aside"].fillna(0) > 0]
    if with_rows.empty:
        return
    blocks.heading(t("deliveries.set_aside"), t("deliveries.set_aside_text"))
    options = ["", *dict.fromkeys(_titles(with_rows))]
    file = st.selectbox(
        t("deliveries.file"), options, format_func=lambda name: name or t("deliveries.all_files"), key="deliveries file", width=420
    )
    rows = ask.book("rows_set_aside", file=file or None)
    st.dataframe(
        pd.DataFrame(
            {
                t("deliveries.file"): rows["file_name"],
                t("deliveries.line"): rows["line"],
                t("deliveries.reasons"): rows["reasons"],
                t("deliveries.row"): rows["row_masked"],
            }
        ),
        hide_index=True,
        height=420,
        column_config=_widths(file=250, line=70, reasons=640, row=900),
    )
    counted = with_rows[[file in ("", title) for title in _titles(with_rows)]]
    total = int(counted["rows_set_aside"].sum())
    blocks.small(t("deliveries.showing", n=number(len(rows)), all=number(total)))
    _download(
        lambda: ask.everything_set_aside(file or None),
        f"set-aside{'-' + file.replace('/', '-') if file else ''}",
        t("deliveries.set_aside_text"),
        t("deliveries.download_file") if file else t("deliveries.download_all", n=number(total)),
    )


def corrections() -> None:
    """Known errors of the sources that were put right on the way in: what it said, what counts instead, why and who says so."""
    found = ask.book("corrections")
    if found.empty:
        return
    blocks.heading(t("deliveries.corrections"), t("deliveries.corrections_text"))
    shown = pd.DataFrame(
        {
            t("deliveries.source"): [t(f"load_source.{source}") for source in found["source"]],
            t("deliveries.key"): found["key"],
            t("deliveries.field"): found["column_name"],
            t("deliveries.old"): found["old_value"],
            t("deliveries.new"): found["new_value"],
            t("deliveries.reason"): found["reason"],
            t("deliveries.who"): found["who"],
            t("deliveries.corrected_on"): [date_text(day) for day in found["corrected_on"]],
        }
    )
    st.dataframe(shown, hide_index=True, height=min(420, 36 * (len(shown) + 1) + 2))
    _download(lambda: found, "corrections", t("deliveries.corrections_text"))


def others() -> None:
    """Rows replaced by newer ones, and names of places that could not be matched with certainty."""
    places, newer = ask.book("unmatched_places"), ask.book("rows_superseded")
    if not places.empty:
        blocks.heading(t("deliveries.places"), t("deliveries.places_text"))
        st.dataframe(
            pd.DataFrame(
                {
                    t("deliveries.source"): [t(f"load_source.{source}") for source in places["source"]],
                    t("deliveries.field"): places["field"],
                    t("deliveries.value"): places["value"],
                    t("deliveries.candidates"): places["candidates"],
                    t("deliveries.rows"): places["rows"].astype(int),
                    t("deliveries.first"): [
                        f"{file}: {line}" for file, line in zip(places["file_name"], places["first_line"], strict=True)
                    ],
                }
            ),
            hide_index=True,
            height=min(420, 36 * (len(places) + 1) + 2),
            column_config=_widths(source=110, field=120, value=220, candidates=520, rows=70, first=240),
        )
        _download(lambda: places, "places", t("deliveries.places_text"))
    if not newer.empty:
        blocks.heading(t("deliveries.superseded"), t("deliveries.superseded_text"))
        st.dataframe(
            pd.DataFrame(
                {
                    t("deliveries.file"): newer["file_name"],
                    t("deliveries.line"): newer["line"],
                    t("deliveries.kept"): [
                        f"{file}: {line}" for file, line in zip(newer["kept_file_name"], newer["kept_line"], strict=True)
                    ],
                }
            ),
            hide_index=True,
            height=min(360, 36 * (len(newer) + 1) + 2),
        )
        _download(lambda: newer, "superseded", t("deliveries.superseded_text"))


def _titles(files: pd.DataFrame) -> list[str]:
    """Each file, and its sheet where it has several, as the other tables name it."""
    return [api.title(name, sheet) for name, sheet in zip(files["file_name"], files["sheet"], strict=True)]


def _widths(**columns: Any) -> dict[str, Any]:
    """How wide each column is, so that a sentence can be read whole."""
    return {t(f"deliveries.{name}"): st.column_config.Column(width=width) for name, width in columns.items()}


def _download(table: Callable[[], pd.DataFrame], name: str, about: str, label: str | None = None) -> None:
    """A table of the books to take away, made when it is taken."""
    with st.container(horizontal=True, gap="small"):
        blocks.own_downloads(table, about, f"deliveries-{name}", label=label)
