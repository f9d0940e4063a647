-- What is secret, in the second world: other values, lengths, orders, likenesses and numbers.
INSERT INTO customers VALUES
    (1, 'Ada', 'SE', '2024-03-01', 'bittern@marsh.example', NULL, '+44 20 7946 0909', 1200.00,
        '{bitty}', '("88 Reed Way",Thornwick)', '{"plan": "pro", "phone": "+44 20 7946 0909 55", "seats": 12}'),
    (2, 'Bela', 'NG', '2024-07-15', 'avocet.of.the.shore@sand.example', '4000 1234 0000 9999', '+44 20 7946 0808', 99999.99,
        '{avo,cetty,shore,strand}', '("1 Dune Close",Saltby)', '{"plan": "free", "phone": [1, 2, 3], "seats": 1}'),
    (3, 'Chen', 'FR', '2025-01-20', 'Zander@reef.example', '4111 2222 3333 4444', '+44 20 7946 0707', 3.14,
        '{zandy,reefer}', '("Old Quay 5",Thornwick)', '{"plan": "pro", "phone": null, "seats": 40}'),
    (4, 'Dana', 'SE', '2025-11-02', '1godwit%@tide.example', '5100 0000 0000 0040', '+44 20 7946 0606', 812345.00,
        '{}', '("Tidal 2",Saltby)', '{"plan": "free", "phone": {"a": 1}, "seats": 2}');
INSERT INTO events VALUES
    (1, '2025-05-01', 'login', '{"token": "tok-smew", "ip": "10.0.0.1"}'),
    (2, '2026-02-01', 'logout', '{"token": "tok-gannet-998877", "ip": "10.0.0.2"}');
INSERT INTO payroll VALUES ('Gita Holm', 9100), ('Hugo Lind', 100), ('Iris Moor', 2), ('Jan Nord', 7);
INSERT INTO vault.secrets VALUES (1, 'dunlin-anchor', 9031), (2, 'sanderling-buoy-4', 120000), (3, 'stint-keel', 5);
SELECT setval('vault.pins', 9031);
SELECT lo_from_bytea(4242, 'dunlin-anchor, longer'::bytea);
COMMENT ON TABLE vault.secrets IS 'dunlin-anchor';
ALTER TABLE vault.secrets ALTER word SET DEFAULT 'dunlin-anchor';
CREATE FUNCTION vault.word() RETURNS text LANGUAGE sql AS $$SELECT 'dunlin-anchor'::text$$;
CREATE VIEW vault.spoken AS SELECT 'dunlin-anchor'::text AS word;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'dunlin-anchor');
