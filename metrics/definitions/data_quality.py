"""What arrived, and what could be used?"""

from metrics.model import Fact, Metric, Sum

LOADS = Fact(
    name="loads",
    table="quality.loads",
    label="Rows of the files that arrived",
    places=(),
    service_column=None,
    other=("source", "file"),
    has_period=False,
)

METRICS = (
    Metric(
        name="rows_read",
        fact=LOADS,
        kind=Sum("rows_read"),
        label="Rows read",
        unit="rows",
        definition="Rows found in the files that arrived. Rows read = loaded + set aside + superseded + deleted by the source.",
    ),
    Metric(
        name="rows_set_aside",
        fact=LOADS,
        kind=Sum("rows_set_aside"),
        label="Rows set aside",
        unit="rows",
        better="lower",
        definition="Rows that break a rule and are therefore not counted anywhere. They are kept with the file, the line and every reason.",
    ),
    Metric(
        name="rows_superseded",
        fact=LOADS,
        kind=Sum("rows_superseded"),
        label="Rows superseded",
        unit="rows",
        definition="Rows of which a newer version arrived; the newer one counts.",
    ),
    Metric(
        name="rows_deleted",
        fact=LOADS,
        kind=Sum("rows_deleted"),
        label="Rows deleted by the source",
        unit="rows",
        definition="Rows that the source itself marks as deleted.",
    ),
)
