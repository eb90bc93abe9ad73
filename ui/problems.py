"""How does trouble read on the screen? What happened, what it means for the reader, what to do; never a traceback."""

import logging
import secrets

import streamlit as st

from text import t
from warehouse import Problem

log = logging.getLogger("commune_pulse")


def show(problem: Problem) -> None:
    """A Problem in its three parts."""
    st.warning(f"**{problem.what}** {problem.meaning} {problem.action}", icon=":material/error_outline:")


def show_unexpected(error: Exception) -> None:
    """Something nobody foresaw: a number for the reader, the traceback for the log."""
    number = secrets.token_hex(2).upper()
    log.exception("Page could not be drawn (%s)", number, exc_info=error)
    st.error(t("problem.unexpected", number=number), icon=":material/build:")


def quiet_note(text: str) -> None:
    """One small line for something that was put right without asking."""
    st.markdown(f":small[:gray[:material/info: {text}]]")
