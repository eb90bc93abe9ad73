"""Which sources exist? In the order in which they are loaded: registers first, because the others refer to them."""

from etl.contract import Source
from etl.sources import (
    action_plans,
    coverage,
    cycles,
    events,
    facilitator_assessments,
    facilitators,
    facilities,
    feedback,
    indicator_values,
    outreach,
    partners,
    population,
    posted_standards,
    school_reports,
    scorecards,
    service_requests,
    service_usage,
)

SOURCES: tuple[Source, ...] = (
    facilities.SOURCE,
    partners.SOURCE,
    coverage.SOURCE,
    events.SOURCE,
    population.SOURCE,
    service_requests.SOURCE,
    service_usage.SOURCE,
    feedback.SOURCE,
    cycles.SOURCE,
    action_plans.SOURCE,
    scorecards.SOURCE,
    facilitators.SOURCE,
    outreach.SOURCE,
    facilitator_assessments.SOURCE,
    posted_standards.SOURCE,
    school_reports.SOURCE,
    indicator_values.SOURCE,
)


def source(name: str) -> Source:
    """The source of this name; KeyError when there is none."""
    return {source.name: source for source in SOURCES}[name]
