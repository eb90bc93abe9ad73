"""What is true of every monthly report, whoever sends it?"""

from etl.contract import Rule

MONTH = (
    Rule(
        "month_not_in_future",
        "month <= {today}",
        "The month has not come yet. Check the month and the year.",
        {"month": "2999-01", "reported_date": ""},
    ),
    Rule("month_since_2000", "month >= date '2000-01-01'", "The month is before the year 2000. Check the year.", {"month": "1999-12"}),
)
SENT = Rule(
    "reported_after_month",
    "reported_date >= month",
    "The report was sent before its month began. Check the date; the row is used as it is.",
    {"reported_date": "2024-02-01"},
    outcome="warn",
)
