-- What is the same in both worlds and refers to customers.
INSERT INTO orders VALUES
    (101, 1, 480.00, 'calm', '2026-01-05 10:00+00', 'first'), (102, 1, 12.50, 'glad', '2026-02-11 08:30+00', NULL),
    (103, 2, 0.00, 'cross', '2026-02-12 23:59+00', 'free'), (104, 3, 1600.00, 'calm', '2026-03-01 00:00+00', 'large');
INSERT INTO seats SELECT id, email FROM customers WHERE id > 2;
