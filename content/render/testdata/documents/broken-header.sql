-- ---
-- engine duckdb
-- ---
SELECT 1