//! Definitions that other sessions change.

use anyhow::{Context, Result};
use narrowgate_tests::says::never;
use narrowgate_tests::stage::{Database, SOON, Setting, Stage};

/// A view that shows the names of customers, and whose definition others change.
const SHOWN: &str = "CREATE VIEW shown AS SELECT id, name AS what FROM customers;
    ALTER VIEW shown OWNER TO gateway";

/// A stage whose gateway does not look at the catalog by itself.
fn stage() -> Result<Stage> {
    let database = Database::shared()?;
    database.sql(SHOWN)?;
    let mut setting = Setting::default()
        .rule("{ name: shown, groups: [insights], allow: [{ select: [public.shown] }] }")
        .rule("{ name: all, groups: [admins], allow: [{ everything: true }] }");
    setting
        .masking
        .push("exempt: [{ groups: [admins] }]".to_owned());
    let mut stage = Stage::dark(database, setting)?;
    stage.write(
        &stage
            .yaml()
            .replace("catalog_refresh: 1s", "catalog_refresh: 1h"),
    )?;
    stage.start_gateway()?;
    Ok(stage)
}

#[test]
fn a_definition_by_one_session_holds_for_all_others_at_once() -> Result<()> {
    let stage = stage()?;
    let mut reader = stage.agent(&["insights"])?.arg("-At").spawn()?;
    let mut definer = stage.agent(&["admins"])?.arg("-At").spawn()?;
    reader.write("SELECT what, 'first' FROM shown WHERE id = 1;\n")?;
    reader.wait_for("Ada Lindgren|first", SOON)?;
    // Whether by itself or at the end of a transaction.
    definer.write("CREATE OR REPLACE VIEW shown AS SELECT id, email AS what FROM customers;\n")?;
    definer.wait_for("CREATE VIEW", SOON)?;
    reader.write("SELECT what, 'second' FROM shown WHERE id = 1;\n")?;
    reader.wait_for("a***@e***.com|second", SOON)?;
    definer.write(
        "BEGIN; CREATE OR REPLACE VIEW shown AS SELECT id, card AS what FROM customers;\n",
    )?;
    definer.write("COMMIT; SELECT 'commi' || 'tted';\n")?;
    definer.wait_for("committed", SOON)?;
    reader.write("SELECT what, 'third' FROM shown WHERE id = 1;\n")?;
    reader.wait_for("|third", SOON)?;
    reader.close_stdin();
    let said = reader.wait(SOON)?.ok()?;
    let third = said
        .lines()
        .find(|line| line.contains("third"))
        .context("no third")?;
    assert_eq!(third, "[redacted]|third");
    never(&said, &["ada.lindgren", "4111"]);
    Ok(())
}

#[test]
fn a_statement_prepared_before_follows_the_definition() -> Result<()> {
    let stage = stage()?;
    let mut reader = stage.agent(&["insights"])?.arg("-At").spawn()?;
    reader.write("PREPARE who AS SELECT what, 'first' FROM shown WHERE id = 1;\nEXECUTE who;\n")?;
    reader.wait_for("Ada Lindgren|first", SOON)?;
    let definition = "CREATE OR REPLACE VIEW shown AS SELECT id, phone AS what FROM customers";
    stage.agent(&["admins"])?.run(&[definition])?.ok()?;
    reader.write("EXECUTE who;\nSELECT 'aft' || 'er';\n")?;
    reader.wait_for("after", SOON)?;
    never(&reader.stdout(), &["555 0143"]);
    Ok(())
}
