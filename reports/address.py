"""Under which address does the dashboard show what a report says, with the same choices and the same build?"""

from metrics import permalink
from metrics.programme import programme
from metrics.question import Filters
from text import language

_LEVELS = {"province": 2, "district": 4, "commune": 6}


def of(page: str, where: Filters, build_id: str) -> str:
    """The link to a page for a choice, in the language spoken now, on one build."""
    places = {level: where.place[:length] for level, length in _LEVELS.items() if length <= len(where.place)}
    asked = {"lang": language(), **places, "from": where.month_from, "to": where.month_to}
    return permalink.link(page, {name: value for name, value in asked.items() if value}, build_id, programme().address)
