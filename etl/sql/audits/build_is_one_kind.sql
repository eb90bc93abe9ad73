-- the build does not say whether it is wholly demonstration or wholly real
select count(*) as rows_in_quality_build, count(is_demonstration) as rows_that_say
from quality.build
having count(*) <> 1 or count(is_demonstration) <> 1
