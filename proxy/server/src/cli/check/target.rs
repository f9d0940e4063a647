//! `narrowgate check --target`: what a target holds that undermines the rules
//! for it.

use std::collections::BTreeSet;

use narrowgate_config::Loaded;
use serde_json::json;

use super::super::{Answer, print, print_json};
use super::finding::{Certainty, Finding};
use super::judge::Judge;
use super::masks::Masks;
use crate::plan::Target;
use crate::postgres::survey;

/// Looks through every database of a target with every login of it.
///
/// # Errors
/// When one of them cannot be looked through: what is not seen is not clean.
pub(super) async fn check(loaded: &Loaded, target: &Target, json: bool) -> anyhow::Result<Answer> {
    let masks = Masks::of(loaded)?;
    let mut findings = BTreeSet::new();
    let mut naming = vec![false; masks.columns.len()];
    for database in target.databases.iter().chain([&target.database]) {
        for credential in &target.credentials {
            let survey = survey(target, database, credential)
                .await
                .map_err(|error| {
                    anyhow::anyhow!("target {}, database {database}: {error}", target.name)
                })?;
            for (mask, names) in masks.columns.iter().zip(&mut naming) {
                let mut cells = survey.cells.iter();
                *names |= cells.any(|cell| {
                    mask.column
                        .matches(&format!("{}.{}", cell.relation, cell.name))
                });
            }
            let judge = Judge::new(&masks, database, &credential.username, &survey);
            findings.extend(judge.findings(&survey));
        }
    }
    let idle = masks.columns.iter().zip(naming).filter(|(_, names)| !names);
    findings.extend(idle.map(|(mask, _)| Finding {
        certainty: Certainty::Note,
        database: target.database.clone(),
        what: format!("rule {}", mask.label),
        why: "it names no column that this target has".to_owned(),
        rules: vec![mask.label.clone()],
        remedy: "see whether the name is mistyped, or is meant for another target",
    }));
    let clean = findings
        .iter()
        .all(|finding| finding.certainty == Certainty::Note);
    match json {
        true => print_json(&json!({
            "target": target.name,
            "clean": clean,
            "findings": findings,
        }))?,
        false => print(&text(&target.name, &masks, &findings, clean))?,
    }
    Ok(match clean {
        true => Answer::Yes,
        false => Answer::No,
    })
}

/// Findings in words, the surest first.
fn text(target: &str, masks: &Masks, findings: &BTreeSet<Finding>, clean: bool) -> String {
    let mut blocks: Vec<String> = findings.iter().map(Finding::text).collect();
    let rules = super::count(masks.columns.len(), "masked column");
    blocks.push(match clean {
        true => format!("{target}: nothing undermines the rules for it ({rules})"),
        false => {
            let certain = |finding: &&Finding| finding.certainty == Certainty::Certain;
            format!(
                "{target}: {} ({} certain) for {rules}",
                super::count(findings.len(), "finding"),
                findings.iter().filter(certain).count()
            )
        }
    });
    blocks.join("\n\n")
}
