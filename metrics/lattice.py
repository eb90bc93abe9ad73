"""Which cells may be published at all, and which of them does a question rest on?

The lattice is declared here once: the build decides which of its cells are hidden (etl/small_groups.py), and a question is answered
from its cells and sums of its shown cells only. A cell is one place x period x service, and in a quarter or year one value of at most one
attribute. Nothing finer exists, so nothing finer can be worked out by taking answers apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

PLACE_LEVELS = ("commune", "district", "province", "programme")  # from the finest to the widest; the programme's code is PROGRAMME
COVERED_LEVELS = ("district_covered", "province_covered", "programme_covered")  # split by whether the programme ever came: code '0701:yes'
PERIODS = ("month", "quarter", "year")  # from the finest to the widest
ATTRIBUTE_PERIODS = ("quarter", "year")
PROGRAMME = "KH"
ALL_SERVICES = "*"
UNKNOWN_VALUE = "null"  # the value of an attribute nobody wrote down
MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Lattice:
    """The publishable cells of one fact. `table` holds `counted` by place, month and `service_column`; an attribute is a column
    of it, or for `splits` several columns that hold the counts of its values.
    """

    fact: str
    table: str
    counted: str
    service_column: str | None  # None where there is nothing in the place of the service
    attributes: tuple[str, ...] = ()
    splits: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # attribute -> (value, SQL expression of its count)
    value_groups: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # attribute, value published besides -> the values it holds
    topic_column: str | None = None
    place_levels: tuple[str, ...] = (*PLACE_LEVELS, *COVERED_LEVELS)
    finest_period: str = "month"
    is_reported: str | None = None  # SQL: where it is false everywhere, all the world knows that the count is 0
    is_overlapping: bool = False  # the same persons may stand in several services: all services are hidden where one of them is
    part_of: str | None = None  # the fact whose counts these are a part of: shares rest on them, and are hidden where it is, too
    is_repeated: bool = False  # the same persons are counted every month: what one month hides all do, longer periods too

    @property
    def all_attributes(self) -> tuple[str, ...]:
        """Every attribute, columns and splits alike."""
        return (*self.attributes, *(name for name, _ in self.splits))

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods of the lattice, the finest first."""
        return PERIODS[PERIODS.index(self.finest_period) :]

    @property
    def counted_periods(self) -> tuple[str, ...]:
        """The periods whose cells are told by their own counts: of persons who are counted again every month, months only."""
        return (self.finest_period,) if self.is_repeated else self.periods

    def has(self, place_level: str, period: str, attribute: str = "") -> bool:
        """Is this kind of cell part of the lattice?"""
        periods = ATTRIBUTE_PERIODS if attribute else PERIODS
        return place_level in self.place_levels and period in periods and (not attribute or attribute in self.all_attributes)

    def is_withheld(self, place_level: str, period: str, attribute: str = "") -> bool:
        """Is every such cell hidden, in every build? Groups that fine are small nearly everywhere."""
        if attribute:
            return place_level not in ("province", "programme")
        return place_level == "district_covered" or period not in self.periods


REQUESTS = Lattice(
    fact="requests",
    table="marts.agg_requests",
    counted="requests",
    service_column="service_code",
    attributes=("sex", "documents_complete"),
    splits=(("status", (("overdue", "overdue"), ("waiting", "open - overdue"), (UNKNOWN_VALUE, "requests - open"))),),
    value_groups=(("status", "open", ("overdue", "waiting")),),
)
USAGE = Lattice(
    fact="usage",
    table="marts.agg_usage",
    counted="visits",
    service_column="service_code",
    splits=(
        (
            "sex",
            (
                ("f", "coalesce(visits_female, 0)"),
                ("m", "coalesce(visits_male, 0)"),
                (UNKNOWN_VALUE, "visits - coalesce(visits_female, 0) - coalesce(visits_male, 0)"),
            ),
        ),
    ),
    is_reported="visits is not null",
)
FEEDBACK = Lattice(
    fact="feedback",
    table="marts.agg_feedback",
    counted="answers",
    service_column="facility_type",
    attributes=("sex", "age_group", "channel"),
    topic_column="aspect",
    finest_period="quarter",
)
PAYMENTS = Lattice(
    fact="payments",
    table="marts.agg_unofficial_payment",
    counted="answered",
    service_column="facility_type",
    place_levels=("district", "province", "programme"),
    finest_period="quarter",
)
SCORES = Lattice(
    fact="scores",
    table="marts.agg_scorecards",
    counted="people",
    service_column="facility_type",
    topic_column="category",
    finest_period="quarter",
    is_overlapping=True,
)
ATTENDANCE = Lattice(
    fact="attendance",
    table="marts.agg_scorecard_meetings",
    counted="attendees",
    service_column="facility_type",
    splits=(
        (
            "sex",
            (
                ("f", "coalesce(attendees_female, 0)"),
                ("m", "coalesce(attendees_known - attendees_female, 0)"),
                (UNKNOWN_VALUE, "attendees - coalesce(attendees_known, 0)"),
            ),
        ),
    ),
    finest_period="quarter",
    is_overlapping=True,
)
OUTREACH = Lattice(
    fact="outreach",
    table="marts.agg_outreach",
    counted="participants",
    service_column="session_topic",
    splits=(
        (
            "sex",
            (
                ("f", "participants_female"),
                ("m", "participants_male"),
                (UNKNOWN_VALUE, "participants - participants_female - participants_male"),
            ),
        ),
        *(
            (
                group,
                (
                    ("yes", f"participants_{group}"),
                    ("no", f"{group}_known - participants_{group}"),
                    (UNKNOWN_VALUE, f"participants - {group}_known"),
                ),
            )
            for group in ("youth", "minority", "disability")
        ),
    ),
    finest_period="quarter",
    is_reported="sessions > 0",
)
FACILITATORS = Lattice(
    fact="facilitators",
    table="marts.agg_facilitators",
    counted="facilitators",
    service_column=None,
    place_levels=("province", "programme"),
    finest_period="quarter",
)
ASSESSMENTS = Lattice(
    fact="assessments",
    table="marts.agg_facilitator_assessments",
    counted="facilitators",
    service_column="assessment_stage",
    topic_column="assessment_question",
    place_levels=("province", "programme"),
    finest_period="quarter",
)
PUPILS = Lattice(
    fact="pupils",
    table="marts.agg_school_reports",
    counted="pupils_enrolled",
    service_column="facility_type",
    is_reported="pupils_enrolled is not null",
    is_repeated=True,
)
TEACHERS = Lattice(
    fact="teachers",
    table="marts.agg_school_reports",
    counted="teachers_asked",
    service_column="facility_type",
    is_reported="teachers_asked is not null",
    is_repeated=True,
)
_DUE = replace(REQUESTS, fact="due", counted="due", splits=(), value_groups=(), part_of="requests")
_PROMISED_DUE = replace(_DUE, fact="promised_due", table="marts.agg_promises", attributes=())
BASES = (  # of shares that do not rest on all that is counted
    _DUE,
    replace(_DUE, fact="fee_known", counted="fee_known"),
    _PROMISED_DUE,
    replace(_PROMISED_DUE, fact="promised_fee_known", counted="fee_known"),
    replace(_PROMISED_DUE, fact="visits_known", counted="visits_known"),
    replace(_PROMISED_DUE, fact="delivered_known", counted="delivered_known"),
    replace(PUPILS, fact="pupils_asked", counted="pupils_asked", part_of="pupils"),
)
ALL = (REQUESTS, USAGE, FEEDBACK, PAYMENTS, OUTREACH, FACILITATORS, ASSESSMENTS, SCORES, ATTENDANCE, PUPILS, TEACHERS, *BASES)
LATTICES = {lattice.fact: lattice for lattice in ALL}
