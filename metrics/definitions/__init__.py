"""Which measures are there? One file a subject; this one only puts them in order."""

from functools import cache

from metrics.definitions import data_quality, feedback, promises, requests, schools, use
from metrics.model import Catalogue


@cache
def catalogue() -> Catalogue:
    """Every measure, in the order in which people should meet them."""
    return Catalogue((*use.METRICS, *requests.METRICS, *promises.METRICS, *feedback.METRICS, *schools.METRICS, *data_quality.METRICS))
