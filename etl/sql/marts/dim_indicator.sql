-- one row = one indicator of the results framework, as its list declares it (text; metrics/indicators.py says what each column means)
-- is_example: it comes from the list that is shipped, whose baselines and targets are invented.
select *
from reference_indicators
