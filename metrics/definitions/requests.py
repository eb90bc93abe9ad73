"""How long do requests take, and are they handled as the standard says?"""

from metrics.model import Fact, KaplanMeierQuantile, Metric, Ratio, Sum

REQUESTS = Fact(
    name="requests",
    table="marts.agg_requests",
    label="Requests handed in at an office",
    places=("province", "district", "commune"),
    service_column="service_code",
    attributes=("sex", "documents_complete"),
    hidden_as="requests",
    counted="requests",
    rollups=(
        "marts.agg_requests_commune",
        "marts.agg_requests_province",
        "marts.agg_requests_attribute",
        "marts.agg_requests_aligned",
        "marts.agg_processing_days_province",
        "marts.agg_processing_days_attribute",
        "marts.agg_processing_days_aligned",
    ),
)
DAYS = "marts.agg_processing_days"

METRICS = (
    Metric(
        name="requests",
        fact=REQUESTS,
        kind=Sum("requests"),
        label="Requests",
        unit="requests",
        definition="Requests handed in at a commune hall, police post, school or health centre, counted in the month they were handed in.",
        caveat="Only offices that keep and send a register are counted.",
    ),
    Metric(
        name="open_requests",
        fact=REQUESTS,
        kind=Sum("open"),
        label="Open requests",
        unit="requests",
        better="lower",
        definition="Requests that were neither completed, rejected nor withdrawn on the last day covered by their office's register.",
        caveat="As at the data date; the newest months always hold more open requests.",
        spends="status",
        spent_values=("open",),
    ),
    Metric(
        name="overdue_requests",
        fact=REQUESTS,
        kind=Sum("overdue"),
        label="Open requests older than the standard",
        unit="requests",
        better="lower",
        definition="Requests still open although the official deadline of their service had passed on the last day "
        "covered by the office's register.",
        caveat="Only services with an official deadline. As at the data date.",
        spends="status",
        spent_values=("open", "overdue"),
    ),
    Metric(
        name="median_processing_days",
        fact=REQUESTS,
        kind=KaplanMeierQuantile(0.5, DAYS),
        label="Median processing time",
        unit="days",
        better="lower",
        definition="Half of the requests handed in took this many days or fewer to be completed. "
        "Requests still open are counted as still waiting; "
        "rejected and withdrawn requests as never completed.",
        caveat="Calendar days, by the month the request was handed in; as at the data date.",
    ),
    Metric(
        name="p90_processing_days",
        fact=REQUESTS,
        kind=KaplanMeierQuantile(0.9, DAYS),
        label="90th percentile of processing time",
        unit="days",
        better="lower",
        definition="Nine in ten of the requests handed in took this many days or fewer to be completed. "
        "Requests still open are counted as still "
        "waiting; rejected and withdrawn requests as never completed.",
        caveat="Not reached where more than one in ten requests is open, rejected or withdrawn.",
    ),
    Metric(
        name="within_standard_pct",
        fact=REQUESTS,
        kind=Ratio("sum(met)", "sum(due)"),
        label="Completed within the official standard",
        unit="%",
        better="higher",
        definition="Requests completed within the official time, out of all requests whose own deadline has passed.",
        caveat="Only services with an official time. Working days where the standard counts working days.",
    ),
    Metric(
        name="documents_complete_pct",
        fact=REQUESTS,
        kind=Ratio(
            "coalesce(sum(requests) filter (documents_complete), 0)", "coalesce(sum(requests) filter (documents_complete is not null), 0)"
        ),
        label="Documents complete at the first visit",
        unit="%",
        better="higher",
        definition="Requests whose documents were complete at the first visit, "
        "out of the requests for which the register says so either way.",
        caveat="By quarter or year only, so that small groups stay protected.",
        spends="documents_complete",
        spent_values=("true", "false"),
    ),
    Metric(
        name="over_fee_pct",
        fact=REQUESTS,
        kind=Ratio("sum(fee_over)", "sum(fee_known)"),
        label="Paid more than the official fee",
        unit="%",
        better="lower",
        definition="Requests for which more than the official fee was paid, out of the requests with a known payment and an official fee.",
        caveat="As written in the office's own register.",
    ),
)
