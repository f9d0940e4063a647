//! Values that an agent must not see, however it asks for them.

mod results;
mod ways_around;

use narrowgate_tests::psql::Psql;
use narrowgate_tests::stage::Setting;

/// What is never to be seen: addresses, card numbers, telephone numbers.
const SECRETS: [&str; 11] = [
    "ada.lindgren",
    "ADA.LINDGREN",
    "bela@",
    "okafor.example",
    "c.moreau",
    "4111",
    "5555 4444",
    "822463",
    "555 0143",
    "7946 0018",
    "99 00 12",
];

/// Rules by which agents may write what they see.
fn writing() -> Setting {
    Setting::default()
        .rule(
            "{ name: writes, groups: [insights], allow: [{ insert: [public.**], \
             update: [public.**], delete: [public.invoices], functions: [public.shout], \
             copy: [public.**], actions: [create, notify], objects: [] }] }",
        )
        .holds(&["{ actions: [drop], approvers: [dba] }"])
}

/// Runs a statement and holds that no secret is in what is said, be it rows or an error.
#[track_caller]
#[expect(clippy::expect_used, reason = "without psql there is no test")]
fn hidden(agent: &Psql, statement: &str) -> String {
    let output = agent
        .clone()
        .arg("-At")
        .run(&[statement])
        .expect("psql runs");
    let said = format!("{}{}", output.stdout, output.stderr);
    for secret in SECRETS {
        assert!(
            !said.contains(secret),
            "{statement} shows {secret}:\n{said}"
        );
    }
    said
}
