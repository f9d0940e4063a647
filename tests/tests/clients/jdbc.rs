//! JDBC, as Debian has it.

use anyhow::Result;
use narrowgate_tests::stage::{Database, Stage};

use crate::drivers::{ANSWERS, talkative};

#[test]
fn jdbc_is_served_as_by_the_database() -> Result<()> {
    let database = Database::shared()?;
    database.sql(ANSWERS)?;
    let setting = talkative()
        .rule("{ name: answers, groups: [insights], allow: [{ select: [public.answers] }] }")
        .rule("{ name: browse, groups: [admins], catalog: browse, allow: [{ select: [public.answers] }] }");
    let stage = Stage::on(database, setting)?;
    let token = stage.token(&["insights", "clerks"])?;
    let driver = ["-cp", "/usr/share/java/postgresql.jar", "java/Clients.java"];
    let printed = stage.program(&token, "java", &driver)?.ok()?;
    let expected = "
prepared [Ada Lindgren|a***@e***.com, Bela Okafor|b***@o***.example, false, true]
several [[1, c***@e***.org, count 0]]
fetched [[1|a***@e***.com, 2|b***@o***.example, 3|c***@e***.org]]
scrolled [3, true, 2]
batch [300, [300|150]]
keys [[400|1|2.00|k]]
copied in [2]
copied out [400,k/500,copied/501,/]
copy refused [22P02]
deleted [303]
denied [42501, 25P02]
kept [[1]]
gone [[]]
read only [25006]
types [-9223372036854775808, 12345678901234567890.12, true, 00112233-4455-6677-8899-aabbccddeeff, \
2026-02-28, 2026-01-01T00:00Z, [0, -1], [a,b, null], {\"a\": 1}]
own types [[sad|{sad,fine}|(7,seven)|41]]
timeout [57014]
cancelled [57014]
heard [1, news, [redacted]]
valid [true]
product [PostgreSQL, true, insights-bot]
tables [[customers, customer_emails]]
columns [[id, customer_id, amount, note]]
primary key [[id]]
foreign key [[customers], [invoices]]
indexes [[customers_email_key, customers_pkey]]
functions [[shout], [4, 1]]
schemas [[public], false]
types [true, [pair]]
rights [true]
of a result [[int4 false 1, mood false 1, _mood false 1, pair false 1, int4 false 1]]
row id [[id]]
simple [[Bela Okafor|b***@o***.example]]
settings [[9s]]
";
    assert_eq!(printed, expected.trim_start());
    Ok(())
}
