"""Which measures are there? One file a subject; this one only puts them in order."""

from functools import cache

from metrics.definitions import actions, data_quality, feedback, outreach, promises, requests, schools, scorecards, use
from metrics.model import Catalogue


@cache
def catalogue() -> Catalogue:
    """Every measure, in the order in which people should meet them."""
    subjects = (use, requests, promises, feedback, schools, outreach, scorecards, actions, data_quality)
    return Catalogue(tuple(metric for subject in subjects for metric in subject.METRICS))
