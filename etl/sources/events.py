"""What happened in a place on a day that may explain a change?"""

from etl.contract import Column, Rule, Source
from etl.sources.facilities import FACILITY_TYPES

SOURCE = Source(
    name="events",
    question="Dated events in places: trainings, meetings, closures, changed rules.",
    grain="one row = one event",
    columns=(
        Column("event_id", "The number of the event", is_key=True, is_required=True),
        Column("event_date", "The day of the event", "date", is_required=True),
        Column(
            "event_type",
            "The kind of event",
            accepts={kind: kind for kind in ("training", "coverage_start", "interface_meeting", "closure", "rule_change", "other")},
            otherwise="warn",
            when_empty="'other'",
        ),
        Column("commune_code", "The commune", reference="communes", otherwise="warn"),
        Column("district_code", "The district", reference="districts", otherwise="warn", when_empty="left(commune_code, 4)"),
        Column("facility_id", "The facility", reference="facilities", otherwise="warn", keeps_unknown=True),
        Column("service_code", "The service", reference="services", otherwise="warn"),
        Column(
            "concerns",
            f"The kinds of facility that it concerns ({', '.join(FACILITY_TYPES)}), separated by spaces; empty: that of the service or the "
            "facility, else all. Only charts of these kinds show the event",
        ),
        Column("title_en", "The title in English"),
        Column("title_km", "The title in Khmer"),
    ),
    example={
        "event_id": "E-1",
        "event_date": "2024-03-01",
        "event_type": "training",
        "commune_code": "070101",
        "district_code": "0701",
        "facility_id": "CH-1",
        "service_code": "birth_certificate",
        "concerns": "commune_hall",
        "title_en": "Training of facilitators",
    },
    own_rules=(
        Rule(
            "event_since_2000",
            "event_date >= date '2000-01-01'",
            "The event was before the year 2000. Check the year.",
            {"event_date": "1924-03-01"},
        ),
        Rule(
            "concerns_known_kinds",
            f"regexp_full_match(concerns, '({'|'.join(FACILITY_TYPES)})( +({'|'.join(FACILITY_TYPES)}))*')",
            f"What the event concerns is not among the kinds of facility ({', '.join(FACILITY_TYPES)}). Correct it, or leave it empty "
            "where it concerns all; no chart shows the event of a kind that is not known.",
            {"concerns": "health_centre market"},
            outcome="warn",
        ),
    ),
)
