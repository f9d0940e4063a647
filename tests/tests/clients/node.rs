//! node-postgres, with its cursors and COPY streams.

use anyhow::Result;
use narrowgate_tests::stage::Stage;

use crate::drivers::talkative;

#[test]
fn node_postgres_is_served_as_by_the_database() -> Result<()> {
    let setting = talkative()
        .rule("{ name: copies, groups: [insights], allow: [{ copy: [public.customers] }] }");
    let stage = Stage::with(setting)?;
    let token = stage.token(&["insights", "clerks"])?;
    let printed = stage.program(&token, "node", &["node/clients.mjs"])?.ok()?;
    let expected = r#"
several [["SELECT",1,[{"one":1}]],["SELECT",1,[{"name":"Bela Okafor","email":"b***@o***.example"}]],["SELECT",0,[]]]
parameters [{"next":42,"none":null}]
prepared [{"name":"Ada Lindgren","email":"a***@e***.com","phone":null},{"name":"Chen Moreau","email":"c***@e***.org","phone":null}]
array [[[1,"[redacted]"]],[["id",23],["card",25]]]
binary [{"seven":7,"email":"a***@e***.com"}]
empty [null]
types [{"int8":"9007199254740993","numeric":"1.50","bool":true,"jsonb":{"a":[1]},"texts":["a,b",null],"bytea":{"type":"Buffer","data":[0,255]},"at":"1970-01-01T00:00:00.000Z","float8":0.1}]
syntax ["ERROR","42601","14",null,null,false,false]
division ["ERROR","22012",null,null,null,false,false]
unique ["ERROR","23505",null,"invoices_pkey","invoices",true,false]
denied ["ERROR","42501",null,null,null,true,true]
denied ["ERROR","42501",null,null,null,true,true]
aborted ["ERROR","25P02",null,null,null,false,false]
rolled back ["ROLLBACK"]
nothing ["0"]
cursor [[{"id":1,"email":"a***@e***.com"},{"id":2,"email":"b***@o***.example"}],[{"id":3,"email":"c***@e***.org"}],[]]
early [1]
copied [900,"1\t0.00\n2\t1.00\n"]
masked ["\"a***@e***.com\",\"[redacted]\"\n\"b***@o***.example\",\"[redacted]\"\n\"c***@e***.org\",\"[redacted]\"\n"]
refused ["ERROR","22P02",null,null,null,false,false]
goes on [900]
heard ["news","[redacted]"]
cancelled ["57014"]
alive [[{"one":1}]]
pool [190,3]
stranger ["UNABLE_TO_VERIFY_LEAF_SIGNATURE"]
"#;
    assert_eq!(printed, expected.trim_start());
    Ok(())
}
