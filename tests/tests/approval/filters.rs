//! Several filters of a chain that ask, and groups by the issuer that asserts them.

use anyhow::Result;
use narrowgate_tests::says::says;
use narrowgate_tests::stage::{Setting, Stage, request_id};

use crate::{ROWS, TRUNCATE, operator, wait_for_rows};

#[test]
fn two_filters_each_get_the_consent_that_they_ask_for() -> Result<()> {
    let setting = Setting::default().filter(
        "{ filter: approval, config: { require: [{ name: second, actions: [truncate], approvers: [lead] }] } }",
    );
    let stage = Stage::with(setting)?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let first = request_id(&mut psql, 0)?;
    stage.approve(&first)?;
    let second = request_id(&mut psql, 1)?;
    assert_eq!(stage.state(&first)?, "approved");
    assert_eq!(stage.database.sql(ROWS)?, "1");
    let lea = stage.person("lea", &["lead"])?;
    stage.approvals(&lea, &["approve", &second])?.ok()?;
    wait_for_rows(&stage, "0")?;
    stage.wait_for_state(&first, "used")
}

#[test]
fn an_approver_may_be_named_with_the_issuer() -> Result<()> {
    let stage = Stage::with(Setting::default().holds(&[
        "{ name: all, actions: [truncate], approvers: [dba, lead] }",
        "{ name: staff, actions: [truncate], approvers: [staff/dba] }",
    ]))?;
    let mut psql = operator(&stage, TRUNCATE)?;
    let id = request_id(&mut psql, 0)?;
    let dana = stage.person("dana", &["dba"])?;
    says(
        &stage.approvals(&dana, &["show", &id])?.ok()?,
        &["1 of staff/dba"],
    );
    says(&stage.approvals(&dana, &["list"])?.ok()?, &[&id]);
    let lea = stage.person("lea", &["lead"])?;
    assert!(!stage.approvals(&lea, &["approve", &id])?.success());
    stage.approve(&id)?;
    wait_for_rows(&stage, "0")
}
