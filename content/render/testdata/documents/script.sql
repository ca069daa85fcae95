-- ---
-- engine: duckdb
-- environment: nightly
-- owner: risk & <b>co</b>
-- parameters:
--   region: VARCHAR = 'EU'
--   since: DATE
-- ---
%chart bar x=region
SELECT region, count(*) AS n, $$dollar 'quoted' text$$ AS d
FROM read_parquet('trades/*.parquet') -- all of them
/* nested /* comment */ still */
WHERE region = $region AND since >= $since AND "odd ""name""" <> 'it''s'
GROUP BY ALL ORDER BY n DESC LIMIT 10;
