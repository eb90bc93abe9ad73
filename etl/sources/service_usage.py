"""How often was each service of a facility used in a month?"""

from etl.contract import Column, Rule, Source
from etl.sources import monthly

SOURCE = Source(
    name="service_usage",
    question="Monthly reports of facilities: how many visits each service had (contacts, not people).",
    grain="one row = one facility, service and month that was reported",
    newest_by="updated_at",
    columns=(
        Column("facility_id", "The facility", is_key=True, is_required=True, reference="facilities"),
        Column("service_code", "The service", is_key=True, is_required=True, reference="services"),
        Column("month", "The month", "month", is_key=True, is_required=True),
        Column("visits", "The number of visits", "integer", is_required=True),
        Column("visits_female", "The number of visits by women and girls", "integer", otherwise="warn"),
        Column("visits_male", "The number of visits by men and boys", "integer", otherwise="warn"),
        Column("reported_date", "The day the report was sent", "date", otherwise="warn"),
        Column("is_deleted", "Whether the source deleted the report", "boolean", otherwise="warn", form_value=""),
        Column("updated_at", "The moment of the last change", "timestamp", otherwise="warn", form_value="end"),
    ),
    example={
        "facility_id": "CH-1",
        "service_code": "outpatient",
        "month": "2024-03",
        "visits": "120",
        "visits_female": "70",
        "visits_male": "50",
        "reported_date": "2024-04-05",
        "is_deleted": "no",
        "updated_at": "2024-04-05T08:00:00",
    },
    own_rules=(
        *monthly.MONTH,
        Rule(
            "visits_not_negative",
            "visits >= 0",
            "The number of visits is below zero. Write 0 when nobody came.",
            {"visits": "-1", "visits_female": "", "visits_male": ""},
        ),
        Rule(
            "visits_plausible",
            "visits <= 100000",
            "A facility with more than 100,000 visits of one service in a month. Check for a zero too many; the row is used as it is.",
            {"visits": "900000", "visits_female": "", "visits_male": ""},
            outcome="warn",
        ),
        Rule(
            "sexes_not_negative",
            "visits_female >= 0 and visits_male >= 0",
            "The visits of women or men are below zero. Correct them; the row is used as it is.",
            {"visits_female": "-1", "visits_male": ""},
            outcome="warn",
            gives_way=True,
        ),
        Rule(
            "sexes_add_up",
            "visits_female + visits_male = visits",
            "Visits of women and men do not add up to all visits. Check the three numbers; the row is used as it is.",
            {"visits_female": "60"},
            outcome="warn",
        ),
        monthly.SENT,
    ),
)
