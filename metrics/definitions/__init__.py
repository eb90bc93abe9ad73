"""Which measures are there? One file a subject; this one only puts them in order."""

from functools import cache

from metrics.definitions import actions, data_quality, feedback, requests, scorecards, use
from metrics.model import Catalogue


@cache
def catalogue() -> Catalogue:
    """Every measure, in the order in which people should meet them."""
    return Catalogue(
        (*use.METRICS, *requests.METRICS, *feedback.METRICS, *scorecards.METRICS, *actions.METRICS, *data_quality.METRICS)
    )
