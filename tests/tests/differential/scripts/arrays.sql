-- Arrays.
SELECT ARRAY[1, 2] || 3, ARRAY[1, 2, 3] @> ARRAY[2], ARRAY[1] && ARRAY[2], ARRAY[1, 2] < ARRAY[1, 3], array_dims(ARRAY[[1, 2]]), array_length(ARRAY[1, 2], 1), cardinality(ARRAY[[1], [2]]), array_position(ARRAY['a', 'b'], 'b'), array_remove(ARRAY[1, 2, 1], 1), array_to_string(ARRAY[1, NULL], ',', '*'), (ARRAY[1, 2, 3])[2:], array_agg(x ORDER BY x DESC) FROM unnest(ARRAY[1, 3, 2]) x;
SELECT 3 = ANY (ARRAY[1, 3]), 3 > ALL (ARRAY[1, 2]), array_fill(0, ARRAY[2, 2], ARRAY[0, 0]), trim_array(ARRAY[1, 2, 3], 1), array_positions(ARRAY[1, 2, 1], 1), unnest(ARRAY[[1, 2], [3, 4]]);
