-- Truth, and comparing texts.
SELECT 1 < 2 AND NOT 2 < 1 OR NULL, NULL IS NULL, NULL = NULL, 1 IS DISTINCT FROM NULL, true > false, NULL AND false, NULL OR true, bool 'yes', bool 'off';
SELECT 'a' || 'b', 'abc' LIKE 'a%', 'abc' ILIKE 'A_C', 'abc' ~ 'b', 'abc' ~* 'B', 'abc' !~ 'x', 'abc' SIMILAR TO 'a(b|c)+', 'a' < 'B', 'a' < 'B' COLLATE "C";
