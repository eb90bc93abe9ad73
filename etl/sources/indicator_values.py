"""What does the programme report itself for indicators that no register measures: survey results, people reached?"""

from etl.contract import Column, Rule, Source

GROUPS = {
    "total": "total all everybody សរុប ទាំងអស់",
    "f": "f female females woman women girl girls ស្រី ស ស្ត្រី",
    "m": "m male males man men boy boys ប្រុស ប បុរស",
    "youth": "youth young young_people យុវជន",
    "minority": "minority ethnic_minority ethnic_minorities indigenous ជនជាតិភាគតិច",
    "disability": "disability with_disability people_with_disabilities ពិការភាព ជនមានពិការភាព",
}
REACH = {
    "direct": "direct directly ផ្ទាល់ ដោយផ្ទាល់",
    "indirect": "indirect indirectly ប្រយោល ដោយប្រយោល",
}
_PLACE = "coalesce(commune_code, district_code, province_code, 'KH')"

SOURCE = Source(
    name="indicator_values",
    question="Values of indicators of the results framework that are entered by hand, each with its evidence.",
    grain="one row = one value of one indicator on one day, for a place and a group of people",
    newest_by="updated_at",
    columns=(
        Column(
            "value_id",
            "The number of the value; made from the other columns if left empty",
            is_key=True,
            when_empty=f"concat_ws(' ', indicator_code, value_date, {_PLACE}, coalesce(group_code, 'total'), coalesce(reach, 'direct'))",
        ),
        Column("indicator_code", "The indicator, by its code in the results framework", is_required=True, also_called=("indicator",)),
        Column("value_date", "The day up to which the value holds", "date", is_required=True, also_called=("reference date",)),
        Column("province_code", "The province; empty for the whole programme", reference="provinces"),
        Column("district_code", "The district, where the value is of one", reference="districts"),
        Column("commune_code", "The commune, where the value is of one", reference="communes"),
        Column("group_code", "The group of people; empty for all together", accepts=GROUPS, when_empty="'total'", also_called=("group",)),
        Column("reach", "Whether people were reached directly or indirectly", accepts=REACH, when_empty="'direct'"),
        Column("indicator_value", "The value, in the unit of the indicator", "number", is_required=True),
        Column("people_asked", "How many people the value rests on, as in a survey", "integer", otherwise="warn"),
        Column("evidence", "What shows the value: report, survey, list", is_required=True, also_called=("means of verification",)),
        Column("is_deleted", "Whether the source deleted the value", "boolean", otherwise="warn", form_value=""),
        Column("updated_at", "The moment of the last change", "timestamp", otherwise="warn", form_value="end"),
        Column("entered_by", "Who entered the value", is_personal=True),
    ),
    example={
        "value_id": "V-1",
        "indicator_code": "OP1.3",
        "value_date": "2025-06-30",
        "province_code": "07",
        "district_code": "0701",
        "commune_code": "070101",
        "group_code": "f",
        "reach": "direct",
        "indicator_value": "1250",
        "people_asked": "1250",
        "evidence": "attendance lists of the year",
        "is_deleted": "no",
        "updated_at": "2025-07-05T09:00:00",
    },
    own_rules=(
        Rule(
            "value_not_in_future",
            "value_date <= {today}",
            "The day of the value has not come yet. Check the day and the year.",
            {"value_date": "2999-01-01"},
        ),
        Rule(
            "value_since_2000",
            "value_date >= date '2000-01-01'",
            "The day of the value is before the year 2000. Check the year.",
            {"value_date": "1999-01-01"},
        ),
        Rule(
            "value_not_negative",
            "indicator_value >= 0",
            "The value is below zero. No indicator counts below zero; correct it.",
            {"indicator_value": "-5"},
        ),
        Rule(
            "people_not_negative",
            "people_asked >= 0",
            "The number of people is below zero. Write 0, or leave it empty.",
            {"people_asked": "-1"},
        ),
        Rule(
            "district_in_province",
            "starts_with(district_code, province_code)",
            "The district does not lie in the province. Correct one of them.",
            {"province_code": "09"},
        ),
        Rule(
            "commune_in_its_district",
            "starts_with(commune_code, district_code)",
            "The commune does not lie in the district. Correct one of them.",
            {"district_code": "0702"},
        ),
    ),
)
