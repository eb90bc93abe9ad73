"""Do pupils and teachers come to school, and can the reports be relied on?"""

from metrics.model import Fact, Metric, Ratio


def _school_fact(name: str, label: str, hidden_as: str | None, counted: str) -> Fact:
    return Fact(
        name=name,
        table="marts.agg_school_reports",
        label=label,
        places=("province", "district", "commune"),
        service_column="facility_type",
        hidden_as=hidden_as,
        counted=counted,
    )


PUPILS = _school_fact("pupils", "Pupils of primary schools", "pupils", "pupils_enrolled")
TEACHERS = _school_fact("teachers", "Teachers of primary schools", "teachers", "teachers_asked")
SCHOOLS = _school_fact("schools", "Monthly reports expected from primary schools", None, "*")

METRICS = (
    Metric(
        name="pupils_per_school",
        fact=PUPILS,
        kind=Ratio("sum(pupils_enrolled)", "count(*) filter (is_reported)", is_share=False),
        label="Pupils enrolled per school",
        unit="pupils",
        definition="Pupils enrolled, divided by the number of schools times months for which a report came: the same children are counted "
        "every month, so they are never added up over months.",
        caveat="A month without a report is missing, not zero; in the holidays, September and October, schools send none.",
    ),
    Metric(
        name="pupil_attendance_pct",
        fact=PUPILS,
        kind=Ratio("sum(pupils_present)", "sum(pupils_asked)"),
        label="Pupils present",
        unit="%",
        better="higher",
        definition="Pupils present on an average day of the month, out of the pupils enrolled.",
        caveat="As counted by the school. Months without a report are left out.",
    ),
    Metric(
        name="teacher_presence_pct",
        fact=TEACHERS,
        kind=Ratio("sum(teachers_present)", "sum(teachers_asked)"),
        label="Teachers present",
        unit="%",
        better="higher",
        definition="The share of the days they should have taught on which teachers were present, each teacher counting once a month.",
        caveat="Only told for ten teachers or more. As counted by the school.",
    ),
    Metric(
        name="school_reports_pct",
        fact=SCHOOLS,
        kind=Ratio("count(*) filter (is_reported and is_expected)", "count(*) filter (is_expected)"),
        label="School reports received",
        unit="%",
        better="higher",
        definition="Monthly reports received, out of the reports expected from primary schools that were open, "
        "for the months of the school year, November to August.",
        caveat="Says how far the other figures on schools can be relied on.",
    ),
)
