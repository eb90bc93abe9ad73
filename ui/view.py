"""What is being looked at in this run: which build, in which language, in which theme, on which page?"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from warehouse import Build


@dataclass(frozen=True)
class View:
    """Set by the router at the start of a run; everything on the page is drawn for it."""

    build: Build
    is_newest: bool
    language: str
    theme: Literal["light", "dark"]
    page: str


_view: ContextVar[View | None] = ContextVar("view", default=None)


def now() -> View:
    """The view of this run. Only a page that the router runs has one."""
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
