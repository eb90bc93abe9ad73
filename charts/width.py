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
