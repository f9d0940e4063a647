//! Which analyses hold for any literals, and what the shape of a text keeps.

use super::super::{Settings, Statement, shape};
use super::{analyse_all, fixture};

fn independent(sql: &str) -> bool {
    analyse_all(sql, &fixture::catalog(180_000))
        .iter()
        .all(|statement| statement.literal_independent)
}

#[test]
fn plain_statements_are_independent_of_their_literals() {
    for sql in [
        "SELECT email FROM customers WHERE id = 5",
        "SELECT email FROM customers WHERE id = -5 AND name = 'x' LIMIT 10 OFFSET 20",
        "SELECT lower('X'), id + 1, 'a' || name, '2024-01-01'::date, interval '1 day' FROM customers",
        "INSERT INTO notes VALUES (1, 'x'), (2, 'y')",
        "UPDATE customers SET note = 'x' WHERE id IN (1, 2, 3)",
        "DELETE FROM customers WHERE id BETWEEN 1 AND 2",
        "SELECT jsonb_build_object('a', 1), date_trunc('day', now())",
    ] {
        assert!(independent(sql), "{sql}");
        assert!(shape(sql).is_some(), "{sql}");
    }
}

#[test]
fn statements_whose_meaning_hangs_on_a_literal_are_not() {
    for sql in [
        "SELECT id, email FROM customers ORDER BY 2",
        "SELECT id, email FROM customers GROUP BY 1, 2",
        "SELECT DISTINCT ON (1) id FROM customers",
        "SELECT 'customers'::regclass",
        "SELECT regclass('customers')",
        "SELECT set_config('search_path', 'x', false)",
        "SELECT query_to_xml('select 1', true, true, '')",
        "SELECT nextval('invoices_id_seq')",
        "SELECT to_regclass('customers')",
        "SELECT has_table_privilege('customers', 'select')",
        "SELECT my_func(1)",
        "SELECT 'x'::mood",
        "SELECT email::varchar(20) FROM customers",
        "SELECT nope FROM customers",
        "SET search_path = 'x'",
        "FETCH 5 FROM c",
        "EXECUTE p(1)",
        "SELECT 1 INTO made",
        "SELECT pg_read_file('x')",
        "UPDATE notes SET body = 'x' WHERE CURRENT OF c",
    ] {
        assert!(!independent(sql), "{sql}");
    }
}

/// Every literal of a statement replaced by another of its class: same shape, same analysis.
#[test]
fn analyses_of_one_shape_agree() {
    let catalog = fixture::catalog(180_000);
    let settings = Settings::default();
    let pairs = [
        (
            "SELECT email FROM customers WHERE id = 1 AND name = 'a'",
            "SELECT email FROM customers WHERE id = 77 AND name = 'it''s'",
        ),
        (
            "INSERT INTO notes VALUES (1, 'x') RETURNING body",
            "INSERT INTO notes VALUES (-0, '') RETURNING body",
        ),
        (
            "SELECT 1.5 + id FROM customers LIMIT 3",
            "SELECT 2e7 + id FROM customers LIMIT 100",
        ),
    ];
    let told = |statements: Vec<Statement>| -> Vec<String> {
        statements.iter().map(super::describe::describe).collect()
    };
    for (one, other) in pairs {
        if shape(one) == shape(other) {
            let one =
                super::super::analyse_text(one, &catalog, &settings, &Default::default()).unwrap();
            let other = super::super::analyse_text(other, &catalog, &settings, &Default::default())
                .unwrap();
            assert_eq!(told(one), told(other));
        }
    }
    assert_eq!(shape(pairs[0].0), shape(pairs[0].1));
    assert_eq!(shape(pairs[2].0), shape(pairs[2].1));
}
