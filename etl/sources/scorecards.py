"""How did citizens and providers score a service, criterion by criterion?"""

from etl.contract import Across, Column, Rule, Source, listed
from etl.sources.facilities import FACILITY_TYPES

SOMETHING_ELSE = "something_else"
SIDES = {
    "citizen": "citizen citizens user users community people demand ប្រជាពលរដ្ឋ ពលរដ្ឋ អ្នកប្រើប្រាស់",
    "provider": "provider providers service_provider staff self self-assessment self_assessment supply អ្នកផ្តល់សេវា អ្នកផ្ដល់សេវា មន្ត្រី បុគ្គលិក",
}
KINDS = {
    "agreed": "agreed consensus group average mean ឯកភាព ព្រមព្រៀង",
    "voted": "voted vote votes ballot បោះឆ្នោត",
}
_KNOWN = listed("criteria", "criterion", is_as_written=True)  # the words of a criterion are seldom the code of its category
_REGISTERED = listed("facility_types", "facility_id", is_as_written=True)

SOURCE = Source(
    name="scorecards",
    question="How a meeting scored a service by its own criteria: one score the group agreed, or how many voted for each step.",
    grain="one row = one score of one criterion in one meeting, or one step of the scale with its votes",
    newest_by="updated_at",
    numbered_by=("meeting_date", "commune_code", "facility_id", "facility_type", "attendees", "attendees_female"),
    across=(
        Across("criterion", "score", "category", beside=("meeting_date", "attendees")),
        Across("score", "votes", beside=("criterion",)),
    ),
    is_about_persons=True,
    columns=(
        Column("meeting_id", "The number of the meeting, alike for all its scores", is_key=True, is_required=True),
        Column("cycle", "The year in which the cycle began", "integer", when_empty="year(meeting_date)"),
        Column("meeting_date", "The day of the meeting", "date", is_required=True, witness_also={"cycle": "2024"}),
        Column("commune_code", "The commune", reference="communes", otherwise="warn"),
        Column("facility_id", "The facility", reference="facilities", otherwise="warn", keeps_unknown=True),
        Column("facility_type", "The kind of facility", accepts=FACILITY_TYPES, otherwise="warn"),
        Column("side", "Who scored: citizens or providers", is_key=True, is_required=True, accepts=SIDES),
        Column(
            "criterion",
            "The criterion in the group's own words",
            is_key=True,
            is_required=True,
            when_empty="category",
            witness_also={"category": ""},
        ),
        Column(
            "category",
            "The category of the criterion",
            reference="criteria",
            otherwise="warn",
            when_empty=f"coalesce({_KNOWN}, '{SOMETHING_ELSE}')",
        ),
        Column(
            "score_kind",
            "Agreed by the group, or voted for",
            accepts=KINDS,
            otherwise="warn",
            when_empty="case when votes is null then 'agreed' else 'voted' end",
        ),
        Column("score", "The score, or the step that was voted for", "number", is_required=True, is_on_scale=True),
        Column("scale_min", "The lowest step of the scale", "number", is_required=True, form_value="1"),
        Column("scale_max", "The highest step of the scale", "number", is_required=True, form_value="5"),
        Column("votes", "How many people chose this step", "integer"),
        Column(
            "voted_step",
            "The step the votes are for; filled in by itself",
            is_key=True,
            form_value="",
            when_empty="case when votes is null then 'agreed' else score::varchar end",
        ),
        Column("attendees", "How many people took part", "integer", witness_also={"score_kind": "voted", "votes": "4"}),
        Column("attendees_female", "How many of them are women", "integer", otherwise="warn"),
        Column("updated_at", "The moment of the last change", "timestamp", otherwise="warn", form_value="end"),
    ),
    example={
        "meeting_id": "M-1",
        "cycle": "2023",
        "meeting_date": "2024-02-12",
        "commune_code": "070101",
        "facility_id": "CH-1",
        "facility_type": "commune_hall",
        "side": "citizen",
        "criterion": "waiting time",
        "category": "time",
        "score_kind": "agreed",
        "score": "2",
        "scale_min": "1",
        "scale_max": "5",
        "votes": "",
        "voted_step": "",
        "attendees": "24",
        "attendees_female": "15",
        "updated_at": "2024-02-13T08:00:00",
    },
    own_rules=(
        Rule(
            "meeting_not_in_future",
            "meeting_date <= {today}",
            "The meeting has not been held yet. Check the day and the year.",
            {"meeting_date": "2999-02-12", "cycle": "2999"},
        ),
        Rule(
            "meeting_since_2000",
            "meeting_date >= date '2000-01-01'",
            "The meeting was before the year 2000. Check the year.",
            {"meeting_date": "1999-02-12", "cycle": "1999"},
        ),
        Rule(
            "cycle_fits_date",
            "cycle between year(meeting_date) - 1 and year(meeting_date)",
            "The cycle is neither the year of the meeting nor the year before. Correct one of them.",
            {"cycle": "2021"},
        ),
        Rule(
            "says_where",
            "commune_code is not null or facility_id is not null",
            "Neither the commune nor the facility is known. Fill in one of them.",
            {"commune_code": "", "facility_id": ""},
        ),
        Rule(
            "says_which_service",
            "facility_type is not null or facility_id is not null",
            "Neither the facility nor its kind is known. Fill in one of them.",
            {"facility_type": "", "facility_id": ""},
        ),
        Rule(
            "type_fits_facility",
            f"facility_type = {_REGISTERED}",
            "The register names another kind for this facility. Correct one of them; the row counts with the register's kind.",
            {"facility_type": "police_post"},
            outcome="warn",
        ),
        Rule(
            "criterion_known",
            f"category <> '{SOMETHING_ELSE}' or criterion is null or {_KNOWN} is not null",
            "The criterion is no known spelling of a category. Fill in the column category; the row counts as something else.",
            {"criterion": "shade under the trees", "category": ""},
            outcome="warn",
        ),
        Rule(
            "scale_has_steps",
            "scale_min < scale_max",
            "The scale has no steps: its lowest is not below its highest. Correct scale_min and scale_max.",
            {"scale_min": "2", "scale_max": "2"},
        ),
        Rule(
            "score_on_scale",
            "score between scale_min and scale_max",
            "The score lies outside the scale. Check the score, and which scale the meeting used.",
            {"score": "9"},
        ),
        Rule(
            "agreed_has_attendees",
            "score_kind <> 'agreed' or attendees is not null",
            "The group agreed a score, but nobody wrote how many took part. Fill in attendees.",
            {"attendees": "", "attendees_female": ""},
        ),
        Rule(
            "agreed_has_no_votes",
            "score_kind <> 'agreed' or votes is null",
            "A score is either agreed by the group or voted for. Leave votes empty, or write voted.",
            {"votes": "4"},
        ),
        Rule(
            "voted_has_votes",
            "score_kind <> 'voted' or votes is not null",
            "The score was voted for, but the votes are missing. Write how many chose this step, 0 where nobody did.",
            {"score_kind": "voted"},
        ),
        Rule(
            "votes_not_negative",
            "votes >= 0",
            "The number of votes is below zero. Write 0 where nobody chose this step.",
            {"votes": "-1", "score_kind": "voted"},
        ),
        Rule(
            "votes_within_attendees",
            "votes <= attendees",
            "More people voted than took part. Check both numbers.",
            {"votes": "40", "score_kind": "voted"},
        ),
        Rule(
            "attendees_counted",
            "attendees >= 1",
            "A meeting needs at least one person. Check how many took part.",
            {"attendees": "0", "attendees_female": "0"},
        ),
        Rule(
            "women_within_attendees",
            "attendees_female between 0 and attendees",
            "More women than people, or fewer than none, took part. Check both numbers; the row is used as it is.",
            {"attendees_female": "30"},
            outcome="warn",
        ),
        Rule(
            "attendees_plausible",
            "attendees <= 500",
            "More than 500 people in one meeting. Check for a zero too many; the row is used as it is.",
            {"attendees": "2400"},
            outcome="warn",
        ),
    ),
)
