"""What is in the dropped files, what would they change, and how are they published, cancelled and taken back?"""

from functools import partial

import pandas as pd
import streamlit as st

import warehouse
from etl import api
from text import language, number, set_language, t
from ui import blocks, problems
from warehouse import Problem

_ROWS_SHOWN = 500
_ENDINGS = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "zip", "gz", "json", "parquet", "toml"]


def lead() -> str:
    """What the page does, in a sentence."""
    return t("loading.lead")


def delivery() -> str:
    """The token of this visitor's delivery; a new one when there is none, or it was published."""
    token = str(st.session_state.get("delivery", ""))
    try:
        api.files_in(token)
    except Problem:
        token = st.session_state["delivery"] = api.new_delivery()
    return token


def drop(token: str) -> None:
    """Take dropped files into the delivery, and list them with a way to take each out again."""
    key = f"drop-{token}-{st.session_state.get('drops', 0)}"
    dropped = st.file_uploader(t("loading.drop"), _ENDINGS, accept_multiple_files=True, key=key, help=t("loading.drop_help"))
    for file in dropped:
        try:
            api.put(token, file.name, file.getvalue())
        except Problem as problem:
            problems.show(problem)
    if dropped:
        st.session_state["drops"] = st.session_state.get("drops", 0) + 1  # an empty field again: the files are kept
        st.rerun()
    for path in api.files_in(token):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            size = max(path.stat().st_size // 1000, 1)
            st.markdown(f":material/description: **{path.name}** :small[:gray[{number(size)} kB]]", width="content")
            st.button(t("loading.take_out"), key=f"out-{path.name}", type="tertiary", on_click=api.take_out, args=(token, path.name))


def examined(token: str) -> api.Examination | None:
    """The delivery, read and checked; None while it is empty. Files that have not changed are not read again."""
    found = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in api.files_in(token)]
    if not found:
        return None
    build = warehouse.current_build()
    state = (token, tuple(found), build.build_id if build else "")
    if st.session_state.get("examined state") != state:
        with st.spinner(t("loading.checking")):
            st.session_state["examined"] = api.examine(token)
            st.session_state["examined state"] = state
    found_out: api.Examination = st.session_state["examined"]
    return found_out


def files(token: str, seen: api.Examination) -> None:
    """What each file is, its books, and a workbook for the office that sent it."""
    blocks.heading(t("loading.files"), t("loading.files_text"))
    for load in seen.loads:
        with st.container(border=True):
            what = t(f"load_source.{load.source}") if load.source else t("loading.unknown")
            st.markdown(f"**{load.title}** · {what} :small[:gray[{api.taken_for(load.format, load.facts)}]]")
            if load.status != "loaded":
                st.markdown(f":orange[:material/block:] {load.note}")
                continue
            if load.note:
                st.markdown(f":material/visibility_off: {load.note}")
            counts = {"read": load.rows_read, "loaded": load.rows_loaded, "aside": load.rows_set_aside, "superseded": load.rows_superseded}
            blocks.small(t("loading.books", **{name: number(count) for name, count in counts.items()}, deleted=number(load.rows_deleted)))
            if load.rows_set_aside:
                st.download_button(
                    t("loading.answer"),
                    partial(_for_the_office, load, seen.rows[seen.rows["load_id"] == load.load_id], language()),
                    f"{load.title.replace('.', '-').replace('/', '-')}-to-put-right.xlsx",
                    icon=":material/download:",
                    key=f"answer-{load.load_id}",
                    on_click="ignore",
                )
    for effect in seen.effects:
        counts = {"new": effect.new, "replaced": effect.replaced, "unchanged": effect.unchanged}
        words = t("loading.effect", source=t(f"load_source.{effect.source}"), **{name: number(count) for name, count in counts.items()})
        st.markdown(f":material/compare_arrows: {words}")


def _for_the_office(load: api.Load, rows: pd.DataFrame, spoken: str) -> bytes:
    set_language(spoken)  # a download is made in a thread of its own
    return api.answer_for_the_office(load, rows)


def rules(seen: api.Examination) -> None:
    """Every rule that a row broke, as the sentence for the person who filled in the form."""
    if seen.rules.empty:
        return
    blocks.heading(t("deliveries.rules"), t("deliveries.rules_text"))
    shown = {
        t("deliveries.source"): [t(f"load_source.{source}") for source in seen.rules["source"]],
        t("deliveries.sentence"): seen.rules["sentence"],
        t("deliveries.outcome"): [t(f"deliveries.outcome_{outcome}") for outcome in seen.rules["outcome"]],
        t("deliveries.rows"): [number(count) for count in seen.rules["rows"]],
    }
    st.table(shown, hide_index=True, border="horizontal")


def rows(seen: api.Examination) -> None:
    """The rows that would be set aside: file, line, every reason, and what everybody may see of the row."""
    if seen.rows.empty:
        return
    blocks.heading(t("deliveries.set_aside"), t("deliveries.set_aside_text"))
    names = {"file_name": "file", "line": "line", "reasons": "reasons", "row_masked": "row"}
    shown = seen.rows[list(names)].head(_ROWS_SHOWN).rename(columns={name: t(f"deliveries.{word}") for name, word in names.items()})
    st.dataframe(shown, hide_index=True, height=min(420, 36 * (len(shown) + 1) + 2))


def publish(token: str, seen: api.Examination) -> None:
    """The button that publishes; off, with the reason, while nothing could be loaded or a build is being made."""
    blocks.heading(t("loading.publish_title"), t("loading.publish_text"))
    busy = api.is_building()
    if not seen.can_be_published or busy:
        blocks.small(t("loading.busy") if busy else t("loading.nothing"))
    if st.button(t("loading.publish"), type="primary", icon=":material/publish:", disabled=busy or not seen.can_be_published):
        st.session_state["publishing"] = api.start_publishing(token)
        st.rerun()


def is_publishing() -> bool:
    """Whether a delivery of this visitor is being published."""
    return "publishing" in st.session_state


@st.fragment(run_every=0.7)
def progress() -> None:
    """How far the publishing is, with a way to cancel it; when it has ended the whole page is drawn again."""
    publishing: api.Publishing = st.session_state["publishing"]
    share, what = publishing.progress()
    st.progress(min(share, 1.0), text=t("loading.under_way", what=what))
    blocks.small(t("loading.goes_on"))
    if st.button(t("loading.cancel"), icon=":material/cancel:"):
        publishing.cancel()
        st.session_state["published"] = ("cancelled", "")
    elif publishing.exit_code() is None:
        return
    else:
        st.session_state["published"] = ("failed" if publishing.exit_code() not in (0, 1) else "done", publishing.said())
    del st.session_state["publishing"]
    st.rerun()


def outcome() -> None:
    """What became of the publishing that has just ended, told once."""
    how, said = st.session_state.pop("published", ("", ""))
    if not how:
        return
    with st.container(border=True):
        icon = {"done": "task_alt", "cancelled": "undo", "failed": "error_outline"}[how]
        st.markdown(f":material/{icon}: **{t(f'loading.{how}')}**")
        if said:
            st.code(said, language=None, wrap_lines=True)


def take_back() -> None:
    """Undo the newest delivery, after a second thought."""
    record = api.last_delivery()
    if record is None:
        return
    said = t("loading.undo_text", build=record.build_id, previous=record.previous, files=", ".join(record.files))
    blocks.heading(t("loading.undo_title"), said)
    with st.popover(t("loading.undo"), icon=":material/undo:"):
        st.markdown(t("loading.undo_sure", previous=record.previous))
        if st.button(t("loading.undo_yes"), type="primary"):
            api.undo_delivery()
            st.rerun()
