"""What does somebody see whose link names a build that lies in the archive?"""

import os

import streamlit as st

from etl import api
from text import date_text, number, t
from ui import blocks, links, problems
from warehouse import RESTORED_DAYS, Archived, Build, Problem

_SETTING = "COMMUNE_PULSE_RESTORE"
_TROUBLE = "trouble with the archive"


def may_restore() -> bool:
    """Whether the operator lets visitors bring a build back themselves."""
    return os.environ.get(_SETTING, "").strip().lower() in ("yes", "true", "1", "on")


def page(found: Archived, newest: Build) -> None:
    """What the archive means, how the build is had back, and the current one in its place."""
    build_id = str(found.facts["build_id"])
    blocks.title(t("archived.title", build=build_id))
    blocks.lead(t("archived.meaning", build=build_id))
    with st.container(border=True):
        if may_restore():
            st.markdown(t("archived.restore_here", days=number(RESTORED_DAYS)))
            words = t("archived.restore", build=build_id)
            st.button(words, icon=":material/unarchive:", type="primary", on_click=_restore, args=(build_id,))
            if problem := st.session_state.pop(_TROUBLE, None):
                problems.show(problem)
        else:
            st.markdown(t("archived.restore_by_operator", days=number(RESTORED_DAYS)))
            st.code(f"python -m etl restore {build_id}", language=None, wrap_lines=True)
    st.markdown(t("archived.current", build=newest.build_id, date=date_text(newest.data_to), made=date_text(newest.built_at)))
    st.button(t("archived.open_current"), icon=":material/update:", on_click=_open_current)


def _restore(build_id: str) -> None:
    try:
        api.restore(build_id)
    except Problem as problem:
        st.session_state[_TROUBLE] = problem


def _open_current() -> None:
    links.choose(build=None, old=None)
