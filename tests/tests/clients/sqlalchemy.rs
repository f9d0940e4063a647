//! SQLAlchemy 2 on psycopg.

use anyhow::Result;
use narrowgate_tests::stage::{Database, Setting, Stage};

use crate::drivers::ANSWERS;

const SQLALCHEMY: &str = include_str!("../../python/clients_sqlalchemy.py");

#[test]
fn sqlalchemy_is_served_as_by_the_database() -> Result<()> {
    let database = Database::shared()?;
    database.sql(ANSWERS)?;
    let setting = Setting::default().rule("{ name: browse, groups: [admins], catalog: browse }");
    let stage = Stage::on(database, setting)?;
    let token = stage.token(&["insights", "clerks"])?;
    let script = stage.python(&token, SQLALCHEMY);
    let browser = stage.token(&["admins"])?;
    let printed = script.env("BROWSER", browser).run()?.ok()?;
    let expected = "
dialect True public
one Ada Lindgren a***@e***.com {'plan': 'pro', 'phone': '[redacted]', 'seats': 12}
lazy [(1001, Decimal('480.00'))]
joined [('Ada Lindgren', Decimal('480.00')), ('Bela Okafor', Decimal('0.00')), ('Chen Moreau', Decimal('1600.00'))]
added 250 seen
unique invoices_pkey
nested 7 250
many 1200
upsert 7.00
executemany 3
streamed 1200
denied 42501
goes on 1
autocommit read committed
serializable 25006
tables ['answers', 'archive', 'customers', 'invoices', 'payroll'] ['customer_emails']
columns [('id', 'INTEGER'), ('customer_id', 'INTEGER'), ('amount', 'NUMERIC(10, 2)'), ('note', 'TEXT')]
keys ['id'] ['customers']
unique ['customers_email_key'] ['customers_email_key']
enums [('mood', ['sad', 'fine'])]
view True True
reflected ['id', 'mood', 'moods', 'pair', 'age', 'span']
pool 0
";
    assert_eq!(printed, expected.trim_start());
    Ok(())
}
