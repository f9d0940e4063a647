//! Statements that nobody can parse are recorded without what may be a password.

use anyhow::Result;
use narrowgate_tests::says::{never, says};
use narrowgate_tests::stage::{SOON, Stage};
use narrowgate_tests::wait;
use narrowgate_tests::wire::Wire;

use crate::everything;

#[test]
fn a_mistyped_password_is_recorded_nowhere() -> Result<()> {
    let stage = Stage::start()?;
    let printed = stage.agent(&["insights"])?.session(&[
        "ALTER ROLE x PASSWRD 'hunter2-one';",
        "ALTER ROLE x PASSWORD E'hunter2\\'two';",
        "ALTR ROLE x PASSWORD $$hunter2-three$$;",
        "ALTR ROLE x PASSWORD $pw$hunter2-four$pw$ 'hunter2-five';",
        "ALTER ROLE x PASSWORD U&'hunter2\\002Dsix' UESCAPE;",
        "ALTER ROLE x PASSWORD \"hunter2-seven\";",
        "ALTER ROLE x PASSWORD hunter2eight;",
        "SELEC 1 FORM customers;",
    ])?;
    // The client sees PostgreSQL's own words.
    says(
        &printed,
        &["at or near \"\"hunter2-seven\"\"", "at or near \"SELEC\""],
    );
    let mut wire = Wire::login(stage.plain(), "billing", &stage.token(&["insights"])?)?;
    wire.query("ALTER ROLE x PASSWORD 'hunter2-nine")?;
    wire.until('Z')?;
    wire.query("ALTER ROLE x PASSWORD 'hunter2's ten' VALID")?;
    wire.until('Z')?;
    wire.tagged('P', b"\0ALTER ROLE x PASSWRD 'hunter2-eleven'\0\0\0")?;
    wire.tagged('S', b"")?;
    wire.until('Z')?;
    drop(wire);
    let all = wait::until("everything to be recorded", SOON, || {
        let all = everything(&stage)?;
        Ok((all.matches("session.end").count() >= 2).then_some(all))
    })?;
    says(
        &all,
        &[
            "ALTER ROLE x PASSWRD hmac:",
            "withheld",
            "SELEC 1 FORM customers",
            "near \\\"SELEC",
        ],
    );
    never(&all, &["hunter2", "ten' VALID"]);
    Ok(())
}
