"""How is an amount of money written, and is it one amount in riel? The one home of the reading of money, in cells and in headers.

15,000 riel, 15000 KHR, ៛15.000, ១៥ ពាន់រៀល and free are amounts in riel. An amount in another currency is never changed into riel, and of
a range or of several amounts none is chosen. The patterns mean the same to DuckDB and to Python.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """Why an amount is not used: the pattern of such texts, the sentence (`{label}` is the column's), and a text that has the fault."""

    name: str
    pattern: str
    sentence: str
    witness: str


FREE = (
    "free", "free of charge", "for free", "no fee", "no fees", "no charge", "no cost", "without charge", "not charged", "no payment",
    "gratuit", "gratis", "ឥតគិតថ្លៃ", "ដោយឥតគិតថ្លៃ", "មិនគិតថ្លៃ", "អត់គិតថ្លៃ", "មិនយកថ្លៃ", "មិនបង់ថ្លៃ", "មិនបង់ប្រាក់", "ឥតបង់ប្រាក់", "មិនយកប្រាក់",
    "អត់បង់លុយ", "មិនបង់លុយ", "អត់យកលុយ", "មិនយកលុយ", "អត់អស់លុយ", "មិនអស់លុយ", "មិនចំណាយ", "មិនត្រូវការថវិកា",
)  # fmt: skip
TIMES = {"k": 1_000, "thousand": 1_000, "ពាន់": 1_000, "ម៉ឺន": 10_000, "សែន": 100_000, "million": 1_000_000, "លាន": 1_000_000}
OTHER_CURRENCY = (
    r"[$€£฿₫]|(?:^|[^a-z])(?:usd|dollars?|eur|euros?|gbp|thb|baht|vnd|dong)(?:[^a-z]|$)|ដុល្លា|អឺរ៉ូ|បាត|ដុង"
)
_RIEL = r"(?:riels?|khr|រៀល|៛)"
_UNSEEN = "[\u200b\u200c\u200d\ufeff]"   # signs between Khmer words that nobody sees
_SPACES = "[\u00a0\u202f]"
_FIGURES = r"-?(?:\d{1,3}(?:[,.]\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:[.,]0{1,2})?"
_AMOUNT = rf"^(?:{_RIEL}\s*)?({_FIGURES})\s*(?:{_RIEL})?\.?$"
_ROUNDED = rf"^(?:{_RIEL}\s*)?(\d+(?:[.,]\d{{1,2}})?)\s*({'|'.join(TIMES)})\s*(?:{_RIEL})?\.?$"
_FREE = rf"^(?:{'|'.join(FREE)})(?:\s*\(?\s*0\s*{_RIEL}?\s*\)?)?\.?$"
_SEVERAL = rf"(?:^|\D){_FIGURES}\s*(?:{_RIEL}|{'|'.join(TIMES)})*\s*(?:[-–—~/+&;(]|to|and|or|ដល់|ទៅ|និង|ឬ)\s*(?:{_RIEL}\s*)?\d"

FAULTS = (
    Fault(
        "in_riel",
        OTHER_CURRENCY,
        "{label} is in another currency. Only riel are counted, and nobody knows the rate of that day: write the amount in riel.",
        "$2.50",
    ),
    Fault(
        "one_amount",
        _SEVERAL,
        "{label} names more than one amount, such as a range. None of them is chosen: write the one that was meant.",
        "10000–15000 riel",
    ),
)


def riel(text: str) -> str:
    """SQL: the whole number of riel that a text means, NULL where it is not one amount in riel. `text` is SQL: trimmed, figures 0 to 9."""
    bare = _bare(text)
    figures = f"regexp_replace(regexp_extract({bare}, '{_AMOUNT}', 1), '[.,]0{{1,2}}$', '')"
    amount = f"try_cast(regexp_replace({figures}, '[^0-9-]', '', 'g') as integer)"
    steps = " ".join(f"when '{word}' then {times}" for word, times in TIMES.items())
    count = f"try_cast(replace(regexp_extract({bare}, '{_ROUNDED}', 1), ',', '.') as double)"
    rounded = f"try_cast(round({count} * case regexp_extract({bare}, '{_ROUNDED}', 2) {steps} end) as integer)"
    return f"coalesce({amount}, {rounded}, case when regexp_matches({bare}, '{_FREE}') then 0 end)"


def has_fault(text: str, fault: Fault) -> str:
    """SQL: whether a text has a fault."""
    return f"regexp_matches({_bare(text)}, '{fault.pattern}')"


def _bare(text: str) -> str:
    return f"regexp_replace(regexp_replace(lower({text}), '{_UNSEEN}', '', 'g'), '{_SPACES}', ' ', 'g')"


def is_riel(text: str) -> bool:
    """Does `riel` read this text (trimmed, figures 0 to 9)? For proposals, which look at cells without a database."""
    bare = re.sub(_SPACES, " ", re.sub(_UNSEEN, "", text.lower()))
    return any(re.search(pattern, bare) for pattern in (_AMOUNT, _ROUNDED, _FREE))


def is_other_currency(header: str) -> bool:
    """Does a header say that its amounts are not in riel?"""
    return bool(re.search(OTHER_CURRENCY, header.lower()))
