"""What does a visitor see on a fresh clone, before there is any build?"""

import streamlit as st

from etl.api import ensure_build
from text import t
from warehouse import Build, current_build


def current_or_first() -> Build:
    """The current build; where there is none, the demonstration warehouse is built while the visitor watches."""
    build = current_build()
    if build is not None:
        return build
    place = st.empty()
    with place.container():
        st.markdown(f"### {t('first_build.title')}")
        st.markdown(t("first_build.text"))
        bar = st.progress(0.0)

        def tell(share: float, step: str) -> None:
            bar.progress(min(max(share, 0.0), 1.0), text=step)

        build = ensure_build(tell)
    place.empty()
    return build
