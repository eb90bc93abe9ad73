"""What does a file that nobody understood hold? The mapping that is proposed, the questions that are open, and the text to correct."""

import pandas as pd
import streamlit as st

from etl import api
from reports import ask
from text import language, number, t
from ui import blocks, problems
from warehouse import Problem

_KINDS = ("source", "rows", "column", "value", "dates", "scale", "keep", "register", "place")


def propose(token: str, seen: api.Examination) -> None:
    """One panel for each file or sheet that was not understood."""
    for load in seen.loads:
        if load.status in ("refused", "not used") and not load.file_name.endswith(".toml"):
            with st.expander(t("mapping.title", file=load.title), icon=":material/schema:", expanded=load.status == "refused"):
                try:
                    _panel(token, load)
                except Problem as problem:
                    problems.show(problem)


def _panel(token: str, load: api.Load) -> None:
    key = f"answers-{token}-{load.title}"
    answers: dict[str, str] = st.session_state.setdefault(key, {})
    proposal = _proposed(token, load, answers)
    if proposal.source:
        st.markdown(t("mapping.source", source=t(f"load_source.{proposal.source}")))
        _columns(proposal)
    for question in proposal.questions:
        _ask(question, proposal, key)
    text = st.text_area(t("mapping.text"), proposal.to_toml(), height=260, key=f"toml-{key}-{len(answers)}", help=t("mapping.text_help"))
    if st.button(t("mapping.use"), type="primary", icon=":material/task_alt:", key=f"use-{key}", disabled=not proposal.source):
        api.keep_mapping(token, load.file_name, load.sheet, text)
        st.rerun()


def _proposed(token: str, load: api.Load, answers: dict[str, str]) -> api.Proposal:
    """The proposal with the answers so far; a file is read again only when an answer has changed."""
    state = (token, load.title, load.content_hash, tuple(sorted(answers.items())))
    if st.session_state.get("proposed for", {}).get(load.title) != state:
        with st.spinner(t("mapping.reading")):
            st.session_state.setdefault("proposed", {})[load.title] = api.propose_for(token, load.file_name, load.sheet, answers)
        st.session_state.setdefault("proposed for", {})[load.title] = state
    proposal: api.Proposal = st.session_state["proposed"][load.title]
    return proposal


def _columns(proposal: api.Proposal) -> None:
    """Which column of ours comes from where, and how sure that is."""
    sure = {True: t("mapping.certain_true"), False: t("mapping.certain_false")}
    rows = [
        (api.column_label(proposal.source, one.target, language()), ", ".join(one.column.headers), sure[one.is_certain])
        for one in (*proposal.taken, *proposal.places)
    ]
    names = [t("mapping.ours"), t("mapping.theirs"), t("mapping.sure")]
    if rows:
        st.dataframe(pd.DataFrame(rows, columns=names), hide_index=True, height=min(420, 36 * (len(rows) + 1) + 2))
    if proposal.unused:
        blocks.small(t("mapping.unused", headers=", ".join(proposal.unused)))


def _ask(question: api.Question, proposal: api.Proposal, key: str) -> None:
    """One open question, with its candidates; what is not answered is left out."""
    kind = question.kind if question.kind in _KINDS else "column"
    about = question.key.rpartition(":")[2] if kind in ("value", "place") else question.target
    subject = api.column_label(proposal.source, question.target, language()) if kind in ("column", "value", "dates") else about
    words = t(f"mapping.ask_{kind}", subject=subject, written=about, n=number(question.rows))
    labels = {one.answer: ask.names().get(one.label, one.label) for one in question.candidates}
    if kind == "column":
        labels |= {header: header for header in proposal.unused if header not in labels}
    needed = t("mapping.needed") if question.is_required else t("mapping.not_needed")

    def answered() -> None:
        given = st.session_state[f"{key}-{question.key}"]
        if given:
            st.session_state[key] = {**st.session_state[key], question.key: str(given)}

    if labels:
        st.selectbox(
            f"{words} :small[:gray[{needed}]]",
            list(labels),
            index=None,
            format_func=lambda answer: labels[answer],
            key=f"{key}-{question.key}",
            on_change=answered,
            placeholder=t("mapping.choose"),
            accept_new_options=question.is_free,
            help=t("mapping.one_value") if kind == "column" and question.is_free else None,
        )
    else:
        st.text_input(f"{words} :small[:gray[{needed}]]", key=f"{key}-{question.key}", on_change=answered)
