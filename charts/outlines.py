"""How does typst's SVG, in which letters are outlines, become a third of its size and look the same?

Lengths to a hundredth of a point, short names, one colour a word, and letters that stand upright in themselves, so that typst's turned
groups around every Khmer cluster can go. What typst writes in which order is relied on; a test compares the pictures.
"""

import re
from collections.abc import Iterator

_GLYPH = '<symbol id="(g[0-9A-F]+)" overflow="visible"><path d="([^"]*)"/></symbol>'
_TURNED = r'<g transform="(?:scale\(1 -1\)|matrix\(1 0 0 -1 (\S+) (\S+)\))">((?:<use [^>]*/>)*)</g>'
_LETTER = re.compile('<use xlink:href="#(g[0-9A-F]+)" x="([^"]*)" y="([^"]*)" fill="([^"]*)"[^>]*/>')
_WORD = re.compile('(<g transform="translate[^>]*)>((?:<use [^>]* fill="(#[0-9a-f]{6})"/>)+)</g>')
_SAID_ANYWAY = re.compile(' (?:fill-rule="nonzero"|stroke-linecap="butt"|stroke-linejoin="miter"|stroke-miterlimit="4"|xmlns:h5="[^"]*")')


def compact(drawn: str) -> str:
    """The same picture, smaller."""
    names = {name: f"g{i}" for i, (name, _) in enumerate(re.findall(_GLYPH, drawn))}

    def upright(turned: re.Match[str]) -> str:
        x, y = float(turned[1] or 0), float(turned[2] or 0)
        letters = _LETTER.findall(turned[3])
        return "".join(  # what has no outline is a space
            f'<use xlink:href="#{names[name]}" x="{_short(x + float(dx))}" y="{_short(y - float(dy))}" fill="{fill}"/>'
            for name, dx, dy, fill in letters
            if name in names
        )

    small = re.sub(_TURNED, upright, _SAID_ANYWAY.sub("", drawn))
    small = re.sub(_GLYPH, lambda found: f'<path id="{names[found[1]]}" d="{"".join(_turned_over(found[2]))}"/>', small)
    small = re.sub(r"-?\d+\.\d+", lambda found: _short(float(found[0])), small)
    small = re.sub('(?<= d=")[^"]*', lambda found: re.sub(" ?([A-Za-z]) ?", r"\1", found[0]).replace(" -", "-"), small)
    small = _WORD.sub(_in_one_colour, small)
    return re.sub("<g [^>]*></g>|<g [^>]*/>", "", small)


def _in_one_colour(word: re.Match[str]) -> str:
    colours = set(re.findall('fill="([^"]*)"', word[2]))
    return word[0] if len(colours) > 1 else f'{word[1]} fill="{word[3]}">{re.sub(" fill=[^/]*", "", word[2])}</g>'


def _turned_over(path: str) -> Iterator[str]:
    """An outline with its heights counted downwards; typst writes relative steps: m, l, q, c, h and v."""
    for letter, numbers in re.findall("([A-Za-z])([^A-Za-z]*)", path):
        values = [float(value) for value in numbers.split()]
        heights = range(0, len(values)) if letter in "vV" else range(1, len(values), 2) if letter not in "hH" else range(0)
        yield letter + " ".join(f"{-value if i in heights else value:.2f}" for i, value in enumerate(values))


def _short(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".").replace("-0.", "-.").removeprefix("0")
    return "0" if text in ("", "-", "-0") else text
