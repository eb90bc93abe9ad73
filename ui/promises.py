"""What is promised of each service, and what comes of it? Rows of a service, documents, referrals, the offices of a commune."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

import charts
from charts.axes import value_axis
from charts.model import Bead, Chart, Row, Rows
from charts.plotly_figure import figure
from charts.words import amount, base, is_known, likely, said, scope, short
from metrics import catalogue, documents
from metrics.query import Filters, Query
from reports import ask, leads, view
from text import date_text, number, t, with_unit
from ui import blocks, links

SAID_OF_A_SERVICE = (
    "median_processing_days", "over_promised_fee_pct", "one_visit_pct", "documents_complete_pct", "referred_pct", "delivered_home_pct",
)  # fmt: skip
SENT_ON = ("referred_pct", "referred_to_police_pct")
BOOK = "family_book"  # issued by the police, often asked for at the hall

Record = Mapping[Hashable, Any]


def side_by_side(chosen: Filters) -> None:
    """A row for each service: what is promised, and what came of it."""
    blocks.heading(t("promises.rows"), t("promises.rows_text"))
    promised = ask.register("promises", chosen.place)
    by_service = Query((leads.KEPT, *SAID_OF_A_SERVICE), by=("service",), where=chosen)
    happened = {str(row["service_code"]): row for row in ask.result(by_service).table.to_dict("records")}
    for row in promised.to_dict("records"):
        code = str(row["service_code"])
        if code not in happened or (chosen.service and code != chosen.service):
            continue
        with st.container(border=True, key=f"promised-{code}"):
            subject, promise, reality = st.columns([2.6, 4.2, 5.2], gap="small")
            subject.markdown(f"**{ask.names().get(code, code)}**  \n:small[:gray[{_issuer(row)}]]")
            promise.markdown(_promise(row, chosen))
            reality.markdown(_reality(happened[code]))
    blocks.proof((ask.result(by_service),), "promises-by-service")


def _issuer(row: Record) -> str:
    issuer = ask.in_language(row, "issuer")
    return t("promises.issued_by", issuer=issuer) if issuer else t("promises.issuer_unknown")


def _promise(row: Record, chosen: Filters) -> str:
    """What is promised: the posting of the one office of a commune, else the official standard and how many offices posted their own."""
    is_own = bool(chosen.commune) and row["offices"] == 1 and row["posted_days"] == 1
    days = _time(row["least_days"], row["posted_day_type"]) if is_own else _time(row["official_days"], row["official_day_type"])
    fee = _fee(row["least_fee_riel"]) if is_own and is_known(row["least_fee_riel"]) else _fee(row["official_fee_riel"])
    needed = row["posted_documents"] if is_own and ask.is_there(row["posted_documents"]) else ask.in_language(row, "official_documents")
    home = [t("promises.home")] if is_own and row["offices_delivering"] else []
    lines = [f":small[:gray[{t('promises.promised')}]]", " · ".join([f"**{days}**", fee, *home])]
    lines += [f":small[:gray[{t('promises.documents', documents=needed)}]]"] if needed else []
    return "  \n".join([*lines, f":small[:gray[{_posted(row, is_own)}]]"])


def _posted(row: Record, is_own: bool) -> str:
    """Who says so: the office itself, some offices, or only the official standard."""
    if is_own:
        told = t("promises.posted_here", day=date_text(row["posted_from"]))
        official = _time(row["official_days"], row["official_day_type"])
        return f"{told} {t('promises.official_beside', days=official)}" if is_known(row["official_days"]) else told
    if not row["posted_days"]:
        return t("promises.posted_by_none")
    least, most = number(row["least_days"]), with_unit(row["most_days"], "days")
    days = most if row["least_days"] == row["most_days"] else t("promises.range", least=least, most=most)
    told = t("promises.posted_by", n=number(row["posted_days"]), all=number(row["offices"]), days=days)
    return f"{told} {t('promises.home_by', n=number(row['offices_delivering']))}" if row["offices_delivering"] else told


def _time(days: object, day_type: object) -> str:
    if not is_known(days):
        return t("promises.no_time")
    return t("promises.time", days=with_unit(days, "days"), kind=t(f"day_type.{day_type}").lower())


def _fee(riel: object) -> str:
    if not is_known(riel):
        return t("promises.no_fee")
    return t("promises.fee", riel=number(riel)) if riel else t("promises.free")


def _reality(row: Record) -> str:
    """Share in time with its likely range, and under it the rest; what is hidden or not known is left out."""
    kept = catalogue()[leads.KEPT]
    lines = [f":small[:gray[{t('promises.happened')}]]"]
    if row[f"{leads.KEPT}_status"] == "shown":
        sure = f"{likely(kept, row[f'{leads.KEPT}_low'], row[f'{leads.KEPT}_high'])}; {base(kept, row[f'{leads.KEPT}_n'])}"
        lines.append(f"**{t('promises.in_time', share=amount(kept, row[leads.KEPT]))}** :small[:gray[({sure})]]")
    else:
        lines.append(t("promises.in_time_not_told", why=said(kept, row[leads.KEPT], row[f"{leads.KEPT}_status"]).lower()))
    shown = [name for name in SAID_OF_A_SERVICE if row[f"{name}_status"] == "shown"]
    rest = [t(f"promises.told.{name}", value=amount(catalogue()[name], row[name])) for name in shown]
    return "  \n".join([*lines, f":small[:gray[{' · '.join(rest)}]]"])


def documents_effect(chosen: Filters) -> None:
    """How many days later a paper is ready without all documents, by service, within the same service and quarter."""
    found = documents.days_apart(chosen, view.now().build.build_id)
    if found is None:
        return
    made = _days_apart(found, view.now().build.build_id, view.now().language)
    blocks.show(made, figure(made, view.now().theme), ())
    names = [ask.names().get(code, code) for code in found.services["service_code"]]
    table = found.services.assign(service_code=names).round(1)
    blocks.own_proof(table, t("promises.apart.how"), "documents-days-apart", catalogue()["median_processing_days"], made=made)


def _days_apart(found: documents.DaysApart, build_id: str, language: str) -> Chart:
    metric, around = catalogue()["median_processing_days"], ask.around(found.where)
    drawn = [
        Row(
            around.name(row["service_code"]),
            base(metric, row["requests"]),
            beads=(
                Bead(
                    row["days"],
                    number(row["days"]),
                    low=row["low"],
                    high=row["high"],
                    hover=f"<b>{around.name(row['service_code'])}</b><br>{t('promises.apart.later', days=amount(metric, row['days']))}"
                    f"<br>{likely(metric, row['low'], row['high'])}",
                ),
            ),
        )
        for row in found.services.to_dict("records")
    ]
    finding = t("promises.apart.finding" if found.days > 0 else "promises.apart.none", days=amount(metric, abs(found.days)))
    return Chart(
        key="documents-days-apart",
        title=finding,
        subtitle=t("promises.apart.subtitle", scope=scope(found.where, around), likely=likely(metric, found.low, found.high)),
        drawing=Rows(tuple(drawn), value_axis([row.beads[0].high for row in drawn], metric.unit)),
        alt=" ".join(f"{row.name}: {row.beads[0].hover.split('<br>', 1)[1].replace('<br>', ', ')}." for row in drawn),
        source=t("source.requests", date=date_text(around.data_to)),
        caveat=t("promises.apart.how"),
    )


def referrals(chosen: Filters) -> None:
    """Who is sent on to another office, by service, and what that means for the family book."""
    blocks.chart(charts.rows, Query(("referred_pct",), by=("service",), where=chosen), by="service_code")
    book = chosen.but(service=BOOK)
    row = ask.result(Query(SENT_ON, where=book)).table.iloc[0].to_dict()
    if all(row[f"{name}_status"] == "shown" for name in SENT_ON):
        sent, police = (short(catalogue()[name], row[name]) for name in SENT_ON)
        blocks.line(t("promises.book", sent=sent, police=police))
    else:
        blocks.line(t("promises.book_rule"))


def offices(chosen: Filters) -> None:
    """What each office of a commune has posted, beside the official standard; nothing above the commune."""
    if not chosen.commune:
        return
    table = ask.register("offices", chosen.commune)
    blocks.heading(t("promises.offices"), t("promises.offices_text"))
    if table.empty:
        blocks.small(t("promises.no_offices"))
        return
    language = view.now().language
    shown = [
        {
            t("promises.column.office"): row[f"facility_{language}"] or row["facility_id"],
            t("promises.column.service"): ask.names().get(str(row["service_code"]), str(row["service_code"])),
            t("promises.column.posted_days"): _time(row["posted_days"], row["posted_day_type"]) if is_known(row["posted_days"]) else "–",
            t("promises.column.official_days"): _time(row["official_days"], row["official_day_type"]),
            t("promises.column.posted_fee"): _fee(row["posted_fee_riel"]) if is_known(row["posted_fee_riel"]) else "–",
            t("promises.column.official_fee"): _fee(row["official_fee_riel"]),
            t("promises.column.home"): _yes_or_no(row["is_delivered_home"]),
            t("promises.column.since"): "–" if pd.isna(row["posted_from"]) else date_text(row["posted_from"]),
        }
        for row in table.to_dict("records")
    ]
    readable = pd.DataFrame(shown)
    st.dataframe(readable, hide_index=True, width="content", height=min(460, 36 * (len(readable) + 1) + 2))
    blocks.own_proof(readable, t("promises.offices_text"), "promises-offices", is_table_shown=True)


def _yes_or_no(value: object) -> str:
    return t("forms.true" if value else "forms.false") if ask.is_there(value) else "–"


def link() -> None:
    """The way from another page to the promises, with the same choices."""
    st.page_link("pages/promises.py", label=t("question.promises"), icon=":material/handshake:", query_params=links.query())
