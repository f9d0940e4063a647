//! Configurations that are refused: where, and in which words.

use narrowgate_config::parse;

const BASE: &str = "\
issuers:
  - { name: agents, url: https://id.example.com, audience: gate, groups: [agent] }
  - { name: staff, url: https://sso.example.com, audience: gate, groups: [dba], people: true }
listeners:
  - { name: db, bind: 127.0.0.1:6432, protocol: postgres, chain: guarded, allow_cleartext: true }
targets:
  - name: billing
    protocol: postgres
    address: 127.0.0.1:5432
    tls: { mode: disable }
    credentials: [{ username: gate, password: env:PASSWORD }]
chains:
  guarded:
    - { filter: auth }
    - { filter: policy, config: { rules: [] } }
";

/// What is written instead of what, and the errors that come of it.
type Case = (&'static str, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Keys.
    ("chain: guarded", "chian: guarded", &[
        "5:59: unknown key `chian`; did you mean `chain`?",
    ]),
    (", chain: guarded", "", &[
        "5:5: `chain` is missing",
    ]),
    ("tls: { mode: disable }", "tls: { mode: disable, xyzzy: 1 }", &[
        "10:27: unknown key `xyzzy`; known here: ca, channel_binding, client_cert, client_key, server_name",
    ]),
    ("people: true", "people: true, people: false", &[
        "3:95: `people` is given twice; the first is at 3:81",
    ]),
    ("    tls: { mode: disable }\n", "    tls:\n", &[
        "10:5: `tls` has no value; write one, or take the key out",
    ]),
    ("tls: { mode: disable }", "tls: { mode: }", &[
        "10:12: `mode` has no value; write one, or take the key out",
    ]),
    ("{ filter: auth }", "{ filter: auth, limits: { memory: 257MiB } }", &[
        "14:41: `memory` must be at most 256MiB",
    ]),
    // Kinds.
    ("groups: [dba]", "groups: dba", &[
        "3:74: `groups` must be a list, not text; put it in a list, [ … ]",
    ]),
    ("people: true", "people: yes", &[
        "3:89: `people` must be true or false, not text; write true or false, without quotes",
    ]),
    ("name: billing", "name: 7", &[
        "7:11: `name` must be a name, not a number; quote it to make it text",
    ]),
    ("audience: gate, groups: [agent]", "audience: 3, groups: [agent]", &[
        "2:60: `audience` must be a word or a list, not a number",
    ]),
    ("chains:\n  guarded:\n", "limits: { handshake: 10, connections: 1.5 }\nchains:\n  guarded:\n", &[
        "12:22: `handshake` must be a duration such as 30s, not a number; write its unit, such as 30s",
        "12:39: `connections` must be a whole number, not a fraction",
    ]),
    // Words and formats.
    ("protocol: postgres, chain", "protocol: postgresql, chain", &[
        "5:49: `protocol` must be `postgres`",
    ]),
    ("mode: disable", "mode: verifyfull", &[
        "10:18: `mode` must be one of disable, require, verify-ca, verify-full; did you mean `verify-full`?",
    ]),
    ("password: env:PASSWORD", "password: hunter2", &[
        "11:47: `password` is not a reference, and secrets are never written in the configuration; \
         put it in a file or an environment variable and write `file:path` or `env:NAME`",
    ]),
    ("bind: 127.0.0.1:6432", "bind: localhost:6432", &[
        "5:23: `bind` is not an IP address with a port; write one such as 127.0.0.1:6432 or [::1]:6432",
    ]),
    ("address: 127.0.0.1:5432", "address: db.example.com", &[
        "9:14: `address` is not a host with a port; write one such as db.example.com:5432",
    ]),
    ("url: https://id.example.com", "url: http://id.example.com", &[
        "2:26: `url` is http on another machine, where anybody between can change it; write the issuer's https URL",
    ]),
    ("filter: policy", "filter: polcy", &[
        "15:17: `filter` names no filter; did you mean `policy`?",
    ]),
    ("{ filter: auth }", "{ filter: auth }\n    - { filter: own.wasm, digest: sha256:abc }", &[
        "15:35: `digest` is not a digest; write `sha256:` and 64 lower-case hexadecimal digits",
    ]),
    ("name: billing", "name: billing/x", &[
        "7:11: `name` is not a name; use letters, digits, `-`, `_` and `.`, at most 63, the first a letter or digit",
    ]),
    // Bounds.
    ("groups: [agent]", "groups: [agent], clock_skew: 10m, max_token_lifetime: 1s", &[
        "2:95: `clock_skew` must be at most 5m",
        "2:120: `max_token_lifetime` must be at least 10s",
    ]),
    ("chains:\n  guarded:\n", "limits: { connections: 0, message_length: 8GiB }\nchains:\n  guarded:\n", &[
        "12:24: `connections` must be at least 1",
        "12:43: `message_length` must be at most 1GiB",
    ]),
    ("    - { filter: auth }\n    - { filter: policy, config: { rules: [] } }\n", "    []\n", &[
        "14:5: `guarded` is empty",
    ]),
    ("credentials: [{ username: gate, password: env:PASSWORD }]", "credentials: []", &[
        "11:18: `credentials` is empty",
    ]),
    // Names that lead nowhere, all at once, beside an unknown key.
    ("chain: guarded, allow_cleartext: true }\n", "chain: gaurded, allow_cleartext: true }\n  \
      - { name: two, bind: 127.0.0.1:6433, protocol: postgres, chain: other, allow_cleartext: true, tsl: 1 }\n", &[
        "5:66: there is no chain `gaurded`; did you mean `guarded`?",
        "6:67: there is no chain `other`",
        "6:97: unknown key `tsl`; did you mean `tls`?",
    ]),
    ("chain: guarded,", "chain: guarded, oauth: { issuer: stuff },", &[
        "5:92: there is no issuer `stuff`; did you mean `staff`?",
    ]),
    ("[{ username: gate,", "[{ groups: [dab, dba], username: gate,", &[
        "11:30: there is no group `dab`; did you mean `dba`?",
    ]),
    ("chains:\n  guarded:\n", "admin: { bind: 127.0.0.1:9901, issuers: [stuff, agents] }\nchains:\n  guarded:\n", &[
        "12:42: there is no issuer `stuff`; did you mean `staff`?",
        "12:49: the issuer `agents` is not of people, and only people approve; say `people: true` there, if it is",
    ]),
    // Things given twice.
    ("name: staff", "name: agents", &[
        "3:13: the issuer `agents` is given twice, as at 2:13",
    ]),
    ("https://sso.example.com", "https://id.example.com", &[
        "3:25: the issuer of `https://id.example.com` is given twice, as at 2:26",
    ]),
    ("groups: [dba]", "groups: [dba, agent]", &[
        "3:80: the group `agent` is asserted twice, as at 2:75",
    ]),
    ("chains:\n  guarded:\n", "admin: { bind: 0.0.0.0:6432, tls: { cert: file:a, key: file:b } }\nchains:\n  guarded:\n", &[
        "12:16: the address 0.0.0.0:6432 is taken, as at 5:23",
    ]),
    ("credentials: [{ username: gate,", "credentials: [{ username: first }, { username: gate,", &[
        "11:40: this login is never taken: one before it is for everybody, as at 11:19",
    ]),
    // Parts that do not go together.
    (", allow_cleartext: true", "", &[
        "5:5: the listener `db` has no TLS for its tokens; give it `tls`, or say `allow_cleartext: true`, \
         since only this machine can reach it",
    ]),
    ("127.0.0.1:6432", "0.0.0.0:6432", &[
        "5:90: `allow_cleartext` is for loopback addresses only: others could read tokens",
    ]),
    ("mode: disable", "mode: disable, ca: file:ca.crt, client_cert: file:x", &[
        "10:10: `client_cert` and `client_key` go together; one of them is missing",
        "10:27: `ca` has no effect with this `mode`; take it out, or say `mode: verify-full`",
        "10:44: `client_cert` has no effect with this `mode`; take it out, or say `mode: verify-full`",
    ]),
    ("mode: disable", "mode: disable, channel_binding: true", &[
        "10:27: `channel_binding` has no effect with this `mode`; take it out, or say `mode: verify-full`",
    ]),
    ("    - { filter: auth }\n", "", &[
        "14:5: nothing in the chain `guarded` says who a client is; add `auth`, or write it as \
         { open: true, filters: [ … ] }",
    ]),
    ("    - { filter: policy, config: { rules: [] } }\n", "    - { filter: masking }\n", &[
        "14:5: nothing in the chain `guarded` can deny an operation; add `policy`, or write it as \
         { open: true, filters: [ … ] }",
    ]),
    ("{ filter: auth }", "{ filter: auth, grants: [text], digest: \"sha256:\
      9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\" }", &[
        "14:23: `grants` is for filters in files; `auth` comes with the gateway; take it out",
        "14:39: `digest` is for filters in files; `auth` comes with the gateway; take it out",
    ]),
    ("{ filter: auth }", "{ filter: recording }\n    - { filter: auth }", &[
        "14:17: there is no place to record to; add `recordings` with a directory and a signing key",
    ]),
    ("chains:\n  guarded:\n", "admin: { bind: 0.0.0.0:9901 }\nchains:\n  guarded:\n", &[
        "12:16: approvers' tokens would be sent in the clear to this address; give `admin` `tls`, or \
         bind it to a loopback address such as 127.0.0.1",
    ]),
    // YAML itself.
    ("groups: [agent]", "groups: [agent", &[
        "3:3: is not YAML: ",
    ]),
    ("name: billing", "name: *billing", &[
        "7:11: is not YAML: ",
    ]),
    ("name: billing", "name: !secret billing", &[
        "7:11: tags have no meaning here; quote a word to make it a string",
    ]),
    ("  guarded:\n", "  guarded:\n    <<: x\n", &[
        "14:5: merge keys are not part of YAML 1.2; write the members out",
    ]),
];

fn errors(text: &str) -> Vec<String> {
    let errors = parse(text, "f")
        .err()
        .map(|errors| errors.to_string())
        .unwrap_or_default();
    errors
        .lines()
        .map(|line| line.strip_prefix("f:").unwrap_or(line).to_owned())
        .collect()
}

#[test]
fn the_base_is_good() {
    assert_eq!(errors(BASE), Vec::<String>::new());
}

#[test]
fn errors_have_line_column_and_a_way_out() {
    let mut wrong = String::new();
    for (from, to, expected) in CASES {
        assert!(BASE.contains(from), "{from}");
        let text = BASE.replacen(from, to, 1);
        let found = errors(&text);
        let same = found.len() == expected.len()
            && found.iter().zip(*expected).all(|(found, expected)| {
                match expected.ends_with(": ") {
                    true => found.starts_with(expected),
                    false => found == expected,
                }
            });
        if !same {
            wrong += &format!("{from:?} → {to:?}\n  expected {expected:#?}\n  found {found:#?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
