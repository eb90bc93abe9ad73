"""What arrived, what became of it, and which rows were set aside, why? The build's own books, with personal columns masked."""

from __future__ import annotations

import pandas as pd

from metrics.memory import remembered
from warehouse import read

ROWS_SHOWN = 500


@remembered
def files(build_id: str) -> pd.DataFrame:
    """One row a file that arrived, refused ones first: rows read = loaded + set aside + superseded + deleted by the source."""
    return read(
        """
        select load_id, source, file_name, sheet, format, facts, encoding, mapping_name, loaded_at, rows_read,
               rows_loaded, rows_set_aside, rows_superseded, rows_deleted, status, note
        from quality.loads order by status <> 'refused', source, file_name, load_id
    """,
        build_id=build_id,
    )


@remembered
def rules_broken(build_id: str, source: str | None = None) -> pd.DataFrame:
    """Every rule that a row broke: `source`, `rule`, `sentence`, `outcome`, `rows`; the most broken first."""
    return read(
        """
        select source, rule, any_value(sentence) as sentence, outcome, sum(rows) as rows
        from quality.rule_results where rows > 0 and ($source is null or source = $source)
        group by source, rule, outcome order by rows desc, source, rule
    """,
        {"source": source},
        build_id,
    )


@remembered
def rows_set_aside(
    build_id: str, *, source: str | None = None, file: str | None = None, rule: str | None = None, limit: int | None = ROWS_SHOWN
) -> pd.DataFrame:
    """Rows that could not be used: file, line, every reason, and what everybody may see of the row (etl/load.py)."""
    return read(
        """
        select source, file_name, line, array_to_string(sentences, ' ') as reasons, row_masked
        from quality.rejected_rows
        where ($source is null or source = $source) and ($file is null or file_name = $file)
          and ($rule is null or list_contains(rules, $rule))
        order by source, file_name, line limit $limit
    """,
        {"source": source, "file": file, "rule": rule, "limit": 10_000_000 if limit is None else limit},
        build_id,
    )


@remembered
def rows_superseded(build_id: str, source: str | None = None) -> pd.DataFrame:
    """Rows of which a newer version arrived, with the file and line that counts instead."""
    return read(
        """
        select source, file_name, line, kept_file_name, kept_line
        from quality.superseded_rows where $source is null or source = $source
        order by source, file_name, line limit $limit
    """,
        {"source": source, "limit": ROWS_SHOWN},
        build_id,
    )


@remembered
def corrections(build_id: str) -> pd.DataFrame:
    """Known errors that were put right on the way in: one row a correction, the newest first. None in builds made before there were any."""
    known = read("select 1 from duckdb_tables() where schema_name = 'quality' and table_name = 'corrections'", build_id=build_id)
    if known.empty:
        return pd.DataFrame()
    return read(
        """
        select source, key, column_name, old_value, new_value, reason, who, corrected_on, rows
        from quality.corrections order by corrected_on desc, source, key, column_name
    """,
        build_id=build_id,
    )


@remembered
def unmatched_places(build_id: str, source: str | None = None) -> pd.DataFrame:
    """Names of places that could not be matched with certainty, each with its nearest candidates and how often it came."""
    return read(
        """
        select source, field, value, any_value(candidates) as candidates, count(*) as rows,
               min(file_name) as file_name, arg_min(line, file_name) as first_line
        from quality.unmatched_places where $source is null or source = $source
        group by source, field, value order by rows desc, value limit $limit
    """,
        {"source": source, "limit": ROWS_SHOWN},
        build_id,
    )
