"""Which offices and facilities serve citizens, where, and what should each report?"""

from etl.contract import Column, Rule, Source

FACILITY_TYPES = {
    "health_centre": "health_centre hc មណ្ឌលសុខភាព",
    "commune_hall": "commune_hall commune សាលាឃុំ សាលាសង្កាត់",
    "police_post": "police_post police ប៉ុស្តិ៍នគរបាល",
    "primary_school": "primary_school school សាលាបឋមសិក្សា",
}

SOURCE = Source(
    name="facilities",
    question="The programme's register of offices and facilities.",
    grain="one row = one facility",
    columns=(
        Column("facility_id", "The number of the facility", is_key=True, is_required=True),
        Column("facility_en", "The name in English"),
        Column("facility_km", "The name in Khmer"),
        Column("facility_type", "The kind of facility", is_required=True, accepts=FACILITY_TYPES),
        Column("commune_code", "The commune", reference="communes", otherwise="warn"),
        Column(
            "district_code",
            "The district",
            reference="districts",
            is_required=True,
            when_empty="left(commune_code, 4)",
            witness_also={"commune_code": ""},
        ),
        Column("opened_date", "The day it opened", "date", otherwise="warn"),
        Column("closed_date", "The day it closed", "date", otherwise="warn"),
        Column("expected_services", "The services it should report, separated by spaces"),
        Column("is_self_score_public", "Whether its own scores of itself are public", "boolean", otherwise="warn"),
    ),
    example={
        "facility_id": "CH-1",
        "facility_en": "Angk Phnum Touch commune hall",
        "facility_km": "សាលាឃុំ",
        "facility_type": "commune_hall",
        "commune_code": "070101",
        "district_code": "0701",
        "opened_date": "2010-01-01",
        "closed_date": "2030-01-01",
        "expected_services": "outpatient",
        "is_self_score_public": "yes",
    },
    own_rules=(
        Rule(
            "closed_not_before_opened",
            "closed_date >= opened_date",
            "The facility closed before it opened. Check both dates.",
            {"closed_date": "2001-01-01"},
        ),
        Rule(
            "commune_in_district",
            "starts_with(commune_code, district_code)",
            "The commune does not lie in the district. Correct one of them; the row is used with its commune.",
            {"district_code": "0702"},
            outcome="warn",
        ),
    ),
)
