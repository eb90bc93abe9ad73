"""What does the screen say, in the language of the reader?

`t("key")` for words (en.toml, km.toml), and numbers, dates and periods as that language writes them.
Names of places and services are not here: they come from the reference tables."""
from text.catalogue import DEFAULT_LANGUAGE, LANGUAGES, UnknownTextKey, keys, language, missing, set_language, t, unread
from text.dates import date_text, month_text, period_text, quarter_text, year_text
from text.numbers import number, percent, plural, with_unit

__all__ = [
    "DEFAULT_LANGUAGE",
    "LANGUAGES",
    "UnknownTextKey",
    "date_text",
    "keys",
    "language",
    "missing",
    "month_text",
    "number",
    "percent",
    "period_text",
    "plural",
    "quarter_text",
    "set_language",
    "t",
    "unread",
    "with_unit",
    "year_text",
]
