-- ---
-- engine: duckdb
-- parameters:
--   at_least: INTEGER = 100
-- ---
-- From which airports do flights leave latest? Those with few flights are left out.
SELECT origin, count(*) AS flights, round(avg(delay), 1) AS mean_delay_minutes
FROM 'data/flights.parquet'
GROUP BY origin
HAVING count(*) > $at_least
ORDER BY mean_delay_minutes DESC;
