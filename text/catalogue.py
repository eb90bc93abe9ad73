"""Which words stand behind a key, in the reader's language?

One TOML file a language; nested tables become dotted keys (`nav.overview`). English is complete; a line missing in
another language falls back to English and is listed by `missing`."""
import difflib
import functools
import tomllib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from warehouse import Problem

LANGUAGES = ("en", "km")
DEFAULT_LANGUAGE = "en"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


class UnknownTextKey(Problem):
    """A key that en.toml does not have; `key` and `nearest` stay on the exception."""

    def __init__(self, key: str, nearest: str | None) -> None:
        super().__init__(
            f'There is no text with the key "{key}".' + (f' Did you mean "{nearest}"?' if nearest else ""),
            "A line on this page cannot be written.",
            "Add the key to text/en.toml, or use one that is there.",
            key=key,
            nearest=nearest,
        )
        self.key, self.nearest = key, nearest


def language() -> str:
    """The reader's language, "en" or "km"."""
    return _language.get()


def set_language(code: str) -> None:
    """Set the language for this run; a code we do not speak means English."""
    _language.set(code if code in LANGUAGES else DEFAULT_LANGUAGE)


def t(key: str, /, *, otherwise: str | None = None, into: str | None = None, **values: object) -> str:
    """The words behind `key` with `{name}` filled from `values`, in the reader's language (or `into` another), else in English.

    `otherwise` is the English of something that declares its own (a measure): its key stands in the other languages only.
    Raises UnknownTextKey, with the nearest key there is; KeyError when a value that the words need was not given."""
    english = _texts(DEFAULT_LANGUAGE)
    words = _texts(into or language()).get(key) or english.get(key, otherwise)
    if words is None:
        raise UnknownTextKey(key, _nearest(key))
    return words.format_map(values) if "{" in words and (values or key in english) else words


def keys(code: str = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """Every key that a language has, in the order of its file."""
    return tuple(_texts(code))


def missing(code: str, also: Iterable[str] = ()) -> tuple[str, ...]:
    """The keys that `code` does not have yet, so that English is shown.

    `also` names keys whose English stands at a declaration (`metric.visits.label`)."""
    there = _texts(code)
    return tuple(key for key in (*keys(), *also) if key not in there)


def unread(code: str) -> tuple[str, ...]:
    """The keys whose words no native speaker has read yet: `[review] unread` in the file names tables or single keys."""
    drafts = _file(code).get("review", {}).get("unread", ())
    return tuple(key for key in keys(code) if any(key == draft or key.startswith(f"{draft}.") for draft in drafts))


@functools.cache
def _nearest(key: str) -> str | None:
    """The key in en.toml that looks most like this one, if any does."""
    return next(iter(difflib.get_close_matches(key, _texts(DEFAULT_LANGUAGE), n=1, cutoff=0.5)), None)


@functools.cache
def _file(code: str) -> dict[str, Any]:
    with (Path(__file__).parent / f"{code}.toml").open("rb") as file:
        return tomllib.load(file)


@functools.cache
def _texts(code: str) -> dict[str, str]:
    """The file of a language as dotted key -> words; the table `review` is about the file, not part of it."""
    return dict(_flat({name: part for name, part in _file(code).items() if name != "review"}, ""))


def _flat(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, part in table.items():
        if isinstance(part, dict):
            yield from _flat(part, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", part.strip()
