"""Which steps of its yearly accountability cycle did each commune do, and when?"""

from itertools import pairwise

from etl.contract import Column, Rule, Source

STEPS = ("information", "scorecards", "interface", "plan", "review")  # in their order; each has a column <step>_date
_DAYS = {
    "information_date": "The day citizens were informed of their rights and of the standards",
    "scorecards_date": "The day citizens and providers scored the services",
    "interface_date": "The day citizens and providers met",
    "plan_date": "The day the action plan was agreed",
    "review_date": "The day the action plan was reviewed",
}
_DATES = tuple(_DAYS)


def _nothing_after(column: str) -> dict[str, str]:
    """What a witness of a step changes besides: the steps after it are empty, so that no other rule is broken."""
    return dict.fromkeys(_DATES[_DATES.index(column) + 1 :], "")


def _in_order(*columns: str) -> str:
    return " and ".join(f"{before} <= {after}" for before, after in pairwise(columns))


SOURCE = Source(
    name="cycles",
    question="Yearly accountability cycles of communes: the day of each step. A cycle is full when all five steps were done.",
    grain="one row = one yearly cycle of the programme in one commune",
    columns=(
        Column("commune_code", "The commune", reference="communes", is_key=True, is_required=True),
        Column("cycle", "The year in which the cycle began", "integer", is_key=True, is_required=True),
        Column("partner_id", "The partner", reference="partners", otherwise="warn", keeps_unknown=True, also_called=("partner",)),
        Column("start_date", "The day the cycle began", "date", is_required=True),
        *(Column(name, label, "date", witness_also=_nothing_after(name)) for name, label in _DAYS.items()),
    ),
    example={
        "commune_code": "070101",
        "cycle": "2024",
        "partner_id": "P-1",
        "start_date": "2024-01-08",
        "information_date": "2024-02-10",
        "scorecards_date": "2024-05-04",
        "interface_date": "2024-06-03",
        "plan_date": "2024-06-20",
        "review_date": "2024-12-02",
    },
    own_rules=(
        Rule(
            "start_since_2000",
            "start_date >= date '2000-01-01'",
            "The cycle began before the year 2000. Check the year.",
            {"start_date": "1924-01-08", "cycle": "1924"},
        ),
        *(
            Rule(
                f"{step}_not_in_future",
                f"{step}_date <= {{today}}",
                "A step has a day after today. A step counts once it was done: leave its day empty until then.",
                {f"{step}_date": "2999-01-01", **_nothing_after(f"{step}_date")},
            )
            for step in STEPS
        ),
        Rule(
            "cycle_is_the_year_it_began",
            "cycle = year(start_date)",
            "The cycle is not named after the year in which it began. Check both; the row is used as it is.",
            {"cycle": "2023"},
            outcome="warn",
        ),
        Rule(
            "steps_in_order",
            _in_order("start_date", *_DATES),
            "The days of the steps are not in the order of the steps. Check them; the row is used as it is.",
            {"interface_date": "2024-07-30"},
            outcome="warn",
        ),
        Rule(
            "no_step_is_skipped",
            " and ".join(
                f"not ({after} is not null and {before} is null)" for before, after in pairwise(_DATES)
            ),
            "A step has a day although the one before it has none. Fill in the day that is missing; the row is used as it is.",
            {"interface_date": ""},
            outcome="warn",
        ),
    ),
)
