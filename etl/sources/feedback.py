"""What did people say about the service they got?"""

from etl.contract import AGE_GROUPS, SEX, Column, Rule, Source
from etl.sources.facilities import FACILITY_TYPES

ASPECTS = ("speed", "friendliness", "quality", "overall")


def _rating_rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            f"{aspect}_within_scale",
            f"rating_{aspect} between scale_min and scale_max",
            f"The rating of {aspect} lies outside the scale. Check the rating, and which scale the form used.",
            {f"rating_{aspect}": "9"},
        )
        for aspect in ASPECTS
    )


SOURCE = Source(
    name="feedback",
    question="What people answered about a service: ratings with their scale, and whether money was asked for.",
    grain="one row = one submission of one person",
    newest_by="updated_at",
    alike_by=(
        "submitted_at::date",
        "visited_month",
        "province_code",
        "district_code",
        "commune_code",
        "facility_id",
        "service_code",
        "sex",
        "age_group",
        "channel",
        *(f"rating_{aspect}" for aspect in ASPECTS),
        "asked_unofficial_payment",
    ),
    alike_sentence="Identical answers of one day came under different numbers. They are kept; look whether one person sent the form twice.",
    is_about_persons=True,
    never_shown=("asked_unofficial_payment",),
    columns=(
        Column("submission_id", "The number of the submission", is_key=True, is_required=True, form_value="once(uuid())"),
        Column("submitted_at", "The moment of the submission", "timestamp", is_required=True, form_value="start"),
        Column("visited_month", "The month of the visit", "month", otherwise="warn"),
        Column("province_code", "The province", reference="provinces", otherwise="warn"),
        Column("district_code", "The district", reference="districts", otherwise="warn"),
        Column("commune_code", "The commune", reference="communes", otherwise="warn"),
        Column("facility_id", "The facility", reference="facilities", otherwise="warn", keeps_unknown=True),
        Column("facility_type", "The kind of facility", offers=tuple(FACILITY_TYPES)),
        Column("service_code", "The service", reference="services", otherwise="warn"),
        Column("sex", "The sex", accepts=SEX, otherwise="warn"),
        Column("age_group", "The age group", accepts=AGE_GROUPS, otherwise="warn"),
        Column("channel", "The channel", offers=("meeting", "tablet", "phone", "kiosk", "web", "paper")),
        *(Column(f"rating_{aspect}", f"The rating of {aspect}", "number", otherwise="warn", is_on_scale=True) for aspect in ASPECTS),
        Column("scale_min", "The lowest step of the scale", "number", is_required=True, form_value="1"),
        Column("scale_max", "The highest step of the scale", "number", is_required=True, form_value="5"),
        Column("asked_unofficial_payment", "Whether an unofficial payment was asked for", "boolean", otherwise="warn"),
        Column("is_deleted", "Whether the source deleted the submission", "boolean", otherwise="warn", form_value=""),
        Column("updated_at", "The moment of the last change", "timestamp", otherwise="warn", form_value="end"),
        Column("respondent_name", "The respondent's name", is_personal=True),
        Column("phone", "The respondent's phone number", is_personal=True),
        Column("comment", "The respondent's own words", is_personal=True),
    ),
    example={
        "submission_id": "S-1",
        "submitted_at": "2024-03-04T09:00:00Z",
        "visited_month": "2024-03",
        "province_code": "07",
        "district_code": "0701",
        "commune_code": "070101",
        "facility_id": "CH-1",
        "facility_type": "health_centre",
        "service_code": "outpatient",
        "sex": "f",
        "age_group": "25_34",
        "channel": "app",
        "rating_speed": "4",
        "rating_friendliness": "5",
        "rating_quality": "3",
        "rating_overall": "4",
        "scale_min": "1",
        "scale_max": "5",
        "asked_unofficial_payment": "no",
        "is_deleted": "no",
        "updated_at": "2024-03-04T09:00:00Z",
        "comment": "ល្អ",
    },
    own_rules=(
        Rule(
            "submitted_not_in_future",
            "submitted_at::date <= {today} + 1",
            "The answer was sent after today. Check the day and the year.",
            {"submitted_at": "2999-01-01", "visited_month": ""},
        ),
        Rule(
            "submitted_since_2000",
            "submitted_at >= timestamp '2000-01-01'",
            "The answer was sent before the year 2000. Check the year.",
            {"submitted_at": "1999-01-01", "visited_month": ""},
        ),
        Rule(
            "scale_has_steps",
            "scale_min < scale_max",
            "The scale has no steps: its lowest is not below its highest. Correct scale_min and scale_max.",
            {"scale_min": "5", "scale_max": "5", "rating_speed": "5", "rating_quality": "5", "rating_overall": "5"},
        ),
        *_rating_rules(),
        Rule(
            "says_something",
            "coalesce(rating_speed, rating_friendliness, rating_quality, rating_overall, asked_unofficial_payment::integer) is not null",
            "The submission holds no rating and no answer about payments. Leave it out, or fill in an answer.",
            {"rating_speed": "", "rating_friendliness": "", "rating_quality": "", "rating_overall": "", "asked_unofficial_payment": ""},
        ),
        Rule(
            "visited_before_submitted",
            "visited_month <= submitted_at",
            "The visit is later than the answer about it. Check the month; the row is used as it is.",
            {"visited_month": "2024-05"},
            outcome="warn",
        ),
        Rule(
            "visited_lately",
            "visited_month >= submitted_at - interval 13 months",
            "The visit was more than a year before the answer; memories fade. The row is used as it is.",
            {"visited_month": "2018-06"},
            outcome="warn",
        ),
        Rule(
            "commune_in_district",
            "starts_with(commune_code, district_code)",
            "The commune does not lie in the district. Correct one of them; the row counts in its commune.",
            {"district_code": "0702"},
            outcome="warn",
        ),
    ),
)
