-- one row = the population of one commune in one year
select
    commune_code,
    year,
    population,
    source
from staging.population
