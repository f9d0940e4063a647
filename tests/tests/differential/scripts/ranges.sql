-- Ranges and multiranges.
SELECT int4range(1, 5) @> 3, int4range(1, 5) && int4range(4, 9), int4range(1, 3) -|- int4range(3, 5), int4range(1, 5) * int4range(3, 9), int4range(1, 5) + int4range(5, 9), int4range(1, 9) - int4range(5, 20), lower(numrange(1.1, 2.2)), upper_inc(int4range(1, 2)), isempty('empty'::int4range), range_merge(int4range(1, 2), int4range(5, 6)), range_agg(r) FROM (VALUES (int4range(1, 2)), (int4range(5, 6))) v(r);
SELECT '{[1,3),[5,7)}'::int4multirange @> 5, '{[1,3)}'::int4multirange + '{[2,9)}', unnest('{[1,3),[5,7)}'::int4multirange), multirange(int4range(1, 2));
