//! Names in definition statements: written one way or another, they are the object that
//! the rules name.

use anyhow::Result;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{Database, Setting, Stage};

/// Objects of every kind that the gateway's login may change.
const OBJECTS: &str = "
    ALTER FUNCTION shout(text) OWNER TO gateway;
    CREATE FUNCTION whisper(text) RETURNS text LANGUAGE sql AS 'SELECT lower($1)';
    CREATE PROCEDURE sweep() LANGUAGE sql AS '';
    CREATE AGGREGATE longest(text) (sfunc = textcat, stype = text);
    CREATE TYPE mood AS ENUM ('calm');
    CREATE DOMAIN code AS text;
    CREATE SEQUENCE counter;
    CREATE OPERATOR ### (leftarg = text, rightarg = text, function = texteq);
    CREATE COLLATION sorting (locale = 'C');
    CREATE TABLE kept (id int);
    CREATE INDEX kept_id ON kept (id);
    CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER noting BEFORE INSERT ON kept FOR EACH ROW EXECUTE FUNCTION noted();
    CREATE PUBLICATION news;
    CREATE SCHEMA vault;
    CREATE TABLE vault.gold (id int);
    ALTER FUNCTION whisper(text) OWNER TO gateway;
    ALTER TABLE kept OWNER TO gateway;
    ALTER SCHEMA vault OWNER TO gateway;
    ALTER TABLE vault.gold OWNER TO gateway;
";

#[test]
fn a_denied_object_is_denied_however_it_is_named() -> Result<()> {
    let database = Database::shared()?;
    database.sql(OBJECTS)?;
    let setting = Setting {
        masking: vec!["exempt: [{ groups: [admins] }]".to_owned()],
        ..Setting::default()
    };
    let setting = setting.holds(&[]).rules(&[
        "{ name: builders, groups: [admins], catalog: browse, allow: [{ select: ['public.*'] }, \
         { actions: [create, alter, drop, comment, grant, reindex, vacuum, creates_code] }] }",
        "{ name: kept, deny: [{ actions: [create, alter, drop, comment, grant, reindex, vacuum], objects: \
         [public.shout, public.sweep, public.longest, public.mood, public.code, public.counter, \
         'public.###', public.sorting, public.kept, public.kept_id, public.kept.noting, news, \
         vault.gold] }] }",
    ]);
    let stage = Stage::on(database, setting)?;
    let agent = stage.agent(&["admins"])?;
    for statement in [
        "ALTER FUNCTION shout(text) STRICT",
        "ALTER FUNCTION public.shout(text) STRICT",
        "ALTER FUNCTION shout(text) RENAME TO mutter",
        "ALTER FUNCTION whisper(text) RENAME TO shout",
        "ALTER FUNCTION shout(text) SET SCHEMA vault",
        "ALTER ROUTINE shout(text) COST 7",
        "DROP FUNCTION shout(text)",
        "DROP FUNCTION IF EXISTS shout",
        "DROP ROUTINE \"shout\"",
        "CREATE OR REPLACE FUNCTION shout(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
        "COMMENT ON FUNCTION shout(text) IS 'x'",
        "GRANT EXECUTE ON FUNCTION shout(text) TO PUBLIC",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC",
        "DROP PROCEDURE sweep()",
        "DROP AGGREGATE longest(text)",
        "ALTER TYPE mood ADD VALUE 'wild'",
        "DROP TYPE mood",
        "ALTER DOMAIN code SET NOT NULL",
        "DROP DOMAIN code",
        "DROP SEQUENCE counter",
        "ALTER SEQUENCE counter RESTART",
        "DROP OPERATOR ### (text, text)",
        "DROP COLLATION sorting",
        "DROP INDEX kept_id",
        "ALTER TABLE archive RENAME TO kept",
        "ALTER TABLE kept ADD COLUMN x int",
        "DROP TRIGGER noting ON kept",
        "ALTER TRIGGER noting ON kept RENAME TO silent",
        "DROP PUBLICATION news",
        "ALTER PUBLICATION news SET (publish = 'insert')",
        "DROP SCHEMA vault CASCADE",
        "ALTER SCHEMA vault RENAME TO open",
        "REINDEX TABLE kept",
        "VACUUM",
    ] {
        says(&agent.error(statement)?, &["42501", "Rule: kept."]);
    }
    // What belongs to a role the gateway does not know.
    says(&agent.error("DROP OWNED BY CURRENT_USER")?, &["42501"]);
    agent.query("ALTER FUNCTION whisper(text) STRICT")?;
    agent.query("DROP FUNCTION whisper(text)")?;
    let left = "SELECT string_agg(proname, ' ' ORDER BY proname) || ' ' || to_regclass('vault.gold') \
                FROM pg_proc WHERE proname IN ('shout', 'whisper', 'mutter', 'sweep', 'longest')";
    assert_eq!(stage.database.sql(left)?, "longest shout sweep vault.gold");
    Ok(())
}
