"""What is being looked at in this run, on a page or in a report: which build, in which language, in which theme?"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from warehouse import Build


@dataclass(frozen=True)
class View:
    """Set at the start of a run, by the router for a page, by `reports.content` for a report; everything is worked out for it."""

    build: Build
    is_newest: bool
    language: str
    theme: Literal["light", "dark"] = "light"
    page: str = ""


_view: ContextVar[View | None] = ContextVar("view", default=None)


def now() -> View:
    """The view of this run. Only a page that the router runs and a report that is made have one."""
    view = _view.get()
    if view is None:
        raise LookupError("No page is being shown; call ui.router.run() first.")
    return view


def show(view: View | None) -> None:
    """Set the view of this run; None when the run is over."""
    _view.set(view)


def is_set() -> bool:
    """Whether the router runs this page, or Streamlit ran the page file alone."""
    return _view.get() is not None
