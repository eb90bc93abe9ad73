"""Which pages are there, what stands round each of them, and how does a page find out that it runs alone?"""

import atexit
import gc
from dataclasses import dataclass
from functools import cache

import streamlit as st

import warehouse
from text import set_language, t
from ui import archived, blocks, components, first_build, frame, links, problems, tour, view
from warehouse import Archived, Build, Problem

LANGUAGES = {"en": "English", "km": "ខ្មែរ"}


@dataclass(frozen=True)
class Place:
    """One page: its name in the address and its section of the navigation.

    No icon: Streamlit makes the first page's icon the browser's, and fetches it from an outside host.
    """

    name: str
    section: str


PAGES = (
    Place("overview", "answer"),
    Place("results", "answer"),
    Place("service_use", "measures"),
    Place("processing", "measures"),
    Place("feedback", "measures"),
    Place("schools", "measures"),
    Place("contribution", "measures"),
    Place("outreach", "cycle"),
    Place("scorecards", "cycle"),
    Place("actions", "cycle"),
    Place("promises", "cycle"),
    Place("commune", "places"),
    Place("compare", "places"),
    Place("explore", "data"),
    Place("data_quality", "data"),
    Place("changes", "data"),
    Place("load_data", "data"),
    Place("definitions", "data"),
)


def path(name: str) -> str:
    """The file of a page, for links."""
    return f"pages/{name}.py"


def run() -> None:
    """Choose the page, set the language, draw the frame and run the page inside it."""
    asked = st.query_params.get("lang")
    language = asked if asked in LANGUAGES else "en"
    set_language(language)
    pages = _pages()
    chosen = st.navigation(_by_section(pages), position="top")
    name = next((name for name, page in pages.items() if page is chosen), "overview")
    links.keep_choices(name)
    if st.query_params.get("lang") != asked:  # the choices of the page before came back, its language too
        st.rerun()
    st.logo("static/logo.svg", size="large")
    try:
        newest = first_build.current_or_first()
        build, trouble = _asked_build(newest)
        is_newest = build.build_id == newest.build_id
        view.show(view.View(build, is_newest, language, "dark" if st.context.theme.type == "dark" else "light", name))
        frame.head(LANGUAGES, has_facts=not isinstance(trouble, Archived))
        if isinstance(trouble, Archived):
            raise trouble
        if trouble:
            problems.show(trouble)
        tour.panel()
        chosen.run()
    except Archived as found:
        archived.page(found, newest)
    except blocks.Nothing as nothing:
        blocks.state(nothing.why, **nothing.told)
    except Problem as problem:
        problems.show(problem)
    except Exception as error:
        problems.show_unexpected(error)
    finally:
        view.show(None)
    components.page_facts(language)
    _set_aside_what_stays()


@cache
def _set_aside_what_stays() -> None:
    """Once, after the first page: Streamlit collects garbage after every run, and would look through every library each time (0.1 s)."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # so that everything is put away in order when the server stops


def _asked_build(newest: Build) -> tuple[Build, Problem | None]:
    """The build that the address names, else the newest; one that is gone is told and leaves the newest, one in the archive stays asked."""
    asked = links.choices().get("build")
    if not asked or asked == newest.build_id:
        return newest, None
    try:
        return warehouse.build(asked), None
    except Archived as found:
        return newest, found
    except Problem as problem:
        links.choose(build=None)
        return newest, problem


def require() -> None:
    """First line of every page: on a cold server a deep link runs the page file alone, without the frame."""
    if not view.is_set():
        set_language("en")
        st.navigation(_by_section(_pages()), position="top")
        st.rerun()


def _pages() -> dict[str, st.Page]:
    return {p.name: st.Page(path(p.name), title=t(f"nav.{p.name}")) for p in PAGES}


def _by_section(pages: dict[str, st.Page]) -> dict[str, list[st.Page]]:
    """The navigation. A default page cannot be opened by its own name, so the front door is a second, hidden page with the same file."""
    sections: dict[str, list[st.Page]] = {}
    for place in PAGES:
        sections.setdefault(t(f"nav.{place.section}"), []).append(pages[place.name])
    door = st.Page(path("overview"), title=t("nav.overview"), url_path=links.FRONT_DOOR, default=True, visibility="hidden")
    sections[t("nav.answer")].insert(0, door)
    return sections
