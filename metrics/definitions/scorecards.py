"""How do citizens and providers score the services, and who took part?"""

from metrics.model import Fact, Metric, Ratio, Sum

BY_SEX = (
    "(select * replace (attendees_female as attendees), 'f' as sex from marts.agg_scorecard_meetings"
    " union all select * replace (attendees_known - attendees_female as attendees), 'm' as sex from marts.agg_scorecard_meetings)"
)
LOW_BELOW_PCT = 50  # of the scale's range: 1 and 2 on a scale from 1 to 5
PLACES = ("province", "district", "commune")
SCORES = Fact(
    name="scores",
    table="marts.agg_scorecards",
    label="Scores that citizens' meetings gave",
    places=PLACES,
    service_column="facility_type",
    topics=("category",),
    hidden_as="scores",
    counted="people",
    is_register=False,
    begins_with_programme=True,
)
SELF_SCORES = Fact(
    name="self_scores",
    table="marts.agg_scorecards_provider",
    label="Scores that providers gave themselves",
    places=PLACES,
    service_column="facility_type",
    topics=("category",),
    is_register=False,
    begins_with_programme=True,
)
MEETINGS = Fact(
    name="scorecard_meetings",
    table="marts.agg_scorecard_meetings",
    label="Meetings at which citizens scored",
    places=PLACES,
    service_column="facility_type",
    is_register=False,
    begins_with_programme=True,
)
ATTENDANCE = Fact(
    name="attendance",
    table="marts.agg_scorecard_meetings",
    label="People at the meetings",
    places=PLACES,
    service_column="facility_type",
    attributes=("sex",),
    hidden_as="attendance",
    counted="attendees",
    is_register=False,
    sources=(("sex", BY_SEX),),
    begins_with_programme=True,
)
ONE_A_MEETING = (
    "Every meeting counts once for each category of criteria: with the score it agreed, or with the middle one of its votes."
)

METRICS = (
    Metric(
        name="good_score_pct",
        fact=SCORES,
        kind=Ratio("sum(good)", "sum(meetings)", people="sum(people)"),
        label="Good scores by citizens",
        unit="%",
        better="higher",
        definition="Scores of citizens' meetings at 75 % of the scale's range or more (4 or 5 on a scale from 1 to 5), "
        f"out of all their scores. {ONE_A_MEETING}",
        caveat="The likely range counts meetings, not people, because people in a meeting hear each other. Who came was not drawn by lot.",
    ),
    Metric(
        name="low_score_pct",
        fact=SCORES,
        kind=Ratio("sum(low)", "sum(meetings)", people="sum(people)"),
        label="Low scores by citizens",
        unit="%",
        better="lower",
        definition=f"Scores of citizens' meetings below {LOW_BELOW_PCT} % of the scale's range (1 or 2 on a scale from 1 to 5), "
        f"out of all their scores. {ONE_A_MEETING}",
        caveat="The likely range counts meetings, not people. What is scored low is low partly by chance, so that it rises by itself.",
    ),
    Metric(
        name="good_self_score_pct",
        fact=SELF_SCORES,
        kind=Ratio("sum(good)", "sum(meetings)"),
        label="Good scores by providers of themselves",
        unit="%",
        definition="Scores that facilities gave themselves at 75 % of the scale's range or more, out of all their scores of themselves.",
        caveat="Only facilities that declare their own scores public.",
    ),
    Metric(
        name="scorecard_meetings",
        fact=MEETINGS,
        kind=Sum("meetings"),
        label="Meetings at which citizens scored",
        unit="meetings",
        definition="Meetings at which citizens scored a facility by their own criteria, in the month they were held.",
        caveat="A meeting that scored two facilities counts for each.",
    ),
    Metric(
        name="scoring_people",
        fact=ATTENDANCE,
        kind=Sum("attendees"),
        label="People who scored",
        unit="people",
        definition="People who took part in a meeting at which citizens scored a facility, once a meeting however many criteria it scored.",
        caveat="Somebody who came to several meetings is counted in each.",
    ),
    Metric(
        name="scoring_women_pct",
        fact=ATTENDANCE,
        kind=Ratio("sum(attendees_female)", "sum(attendees_known)"),
        label="Women among those who scored",
        unit="%",
        definition="Women out of all who took part in the citizens' meetings for which both numbers were written down.",
        caveat="By province or for the whole programme, and by quarter or year only, so that small groups stay protected.",
        spends="sex",
        spent_values=("f", "m"),
    ),
)
