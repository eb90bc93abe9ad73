"""Commune Pulse: are public services getting better for citizens, where, and how sure are we?"""

import streamlit as st

from ui import router

st.set_page_config(page_title="Commune Pulse", page_icon="static/icon.png", layout="wide", initial_sidebar_state="auto")
router.run()
