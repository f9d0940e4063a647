-- All that no rule masks, as one text: secrets may not get here, and nothing here may
-- depend on one.
SELECT concat_ws(E'\n',
    (SELECT string_agg(concat_ws('|', id, name, CASE jsonb_typeof(profile -> 'contact')
        WHEN 'object' THEN profile - 'phone' #- '{contact,mobile}' ELSE profile END), E'\n' ORDER BY id) FROM customers),
    (SELECT string_agg(concat_ws('|', id, customer_id, amount, note), E'\n' ORDER BY id) FROM invoices),
    (SELECT string_agg(concat_ws('|', id, label, document), E'\n' ORDER BY id) FROM contacts),
    (SELECT string_agg(notes::text, E'\n' ORDER BY id) FROM notes),
    (SELECT string_agg(concat_ws('|', id, customer_id, kind), E'\n' ORDER BY id) FROM events),
    (SELECT string_agg(concat_ws('|', id, owner), E'\n' ORDER BY id) FROM accounts),
    (SELECT string_agg(query_to_xml('SELECT * FROM scratch.' || quote_ident(relname), true, false, '')::text, E'\n' ORDER BY relname)
        FROM pg_class WHERE relnamespace = 'scratch'::regnamespace AND relkind IN ('r', 'm', 'p')))
