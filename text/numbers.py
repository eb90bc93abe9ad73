"""How is a number written in the reader's language?

English: 1,234.5 and −3. Khmer: Khmer digits, point for thousands, comma for decimals: ១.២៣៤,៥. A real minus sign in
both, an en dash for a value that is not there, a percent sign after a space that does not break."""
import math
from decimal import ROUND_HALF_UP, Decimal

from text.catalogue import language, t

NO_VALUE = "–"
MINUS = "−"
NO_BREAK_SPACE = "\u00a0"
_KHMER = str.maketrans("0123456789,.", "០១២៣៤៥៦៧៨៩.,")


def number(value: float | None, decimals: int = 0, *, sign: bool = False, grouped: bool = True) -> str:
    """A number rounded half up, with separators; an en dash for None and NaN.

    `sign` writes + before gains; `grouped=False` leaves the thousands together, as in a year."""
    if value is None or math.isnan(value):
        return NO_VALUE
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    rounded = Decimal(str(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    digits = f"{abs(rounded):{',' if grouped else ''}.{decimals}f}"
    before = MINUS if rounded < 0 else "+" if sign and rounded > 0 else ""
    return before + (digits.translate(_KHMER) if language() == "km" else digits)


def percent(value: float | None, decimals: int = 0, *, sign: bool = False) -> str:
    """A share given as 0 to 100, with its sign: "12 %"; an en dash where there is none."""
    written = number(value, decimals, sign=sign)
    return written if written == NO_VALUE else f"{written}{NO_BREAK_SPACE}%"


def with_unit(value: float | None, unit: str, decimals: int = 0, *, sign: bool = False) -> str:
    """A number with its unit, as a measure declares it ("days", "requests", "%"): "12 days", "1 day", "45 %"."""
    if unit == "%":
        return percent(value, decimals, sign=sign)
    written = number(value, decimals, sign=sign)
    if value is None or written == NO_VALUE or not unit:
        return written
    form = "one" if number(abs(value), decimals) == number(1, decimals) else "many"
    return f"{written}{NO_BREAK_SPACE}{t(f'unit.{unit}.{form}')}"


def plural(count: float, one: str, many: str) -> str:
    """The words behind the key `one` for exactly 1, else behind `many`, both with `{n}`; Khmer says the same for both."""
    return t(one if count == 1 else many, n=number(count))
