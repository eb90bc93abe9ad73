"""Is what offices promise kept: the time, the fee, one visit, the right office, the paper brought home?"""

from metrics.model import Fact, Metric, Ratio

PROMISES = Fact(
    name="promises",
    table="marts.agg_promises",
    label="Requests against what was promised",
    places=("province", "district", "commune"),
    service_column="service_code",
    hidden_as="requests",
    counted="requests",
    rollups=("marts.agg_promises_province",),
)
PROMISE = "The promise is what the office itself had posted; where it had posted nothing, the official standard."

METRICS = (
    Metric(
        name="within_promise_pct",
        fact=PROMISES,
        kind=Ratio("sum(met)", "sum(due)"),
        label="Completed within the promised time",
        unit="%",
        better="higher",
        definition=f"Requests completed within the time promised, out of all requests whose own deadline has passed. {PROMISE}",
        caveat="Only where a time is posted or official. A new posting changes the promise; the official standard stays as it is.",
    ),
    Metric(
        name="over_promised_fee_pct",
        fact=PROMISES,
        kind=Ratio("sum(fee_over)", "sum(fee_known)"),
        label="Paid more than the promised fee",
        unit="%",
        better="lower",
        definition="Requests for which more than the promised fee was paid, "
        f"out of the requests with a known payment and a promised fee. {PROMISE}",
        caveat="As written in the office's own register.",
    ),
    Metric(
        name="one_visit_pct",
        fact=PROMISES,
        kind=Ratio("sum(one_visit)", "sum(visits_known)"),
        label="One visit was enough",
        unit="%",
        better="higher",
        definition="Requests for which the citizen came to the office once, out of those for which the number of visits is written down.",
        caveat="As written in the office's own register.",
    ),
    Metric(
        name="referred_pct",
        fact=PROMISES,
        kind=Ratio("sum(referred)", "sum(requests)"),
        label="Sent on to another office",
        unit="%",
        definition="Requests whose citizen was sent on to another office, out of all requests.",
        caveat="Being sent to the office that issues the paper is help; being sent from door to door is not. Neither is better by itself.",
    ),
    Metric(
        name="referred_to_police_pct",
        fact=PROMISES,
        kind=Ratio("sum(referred_to_police)", "sum(requests)"),
        label="Sent on to the police post",
        unit="%",
        definition="Requests whose citizen was sent on to the police post, out of all requests.",
        caveat="The family book and the residence book are issued by the police.",
    ),
    Metric(
        name="delivered_home_pct",
        fact=PROMISES,
        kind=Ratio("sum(delivered_home)", "sum(delivered_known)"),
        label="Brought home",
        unit="%",
        better="higher",
        definition="Requests whose paper was brought to the citizen's home, out of the requests for which the register says so either way.",
    ),
)
