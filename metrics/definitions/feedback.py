"""Are citizens satisfied with the service, and were they asked to pay on the side?"""

from metrics.model import Fact, Metric, Ratio, Sum

SATISFIED_FROM_PCT = 75  # of the scale's range: 4 and 5 on a scale from 1 to 5

FEEDBACK = Fact(
    name="feedback",
    table="marts.agg_feedback",
    label="Ratings given by citizens",
    places=("province", "district", "commune"),
    service_column="facility_type",
    topics=("aspect",),
    attributes=("sex", "age_group", "channel"),
    hidden_as="feedback",
    counted="answers",
    is_register=False,
    rollups=("marts.agg_feedback_aligned",),
)
PAYMENTS = Fact(
    name="payments",
    table="marts.agg_unofficial_payment",
    label="Answers about unofficial payment",
    places=("province", "district"),
    service_column="facility_type",
    hidden_as="payments",
    counted="answered",
)

METRICS = (
    Metric(
        name="answers",
        fact=FEEDBACK,
        kind=Sum("answers"),
        label="Answers",
        unit="answers",
        definition="Ratings given by citizens, one for each aspect a person chose to rate.",
        caveat="Counted in the month the feedback was handed in.",
    ),
    Metric(
        name="satisfied_pct",
        fact=FEEDBACK,
        kind=Ratio(f"coalesce(sum(answers) filter (rating_pct >= {SATISFIED_FROM_PCT}), 0)", "sum(answers)"),
        label="Satisfied citizens",
        unit="%",
        better="higher",
        definition=f"Ratings of at least {SATISFIED_FROM_PCT} % of the scale's range (4 or 5 on a scale from 1 to 5), "
        "out of all ratings given.",
        caveat="Among those who chose to answer; they are not a sample of all citizens.",
    ),
    Metric(
        name="unofficial_payment_pct",
        fact=PAYMENTS,
        kind=Ratio("sum(asked)", "sum(answered)"),
        label="Asked for an unofficial payment",
        unit="%",
        better="lower",
        definition="People who said that they were asked for an unofficial payment, out of those who answered the question.",
        caveat="Among those who chose to answer. Never shown below the district.",
    ),
)
