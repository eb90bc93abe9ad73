"""How does a visitor take every published figure along at once? The data package of the build, made once and kept."""

import streamlit as st

from reports import package, view
from text import number, t
from ui import blocks


def offer() -> None:
    """What the package holds, and a button: it is prepared when the first visitor asks for it."""
    build = view.now().build
    blocks.heading(t("package.title"), t("package.text"))
    kept = package.kept(build)
    place = st.empty()
    if not kept.is_file() and place.button(t("package.make"), icon=":material/inventory_2:"):
        with place.container():
            bar = st.progress(0.0, text=t("package.making"))

            def tell(share: float) -> None:
                bar.progress(share, text=t("package.making"))

            package.keep(build, tell)
        place.empty()
    if kept.is_file():
        size = number(kept.stat().st_size / 1e6, 1)
        st.download_button(
            t("package.take", size=size),
            kept.read_bytes,
            kept.name,
            mime="application/zip",
            icon=":material/download:",
            key="data-package",
            on_click="ignore",
        )
