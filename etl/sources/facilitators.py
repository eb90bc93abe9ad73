"""Who are the programme's community facilitators, by a code and never by name?"""

from etl.contract import SEX, Column, Rule, Source

SOURCE = Source(
    name="facilitators",
    question="The register of community facilitators: a code for each, the commune, when trained, from when to when active.",
    grain="one row = one facilitator",
    newest_by="updated_at",
    is_about_persons=True,
    columns=(
        Column("facilitator_id", "The code of the facilitator", is_key=True, is_required=True),
        Column("partner_id", "The partner", reference="partners", otherwise="warn", keeps_unknown=True),
        Column("commune_code", "The commune", reference="communes", is_required=True),
        Column("sex", "The sex", accepts=SEX, otherwise="warn"),
        Column("trained_date", "The last day of the first training", "date"),
        Column("active_from", "The first day as a facilitator", "date"),
        Column("active_to", "The last day as a facilitator", "date"),
        Column("updated_at", "The moment of the last change", "timestamp", otherwise="warn", form_value="end"),
        Column("facilitator_name", "The facilitator's name", is_personal=True),
        Column("phone", "The facilitator's phone number", is_personal=True),
    ),
    example={
        "facilitator_id": "FA-1",
        "partner_id": "P-1",
        "commune_code": "070101",
        "sex": "f",
        "trained_date": "2023-11-10",
        "active_from": "2023-11-01",
        "active_to": "2025-12-31",
        "updated_at": "2023-11-15T08:00:00",
    },
    own_rules=(
        Rule(
            "trained_not_in_future",
            "trained_date <= {today}",
            "The training has not come yet. Check the day and the year, or leave it empty until it is over.",
            {"trained_date": "2999-01-01"},
        ),
        Rule(
            "trained_since_2000",
            "trained_date >= date '2000-01-01'",
            "The training was before the year 2000. Check the year.",
            {"trained_date": "1999-01-01"},
        ),
        Rule(
            "active_since_2000",
            "active_from >= date '2000-01-01'",
            "The facilitator's first day is before the year 2000. Check the year.",
            {"active_from": "1999-01-01"},
        ),
        Rule(
            "end_not_before_start",
            "active_to >= active_from",
            "The facilitator's last day is before the first. Check both dates.",
            {"active_to": "2022-01-01"},
        ),
        Rule(
            "has_a_start",
            "coalesce(active_from, trained_date) is not null",
            "Nobody wrote down since when the facilitator is active. Fill in active_from or trained_date.",
            {"active_from": "", "trained_date": ""},
        ),
    ),
)
