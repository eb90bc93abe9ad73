"""Where does a link lead, and which choices does it carry along?"""

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from metrics import permalink
from reports import view
from text import language

# In the order in which they stand in an address. `lang` and `build` are choices like the others: a link opens as its sender saw it.
CHOICES = ("lang", "build", "province", "district", "commune", "service", "facility_type", "category", "from", "to", "covered")
PLACES = ("province", "district", "commune")
FRONT_DOOR = "start"  # the first page under the name that nobody sees
_NOT_FILTERS = ("lang", "build")
_KEPT = "choices kept for the next page"


def choices() -> dict[str, str]:
    """What the address says now; empty values count as not chosen."""
    return {name: value for name in CHOICES if (value := st.query_params.get(name))}


def filters() -> dict[str, str]:
    """The choices that narrow down what is shown; language and build do not."""
    return {name: value for name, value in choices().items() if name not in _NOT_FILTERS}


def keep_choices(page: str) -> None:
    """Carry the choices over to a page that was opened from the navigation, whose links have no query."""
    last = st.session_state.get("page shown")
    st.session_state["page shown"] = page
    kept = st.session_state.get(_KEPT, {})
    if last not in (None, page) and not choices() and kept:
        st.query_params.update(kept)
    st.session_state[_KEPT] = choices()


def choose(**changes: str | None) -> None:
    """Change choices in the address; None takes one out."""
    for name, value in changes.items():
        if value:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]
    st.session_state[_KEPT] = choices()


def query(**changes: str | None) -> dict[str, str]:
    """The query of a link: today's choices with some changed."""
    asked: dict[str, str | None] = {**choices(), **changes}
    return {name: value for name, value in asked.items() if value}


def place(code: str) -> dict[str, str | None]:
    """The choices that lead to a place, by the code of a district or commune."""
    return {"province": code[:2], "district": code[:4], "commune": code if len(code) == 6 else None}


def base() -> str:
    """Where the dashboard was opened, without page and choices; the configured address counts before it (metrics/permalink.py)."""
    opened = (st.context.url or "").split("?")[0].rstrip("/")
    page = view.now().page
    return next((opened.removesuffix(f"/{name}") for name in (page, FRONT_DOOR) if opened.endswith(f"/{name}")), opened)


def here() -> str:
    """The address of exactly this view: everything in it, also what belongs to one page only, and the build whose figures it shows."""
    seen = view.now()
    asked = {**{name: value for name, value in st.query_params.to_dict().items() if value}, "lang": language()}
    return permalink.link(seen.page, asked, seen.build.build_id, base())


def changed(**changes: str | None) -> str:
    """The query of exactly this view, also what belongs to this page only, with some of it changed."""
    asked = {**st.query_params.to_dict(), **changes}
    return urlencode({name: value for name, value in asked.items() if value})


def address(page: str, changes: Mapping[str, str | None] | None = None) -> str:
    """A relative address that another person can open, with all choices in it."""
    asked = urlencode(query(**(changes or {})))
    return f"{page}?{asked}" if asked else page
