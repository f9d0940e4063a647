-- All that no attack may change, as one digest.
SELECT md5(concat_ws('/',
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM vault.secrets t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM public.payroll t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM public.customers t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM public.products t),
    (SELECT last_value FROM vault.pins),
    (SELECT string_agg(concat(rolname, rolsuper, rolbypassrls, rolcanlogin, rolconnlimit, rolvaliduntil, rolconfig), ','
        ORDER BY rolname) FROM pg_roles),
    (SELECT string_agg(concat(roleid, member), ',' ORDER BY roleid, member) FROM pg_auth_members),
    (SELECT string_agg(concat(setdatabase > 0, setrole, setconfig), ',' ORDER BY setrole) FROM pg_db_role_setting),
    (SELECT string_agg(concat(p.oid::regprocedure, prosrc, proowner, proacl, prosecdef, proconfig), ','
        ORDER BY p.oid) FROM pg_proc p WHERE p.oid >= 16384),
    (SELECT string_agg(concat(c.oid, relname, relnamespace, relowner, relacl, relrowsecurity, reltablespace, reloptions), ','
        ORDER BY c.oid) FROM pg_class c
        WHERE c.oid >= 16384 AND relnamespace IN ('public'::regnamespace, 'vault'::regnamespace)),
    (SELECT string_agg(concat(attrelid, attname, atttypid, attnotnull, attacl, attisdropped), ',' ORDER BY attrelid, attnum)
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
        WHERE attrelid >= 16384 AND relnamespace IN ('public'::regnamespace, 'vault'::regnamespace)),
    (SELECT string_agg(concat(tgrelid, tgname, tgenabled), ',' ORDER BY tgrelid, tgname) FROM pg_trigger),
    (SELECT string_agg(concat(ev_class, rulename, ev_enabled, ev_action), ',' ORDER BY ev_class, rulename)
        FROM pg_rewrite WHERE oid >= 16384),
    (SELECT string_agg(concat(polrelid, polname), ',' ORDER BY polrelid, polname) FROM pg_policy),
    (SELECT string_agg(concat(nspname, nspowner, nspacl), ',' ORDER BY nspname) FROM pg_namespace
        WHERE nspname NOT LIKE 'pg\_t%'),
    (SELECT string_agg(extname, ',' ORDER BY extname) FROM pg_extension),
    (SELECT string_agg(concat(pubname, puballtables), ',' ORDER BY pubname) FROM pg_publication),
    (SELECT string_agg(subname, ',' ORDER BY subname) FROM pg_subscription),
    (SELECT string_agg(concat(srvname, srvoptions), ',' ORDER BY srvname) FROM pg_foreign_server),
    (SELECT string_agg(concat(srvname, umoptions), ',') FROM pg_user_mappings),
    (SELECT string_agg(evtname, ',' ORDER BY evtname) FROM pg_event_trigger),
    (SELECT string_agg(concat(loid, encode(data, 'hex')), ',' ORDER BY loid, pageno) FROM pg_largeobject),
    (SELECT string_agg(concat(objoid, description), ',' ORDER BY objoid, objsubid) FROM pg_description
        WHERE objoid >= 16384),
    (SELECT string_agg(concat(castsource, casttarget), ',' ORDER BY oid) FROM pg_cast WHERE oid >= 16384),
    (SELECT string_agg(concat(oprname, oprcode), ',' ORDER BY oid) FROM pg_operator WHERE oid >= 16384),
    (SELECT string_agg(concat(typname, typowner, typacl), ',' ORDER BY oid) FROM pg_type
        WHERE oid >= 16384 AND typnamespace IN ('public'::regnamespace, 'vault'::regnamespace)),
    (SELECT string_agg(concat(lanname, lanacl), ',' ORDER BY lanname) FROM pg_language),
    (SELECT string_agg(concat(name, setting), ',' ORDER BY name, seqno) FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'),
    (SELECT string_agg(concat(datname, datallowconn, datconnlimit), ',' ORDER BY datname) FROM pg_database WHERE datname LIKE 'evil%'),
    (SELECT string_agg(slot_name, ',') FROM pg_replication_slots),
    (SELECT string_agg(gid, ',') FROM pg_prepared_xacts)
));
