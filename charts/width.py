"""About how wide is a line of text on the screen?"""

import math
import re
import unicodedata

_NARROW, _WIDE = frozenset(" .,:;'|!()-–/fijlrtI"), frozenset("mwMW%")
_BELOW = "\u17d2"  # the Khmer letter after it is drawn under the one before


def width_px(text: str, size: float) -> int:
    """The longest line of a text with plotly's marks in it, in Pulse Sans; a guess, more often too much than too little."""
    lines = (re.sub(f"<[^>]*>|{_BELOW}.", "", line) for line in text.split("<br>"))
    return math.ceil(max(sum(map(_part, line)) for line in lines) * size)


def _part(letter: str) -> float:
    """The width of a letter as a part of the size of the type."""
    if unicodedata.category(letter) in ("Mn", "Cf"):  # over or under the letter before it, or nothing
        return 0.0
    if "\u1780" <= letter <= "\u17d3":
        return 0.74
    return 0.35 if letter in _NARROW else 0.88 if letter in _WIDE else 0.59


def is_khmer(text: str) -> bool:
    """Whether there are Khmer letters in it, which need more room above and below."""
    return any("\u1780" <= letter <= "\u17d3" for letter in text)


def in_lines(text: str, size: float, room: float) -> list[str]:
    """A text in lines no wider than a room in px; Khmer breaks at its zero-width spaces. A longer word has a line of its own."""
    lines = [""]
    for word in re.split("([ \u200b])", text):
        if lines[-1] and word.strip(" \u200b") and width_px(lines[-1] + word, size) > room:
            lines = [*lines, ""]
        lines[-1] += word
    return [line.strip(" \u200b") for line in lines]
