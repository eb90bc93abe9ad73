"""Which measure does a page of several speak of? A choice of this page only, kept in the address."""

from collections.abc import Mapping

import streamlit as st

from text import t
from ui import links, problems

_WIDTH = 420


def choose(words: Mapping[str, str]) -> str:
    """Draw the choice (measure -> what it is called) and return it; the first one until another is chosen."""
    options = list(words)
    asked = st.query_params.get("measure")
    if asked and asked not in options:
        problems.quiet_note(t("filter.dropped", value=asked))
    st.session_state["choose measure"] = asked if asked in options else options[0]
    st.selectbox(
        t("explore.measure"),
        options,
        key="choose measure",
        format_func=lambda name: words[name],
        on_change=lambda: links.choose(measure=st.session_state["choose measure"]),
        width=_WIDTH,
    )
    return str(st.session_state["choose measure"])
