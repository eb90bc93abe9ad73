-- allegations of unofficial payment are kept for a place below the district
select table_name, column_name
from duckdb_columns()
where
    schema_name = 'marts'
    and table_name = 'agg_unofficial_payment'
    and column_name not in ('province_code', 'district_code', 'facility_type', 'month', 'answered', 'asked')
