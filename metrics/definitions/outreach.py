"""Are citizens informed, and is there a network of facilitators who grow?"""

from metrics.definitions.feedback import SATISFIED_FROM_PCT
from metrics.model import Fact, Metric, PerThousandPeople, Ratio, Sum

STRONG_FROM_PCT = SATISFIED_FROM_PCT  # of the scale's range: 4 and 5 on a scale from 1 to 5
_PLACES = ("province", "district", "commune")
_COMMUNE_MONTH = "province_code, district_code, commune_code, month"
_BY_SEX = " union all ".join(
    f"select commune_code, district_code, province_code, session_topic, month, participants_{word} as participants, {sex} as sex "
    "from marts.agg_outreach"
    for word, sex in (("female", "'f'"), ("male", "'m'"))
)
_NO_SEX = (
    "select commune_code, district_code, province_code, session_topic, month, "
    "participants - participants_female - participants_male as participants, null as sex from marts.agg_outreach "
    "where participants > participants_female + participants_male"
)
SESSIONS = Fact(
    name="sessions",
    table="marts.agg_outreach_sessions",
    label="Information sessions",
    places=_PLACES,
    service_column="session_topic",
    is_register=False,
    begins_with_programme=True,
)
OUTREACH = Fact(
    name="outreach",
    table="marts.agg_outreach",
    label="Participants of information sessions",
    places=_PLACES,
    service_column="session_topic",
    attributes=("sex",),
    hidden_as="outreach",
    counted="participants",
    is_register=False,
    sources=(("sex", f"({_BY_SEX} union all {_NO_SEX})"),),
    begins_with_programme=True,
)
NETWORK = Fact(
    name="network",
    table="marts.agg_facilitator_network",
    label="Communes with the programme and their facilitators",
    places=_PLACES,
    service_column=None,
    is_stock=True,
    begins_with_programme=True,
)
FACILITATORS = Fact(
    name="facilitators",
    table="marts.agg_facilitators",
    label="Facilitators trained",
    places=("province",),
    service_column=None,
    hidden_as="facilitators",
    counted="facilitators",
    is_register=False,
    begins_with_programme=True,
)
ASSESSMENTS = Fact(
    name="assessments",
    table="marts.agg_facilitator_assessments",
    label="Assessments of facilitators",
    places=("province",),
    service_column="assessment_stage",
    topics=("assessment_question",),
    hidden_as="assessments",
    counted="facilitators",
    counted_again_by="assessment_stage",
    is_register=False,
    begins_with_programme=True,
)
_TWICE = "Attendances, not persons: who comes to two sessions counts twice."


def _share(group: str, label: str, words: str, hits: str, known: str, spends: str, values: tuple[str, ...]) -> Metric:
    return Metric(
        name=f"participants_{group}_pct",
        fact=OUTREACH,
        kind=Ratio(f"sum({hits})", f"sum({known})"),
        label=label,
        unit="%",
        definition=f"Of all participants of the sessions held that say it, the share who are {words}.",
        caveat=f"{_TWICE} The likely range takes every attendance for itself.",
        spends=spends,
        spent_values=values,
    )


METRICS = (
    Metric(
        name="sessions_planned",
        fact=SESSIONS,
        kind=Sum("planned"),
        label="Sessions planned",
        unit="sessions",
        definition="Information sessions whose planned day had come by the data date, counted in the month of that day.",
    ),
    Metric(
        name="sessions_held",
        fact=SESSIONS,
        kind=Sum("held"),
        label="Sessions held",
        unit="sessions",
        better="higher",
        definition="Information sessions that were held, counted in the month they were held, whether planned before or not.",
    ),
    Metric(
        name="sessions_cancelled",
        fact=SESSIONS,
        kind=Sum("planned_cancelled"),
        label="Sessions cancelled",
        unit="sessions",
        better="lower",
        definition="Planned information sessions that were called off, counted in the month for which they were planned.",
    ),
    Metric(
        name="sessions_held_pct",
        fact=SESSIONS,
        kind=Ratio("sum(planned_held)", "sum(planned)"),
        label="Planned sessions that were held",
        unit="%",
        better="higher",
        definition="Sessions that were held, on the planned day or another, out of all whose planned day had come by the data date.",
        caveat="A session that is held late counts in the month for which it was planned.",
    ),
    Metric(
        name="participants",
        fact=OUTREACH,
        kind=Sum("participants"),
        label="Participants",
        unit="participants",
        better="higher",
        definition="People counted at the information sessions that were held, in the month of the session.",
        caveat=_TWICE,
    ),
    _share(
        "women",
        "Women among the participants",
        "women and girls",
        "participants_female",
        "participants_female + participants_male",
        "sex",
        ("f", "m"),
    ),
    _share("youth", "Young people among the participants", "young people", "participants_youth", "youth_known", "youth", ("yes", "no")),
    _share(
        "minority",
        "Ethnic minorities among the participants",
        "people of an ethnic minority",
        "participants_minority",
        "minority_known",
        "minority",
        ("yes", "no"),
    ),
    _share(
        "disability",
        "People with a disability among the participants",
        "people with a disability",
        "participants_disability",
        "disability_known",
        "disability",
        ("yes", "no"),
    ),
    Metric(
        name="participants_per_1000_people",
        fact=OUTREACH,
        kind=PerThousandPeople(
            "participants",
            months=12,
            exposed=f"select {_COMMUNE_MONTH} from marts.dim_covered_month union select {_COMMUNE_MONTH} from marts.agg_outreach",
            exposed_words="every commune and month with the programme or with a session",
        ),
        label="Participants a year per 1,000 people",
        unit="participants",
        better="higher",
        definition="Participants for every 1,000 people and year in the communes and months in which the programme was there or a session "
        "was held; a month without a session counts as nobody reached. The population is that of the year, or of the nearest earlier "
        "year known.",
        caveat=f"{_TWICE} Only communes with a population figure.",
    ),
    Metric(
        name="communes_with_network",
        fact=NETWORK,
        kind=Sum("cast(is_operational as integer)"),
        label="Communes with an operational network",
        unit="communes",
        better="higher",
        definition="Communes with the programme in which two or more facilitators are trained and active, at the end of the period.",
        caveat="As the register of facilitators says.",
    ),
    Metric(
        name="network_operational_pct",
        fact=NETWORK,
        kind=Ratio("count(*) filter (is_operational)", "count(*)"),
        label="Communes whose network is operational",
        unit="%",
        better="higher",
        definition="Communes in which two or more facilitators are trained and active, out of all with the programme, "
        "at the end of the period.",
        caveat="As the register of facilitators says.",
    ),
    Metric(
        name="facilitators_trained",
        fact=FACILITATORS,
        kind=Sum("facilitators"),
        label="Facilitators trained",
        unit="facilitators",
        better="higher",
        definition="Facilitators who finished their first training, counted in the month of its last day, whether still active or not.",
        caveat="By province and quarter at the finest: facilitators are few.",
    ),
    Metric(
        name="facilitators_assessed",
        fact=ASSESSMENTS,
        kind=Sum("facilitators"),
        label="Answers of facilitators",
        unit="answers",
        definition="Scores that facilitators gave, one for each question of an assessment; of a stage only a facilitator's newest round.",
        caveat="By province and quarter at the finest: facilitators are few.",
    ),
    Metric(
        name="facilitators_strong_pct",
        fact=ASSESSMENTS,
        kind=Ratio(f"coalesce(sum(facilitators) filter (score_pct >= {STRONG_FROM_PCT}), 0)", "sum(facilitators)"),
        label="Facilitators who score high",
        unit="%",
        better="higher",
        definition=f"Scores of at least {STRONG_FROM_PCT} % of the scale's range (4 or 5 on a scale from 1 to 5), out of all scores given; "
        "of a stage only a facilitator's newest round.",
        caveat="What facilitators say of themselves. By province and quarter at the finest, and for ten or more.",
    ),
)
