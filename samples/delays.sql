-- From which airports do flights leave latest?
SELECT origin, count(*) AS flights, round(avg(delay), 1) AS mean_delay_minutes
FROM 'data/flights.parquet'
GROUP BY origin
HAVING count(*) > 100
ORDER BY mean_delay_minutes DESC;
