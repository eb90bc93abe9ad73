"""What are the figures worth? The line on top of every page: invented or real, how fresh, how complete; and the language."""

from collections.abc import Mapping

import streamlit as st

from charts.words import label
from metrics import catalogue, fingerprint
from metrics.query import Filters, Query
from reports import ask, leads, view
from text import date_text, number, t
from ui import links

_FEW_MEASURES = 5  # named where more are meant
_OLD_MONTHS = 4  # a report is due a month after its month: from here on the records are old, whatever came late


def head(languages: Mapping[str, str], *, has_facts: bool = True) -> None:
    """The state of the data (unless nothing of it is shown), and the switch between languages at its end."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        badge = (
            f":violet-badge[:material/science: {t('frame.demonstration')}] :small[{t('frame.demonstration_text')}]  \n"
            if view.now().build.is_demonstration
            else ""
        )
        st.markdown(f"{badge}:small[:gray[{' · '.join(_facts())}]]" if has_facts else "", width="stretch")
        st.session_state["choose lang"] = view.now().language
        st.segmented_control(
            t("app.language"),
            list(languages),
            format_func=languages.__getitem__,
            key="choose lang",
            required=True,
            label_visibility="collapsed",
            on_change=_change_language,
        )
    if not view.now().is_newest:
        _older_build()


def _older_build() -> None:
    """That an older build is shown, the way to the current one and to what changed, and which figures are defined otherwise today."""
    seen = view.now()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/history: {t('frame.older_build', build=seen.build.build_id)}", width="content")
        st.button(t("frame.open_newest"), type="tertiary", icon=":material/update:", on_click=_open_newest)
        if st.button(t("changes.open"), type="tertiary", icon=":material/compare_arrows:"):
            asked = {**links.query(build=None), "lang": seen.language, "old": seen.build.build_id}
            st.switch_page("pages/changes.py", query_params=asked)
    if redefined := fingerprint.redefined_since(seen.build.build_id):
        names = ", ".join(label(catalogue()[name]) for name in redefined[:_FEW_MEASURES])
        more = ", …" if len(redefined) > _FEW_MEASURES else ""
        st.markdown(f":small[:material/rule: {t('changes.redefined', measures=names + more)}]")


def _facts() -> list[str]:
    build = view.now().build
    facts = [t("frame.data_to", date=f"**{date_text(build.data_to)}**"), t("frame.loaded", date=date_text(build.built_at))]
    months = 12 * (build.built_at.year - build.data_to.year) + build.built_at.month - build.data_to.month if build.data_to else 0
    if months >= _OLD_MONTHS:
        facts.append(t("frame.old", months=number(months)))
    facts += filter(None, [leads.reports_in(Filters(), strong="**")])
    rows = ask.result(Query(("rows_read", "rows_set_aside"))).table
    read, aside = (float(rows[name].iloc[0]) if len(rows) else 0.0 for name in ("rows_read", "rows_set_aside"))
    facts.append(t("frame.rows_set_aside", n=number(aside), all=number(read)) if aside > 0 else t("frame.no_rows_set_aside"))
    return [*facts, t("frame.build", build=build.build_id)]


def _open_newest() -> None:
    links.choose(build=None)


def _change_language() -> None:
    links.choose(lang=st.session_state["choose lang"])
