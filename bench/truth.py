"""Do the verdicts on the demonstration say what was planted in it?

    python -m bench.truth

Reads the truth file beside the demonstration's files and the current build. What was planted is the programme's effect alone: a commune
that changed for another reason (more people, a law, a year of few visits) rightly has a verdict although nothing was planted.
"""

from __future__ import annotations

import pandas as pd

import warehouse
from metrics import read_verdicts
from metrics.question import Filters

PLANTED = (  # measure, aspect, columns of the truth that move it, the value of none, whether more is better
    ("visits_per_facility_month", None, ("visits_ratio",), 1.0, 1),
    ("median_processing_days", None, ("days_ratio", "documents_complete_difference"), 1.0, -1),
    ("over_fee_pct", None, ("over_fee_difference",), 0.0, -1),
    ("satisfied_pct", "friendliness", ("friendliness_difference",), 0.0, 1),
)
WORDS = ("improvement", "concern", "no_clear_change", "cannot_tell")


def planted(truth: pd.DataFrame, columns: tuple[str, ...], none: float, better: int) -> pd.Series:
    """What each commune should be told: better, worse, or nothing; more complete documents make requests faster."""
    effect = better * (truth[columns[0]] - none)
    for column in columns[1:]:
        effect = effect.where(effect != 0, truth[column])
    return effect.map(lambda size: "better" if size > 0 else "worse" if size < 0 else "nothing")


def main() -> None:
    """Print one line a measure and kind of truth."""
    truth = pd.read_csv(warehouse.data_folder() / "sample" / "truth" / "truth.csv", dtype={"commune_code": str}).set_index("commune_code")
    print(f"| measure | planted | communes | {' | '.join(word.replace('_', ' ') for word in WORDS)} |")
    print(f"|---|---|{'---:|' * (len(WORDS) + 1)}")
    for metric, aspect, columns, none, better in PLANTED:
        found = read_verdicts.table(Filters(aspect=aspect), metric).set_index("place_code")
        told = pd.DataFrame({"word": found["word"], "planted": planted(truth, columns, none, better).reindex(found.index)})
        for kind, rows in told.groupby("planted"):
            counts = " | ".join(str(int((rows["word"] == word).sum())) for word in WORDS)
            print(f"| {metric}{f' ({aspect})' if aspect else ''} | {kind} | {len(rows)} | {counts} |")


if __name__ == "__main__":
    main()
