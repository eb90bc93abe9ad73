"""Where has the programme been at work, and since when?"""

from etl.contract import Column, Rule, Source

SOURCE = Source(
    name="coverage",
    question="The communes the programme works in, with partner and dates.",
    grain="one row = one start of the programme in one commune",
    columns=(
        Column("commune_code", "The commune", reference="communes", is_key=True, is_required=True),
        Column("partner_id", "The partner", reference="partners", otherwise="warn", keeps_unknown=True),
        Column("start_date", "The day the programme started", "date", is_key=True, is_required=True),
        Column("end_date", "The day the programme ended", "date"),
    ),
    example={"commune_code": "070101", "partner_id": "P-1", "start_date": "2023-01-01", "end_date": "2025-12-31"},
    own_rules=(
        Rule(
            "end_not_before_start",
            "end_date >= start_date",
            "The programme ends before it starts. Check both dates.",
            {"end_date": "2022-01-01"},
        ),
        Rule(
            "start_since_2000",
            "start_date >= date '2000-01-01'",
            "The programme started before the year 2000. Check the year.",
            {"start_date": "1923-01-01"},
        ),
    ),
)
