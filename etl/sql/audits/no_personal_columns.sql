-- a readable table has a column for names, phone numbers, positions or free text of citizens
select schema_name, table_name, column_name
from duckdb_columns()
where
    schema_name in ('staging', 'marts', 'quality', 'privacy')
    and regexp_matches(lower(column_name), '^(citizen_name|respondent_name|facilitator_name|full_name|phone|phone_number|gps|latitude|longitude|comment)$')
