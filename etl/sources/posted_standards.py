"""What does an office itself promise on its notice board: days, fee, documents, brought home?"""

from etl.contract import Column, Rule, Source

DAY_TYPES = {
    "working": "working working_days business_days office_days ថ្ងៃធ្វើការ",
    "calendar": "calendar calendar_days days ថ្ងៃ ថ្ងៃប្រតិទិន",
}

SOURCE = Source(
    name="posted_standards",
    question="What an office has posted about a service: days, fee, documents, and whether the paper is brought home.",
    grain="one row = one posting of one service at one office, from the day it was posted",
    newest_by="updated_at",
    columns=(
        Column("facility_id", "The office", is_key=True, is_required=True, reference="facilities"),
        Column("service_code", "The service", is_key=True, is_required=True, reference="services"),
        Column("posted_from", "The day it was posted", "date", is_key=True, is_required=True),
        Column("posted_to", "The first day on which it was no longer posted", "date", otherwise="warn"),
        Column("posted_days", "The posted number of days", "integer", otherwise="warn"),
        Column(
            "day_type",
            "Whether working or calendar days are meant",
            accepts=DAY_TYPES,
            otherwise="warn",
            witness_also={"posted_days": ""},
        ),
        Column("posted_fee_riel", "The posted fee, in riel", "riel", otherwise="warn"),
        Column("documents", "The documents that are asked for"),
        Column("is_delivered_home", "Whether the paper is brought home", "boolean", otherwise="warn"),
        Column("source", "Where the promise was read"),
        Column("updated_at", "The moment of the last change", "timestamp", otherwise="warn", form_value="end"),
    ),
    example={
        "facility_id": "CH-1",
        "service_code": "birth_certificate",
        "posted_from": "2024-03-01",
        "posted_to": "2025-03-01",
        "posted_days": "2",
        "day_type": "working",
        "posted_fee_riel": "0",
        "documents": "letter certifying the birth and family book",
        "is_delivered_home": "no",
        "source": "notice board seen by the facilitator",
        "updated_at": "2024-03-04T09:00:00",
    },
    own_rules=(
        Rule(
            "posted_to_after_from",
            "posted_to > posted_from",
            "The posting was taken down before it was posted. Check both dates.",
            {"posted_to": "2024-02-01"},
        ),
        Rule(
            "posted_not_in_future",
            "posted_from <= {today}",
            "The posting begins after today. Check the day and the year.",
            {"posted_from": "2999-01-01", "posted_to": ""},
        ),
        Rule(
            "posted_since_2000",
            "posted_from >= date '2000-01-01'",
            "The posting began before the year 2000. Check the year.",
            {"posted_from": "1999-12-31"},
        ),
        Rule(
            "days_not_negative",
            "posted_days >= 0",
            "The posted number of days is below zero. Write 0 for a paper that is ready the same day.",
            {"posted_days": "-1"},
        ),
        Rule(
            "days_plausible",
            "posted_days <= 365",
            "The posted time is longer than a year. Check for a figure too many; the row is used as it is.",
            {"posted_days": "1500"},
            outcome="warn",
        ),
        Rule(
            "day_type_given_with_days",
            "posted_days is null or day_type is not null",
            "It is not said whether working or calendar days are meant. They are counted as working days; write which they are.",
            {"day_type": ""},
            outcome="warn",
        ),
        Rule(
            "fee_not_negative",
            "posted_fee_riel >= 0",
            "The posted fee is below zero. Write 0 for a free service.",
            {"posted_fee_riel": "-500"},
        ),
        Rule(
            "fee_plausible",
            "posted_fee_riel <= 1000000",
            "The posted fee is above 1,000,000 riel. Check for a zero too many.",
            {"posted_fee_riel": "5000000"},
        ),
        Rule(
            "says_something",
            "coalesce(posted_days::varchar, posted_fee_riel::varchar, documents, is_delivered_home::varchar) is not null",
            "The posting promises nothing: no days, no fee, no documents. Leave it out, or fill in what is posted.",
            {"posted_days": "", "day_type": "", "posted_fee_riel": "", "documents": "", "is_delivered_home": ""},
        ),
    ),
)
