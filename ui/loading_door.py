"""Who may load data? Whoever knows the secret that the operator configured; without one the page is off."""

import hmac
import os
import time
import tomllib
from collections import deque

import streamlit as st

import warehouse
from text import t

SHORTEST = 12
TRIES, WITHIN_SECONDS = 5, 300.0
_SETTING = "COMMUNE_PULSE_LOADING_SECRET"
_wrong: deque[float] = deque(maxlen=TRIES)  # when wrong secrets were tried, in this process


def secret() -> str | None:
    """The configured secret: the environment's, else `loading_secret` in .streamlit/secrets.toml; None when it is missing or too short."""
    file = warehouse.REPOSITORY / ".streamlit" / "secrets.toml"
    found = os.environ.get(_SETTING)
    if not found and file.is_file():
        found = str(tomllib.loads(file.read_text(encoding="utf-8")).get("loading_secret", ""))
    return found if found and len(found) >= SHORTEST else None


def is_open() -> bool:
    """Whether this visitor may load data; else asks for the secret, or says how to configure one, and nothing else."""
    expected = secret()
    if expected is None:
        st.markdown(t("loading.off", setting=_SETTING, shortest=str(SHORTEST)))
        return False
    if st.session_state.get("may load") == expected:
        return True
    with st.form("loading door", width=420):
        given = st.text_input(t("loading.secret"), type="password")
        if st.form_submit_button(t("loading.enter"), icon=":material/lock_open:"):
            if len(_wrong) == TRIES and time.monotonic() - _wrong[0] < WITHIN_SECONDS:
                st.warning(t("loading.too_many"), icon=":material/lock_clock:")
            elif hmac.compare_digest(given.encode(), expected.encode()):
                st.session_state["may load"] = expected
                st.rerun()
            else:
                _wrong.append(time.monotonic())
                st.warning(t("loading.wrong"), icon=":material/lock:")
    return False
