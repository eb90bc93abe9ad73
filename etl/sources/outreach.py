"""Which information sessions were planned, and who came to those that were held?"""

from etl.contract import Column, Rule, Source

SESSION_TOPICS = {
    "commune_services": "commune_services commune administration សេវាឃុំ រដ្ឋបាលឃុំ",
    "health": "health health_centre សុខភាព",
    "school": "school education សាលា សាលារៀន អប់រំ",
    "budget": "budget commune_budget ថវិកា ថវិកាឃុំ",
    "rights": "rights citizen_rights សិទ្ធិ សិទ្ធិពលរដ្ឋ",
    "other": "other ផ្សេង ផ្សេងទៀត",
}
SESSION_STATUS = {
    "planned": "planned scheduled postponed គ្រោង បានគ្រោង លើកពេល",
    "held": "held done completed conducted បានធ្វើ បានរៀបចំ រួច",
    "cancelled": "cancelled canceled លុបចោល បោះបង់",
}
PARTS = {  # column -> what it counts, as it stands in a label and in a sentence
    "participants_female": "women and girls",
    "participants_male": "men and boys",
    "participants_youth": "young people",
    "participants_minority": "people of an ethnic minority",
    "participants_disability": "people with a disability",
}


def _part_rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            f"{column.removeprefix('participants_')}_within_total",
            f"{column} between 0 and participants",
            f"The number of {words} is below zero or above all participants. Correct it, or the total.",
            {"participants_female": "", "participants_male": "", column: "999"},
        )
        for column, words in PARTS.items()
    )


SOURCE = Source(
    name="outreach",
    question="Information sessions in villages, planned or held: where, when, about what, and how many people came.",
    grain="one row = one information session, planned or held",
    newest_by="updated_at",
    numbered_by=("facilitator_id", "commune_code", "village", "session_topic", ("planned_date", "session_date")),
    alike_by=(
        "facilitator_id",
        "commune_code",
        "village",
        "session_date",
        "session_topic",
        "participants",
        *PARTS,
    ),
    alike_sentence="Two sessions are alike in everything but their number. Both are kept; look whether one was entered twice.",
    is_about_persons=True,
    columns=(
        Column("session_id", "The number of the session", is_key=True, is_required=True, form_value="once(uuid())"),
        Column("facilitator_id", "The code of the facilitator"),
        Column("partner_id", "The partner", reference="partners", otherwise="warn", keeps_unknown=True),
        Column("commune_code", "The commune", reference="communes", is_required=True),
        Column("village", "The village"),
        Column("session_topic", "What the session was about", accepts=SESSION_TOPICS, otherwise="warn"),
        Column(
            "session_status",
            "Whether the session was held",
            accepts=SESSION_STATUS,
            is_required=True,
            when_empty="case when session_date is not null then 'held' end",
            witness_also={"session_date": ""},
        ),
        Column("planned_date", "The day for which it was planned", "date", otherwise="warn"),
        Column("session_date", "The day on which it was held", "date", witness_also={"session_status": "planned"}),
        Column("participants", "All participants", "integer", when_empty="participants_female + participants_male"),
        *(Column(column, f"Of them {words}", "integer", otherwise="warn") for column, words in PARTS.items()),
        Column("is_deleted", "Whether the source deleted the session", "boolean", otherwise="warn", form_value=""),
        Column("updated_at", "The moment of the last change", "timestamp", otherwise="warn", form_value="end"),
    ),
    example={
        "session_id": "O-1",
        "facilitator_id": "FA-1",
        "partner_id": "P-1",
        "commune_code": "070101",
        "village": "Trapeang Thum",
        "session_topic": "commune_services",
        "session_status": "held",
        "planned_date": "2024-03-04",
        "session_date": "2024-03-06",
        "participants": "42",
        "participants_female": "25",
        "participants_male": "17",
        "participants_youth": "12",
        "participants_minority": "0",
        "participants_disability": "2",
        "is_deleted": "no",
        "updated_at": "2024-03-06T17:00:00",
    },
    own_rules=(
        Rule(
            "held_has_date",
            "not (session_status = 'held' and session_date is null)",
            "The session was held, but the day is missing. Fill in the column session_date.",
            {"session_date": ""},
        ),
        Rule(
            "only_held_has_date",
            "not (session_status = 'planned' and session_date is not null)",
            "The session has a day on which it was held, but counts as planned only. Correct one of them.",
            {"session_status": "planned"},
        ),
        Rule(
            "cancelled_was_not_held",
            "not (session_status = 'cancelled' and participants > 0)",
            "The session was cancelled, but people came. Correct one of them; it counts as cancelled.",
            {"session_status": "cancelled"},
            outcome="warn",
        ),
        Rule(
            "held_has_participants",
            "not (session_status = 'held' and participants is null)",
            "The session was held, but nobody wrote down how many people came. Fill in the women and the men, or all participants.",
            {"participants": "", "participants_female": ""},
        ),
        Rule(
            "planned_has_date",
            "not (session_status = 'planned' and planned_date is null)",
            "The session is planned, but the day is missing. Fill in the column planned_date.",
            {"session_status": "planned", "session_date": "", "planned_date": ""},
        ),
        Rule(
            "cancelled_has_date",
            "not (session_status = 'cancelled' and planned_date is null)",
            "Nobody wrote down for which day the cancelled session was planned. Fill in planned_date; until then it is counted nowhere.",
            {"session_status": "cancelled", "planned_date": "", "participants": "", **dict.fromkeys(PARTS, "")},
            outcome="warn",
        ),
        Rule(
            "session_not_in_future",
            "session_date <= {today}",
            "The day on which the session was held has not come yet. Check the day and the year.",
            {"session_date": "2999-01-01"},
        ),
        Rule(
            "session_since_2000",
            "session_date >= date '2000-01-01'",
            "The session was held before the year 2000. Check the year.",
            {"session_date": "1999-01-01"},
        ),
        Rule(
            "planned_since_2000",
            "planned_date >= date '2000-01-01'",
            "The session was planned for a day before the year 2000. Check the year.",
            {"planned_date": "1999-01-01"},
        ),
        Rule(
            "participants_not_negative",
            "participants >= 0",
            "The number of participants is below zero. Write 0 when nobody came.",
            {"participants": "-1", **dict.fromkeys(PARTS, "")},
        ),
        Rule(
            "participants_plausible",
            "participants <= 1000",
            "More than 1,000 people at one session. Check for a zero too many; the row is used as it is.",
            {"participants": "4200", "participants_female": "", "participants_male": ""},
            outcome="warn",
        ),
        *_part_rules(),
        Rule(
            "sexes_add_up",
            "participants_female + participants_male = participants",
            "Women and men do not add up to all participants. Check the three numbers; the larger of the two totals is used.",
            {"participants_female": "20"},
            outcome="warn",
        ),
    ),
)
