-- What is secret, in the first world.
INSERT INTO customers VALUES
    (1, 'Ada', 'SE', '2024-03-01', 'wren.ashdown@mail.example', '4929 1234 5678 9012', '+44 20 7946 0101', 91234.50,
        '{wrenny,ashling}', '("12 Quince Lane",Harrowby)', '{"plan": "pro", "phone": "+44 20 7946 0101", "seats": 12}'),
    (2, 'Bela', 'NG', '2024-07-15', 'kestrel@aerie.example', '5555 0000 1111 2222', '+44 20 7946 0202', 40100.25,
        '{kessie}', '("7 Fen Road",Marlowe)', '{"plan": "free", "phone": "+44 20 7946 0202", "seats": 1}'),
    (3, 'Chen', 'FR', '2025-01-20', 'osprey.delta@post.example', '3782 8224 6310 0055', '+44 20 7946 0202', 66000.75,
        '{osprey,diver,delta}', '("3 Weir Street",Pellham)', '{"plan": "pro", "phone": "+44 20 7946 0303", "seats": 40}'),
    (4, 'Dana', 'SE', '2025-11-02', 'merlin@keep.example', '6011 0009 9013 9424', '+44 20 7946 0404', 40100.25,
        '{merlin}', '("41 Gate Row",Harrowby)', '{"plan": "free", "phone": "+44 20 7946 0404", "seats": 2}');
INSERT INTO events VALUES
    (1, '2025-05-01', 'login', '{"token": "tok-heron-7731", "ip": "10.0.0.1"}'),
    (2, '2026-02-01', 'logout', '{"token": "tok-egret-0042", "ip": "10.0.0.2"}');
INSERT INTO payroll VALUES ('Edda Brandt', 7000), ('Finn Sato', 6000);
INSERT INTO vault.secrets VALUES (1, 'curlew-lantern', 482913), (2, 'plover-harbour', 771205);
SELECT setval('vault.pins', 482913);
SELECT lo_from_bytea(4242, 'curlew-lantern'::bytea);
COMMENT ON TABLE vault.secrets IS 'curlew-lantern';
ALTER TABLE vault.secrets ALTER word SET DEFAULT 'curlew-lantern';
CREATE FUNCTION vault.word() RETURNS text LANGUAGE sql AS $$SELECT 'curlew-lantern'::text$$;
CREATE VIEW vault.spoken AS SELECT 'curlew-lantern'::text AS word;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'curlew-lantern');
