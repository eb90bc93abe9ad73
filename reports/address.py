"""Under which address does the dashboard show what a report says, with the same choices and the same build?"""

from metrics import permalink, places
from metrics.programme import programme
from metrics.question import Filters
from text import language


def of(page: str, where: Filters, build_id: str) -> str:
    """The link to a page for a choice, in the language spoken now, on one build."""
    asked = {"lang": language(), **places.levels(where.place), "from": where.month_from, "to": where.month_to}
    return permalink.link(page, {name: value for name, value in asked.items() if value}, build_id, programme().address)
