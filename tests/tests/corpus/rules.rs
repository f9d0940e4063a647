//! The configuration of the gateway that is attacked. Its login is a superuser, so that
//! nothing but the gateway stands in the way.

use narrowgate_tests::stage::Setting;

/// Who tries: `agent` reads and writes what agents do, `wide` may do almost anything with the
/// ordinary tables, `trusting` may call whatever there is, `browser` may look at the catalog.
const RULES: [&str; 5] = [
    "{ name: reading, groups: [agent], allow: [{ select: [\"public.*\"], functions: [public.shout, public.surface] }] }",
    "{ name: writing, groups: [agent], allow: [{ insert: [public.notes, public.orders], \
     update: [public.notes, public.orders], delete: [public.notes, public.orders], \
     copy: [public.notes, public.orders, public.customers], merge: [public.notes] }] }",
    "{ name: wide, groups: [wide, trusting, browser], allow: [{ select: [\"public.*\", \"scratch.*\", \"pg_temp.*\"], \
     insert: [\"public.*\", \"scratch.*\", \"pg_temp.*\"], update: [\"public.*\", \"scratch.*\", \"pg_temp.*\"], \
     delete: [\"public.*\", \"scratch.*\", \"pg_temp.*\"], merge: [\"public.*\", \"scratch.*\"], \
     truncate: [public.notes, \"scratch.*\"], copy: [\"public.*\", \"scratch.*\"], lock: [\"public.*\"], \
     functions: [\"public.*\", \"scratch.*\"] }, \
     { actions: [create, alter, drop, comment, reindex, refresh, analyze, vacuum, cluster, rename, grant, \
     security_label], objects: [\"public.*\", \"public.*.*\", \"scratch.*\", \"scratch.*.*\", \"pg_temp.*\"] }, \
     { actions: [listen, notify, call, do, set, show, lock, copy, explain] }] }",
    "{ name: trusting, groups: [trusting], allow: [{ functions: [\"**\"] }] }",
    "{ name: browsing, groups: [browser], catalog: browse, allow: [{ copy: [\"public.*\"] }] }",
];

/// A denial that holds for everybody.
const DENIED: &str = "{ name: closed, allow: [], deny: [{ select: [public.payroll], insert: [public.payroll], \
     update: [public.payroll], delete: [public.payroll], merge: [public.payroll], truncate: [public.payroll], \
     copy: [public.payroll], lock: [public.payroll] }, \
     { actions: [create, alter, drop, comment, grant, revoke], objects: [public.payroll] }] }";

const MASKS: [&str; 9] = [
    "{ match: public.customers.email, with: redact }",
    "{ match: public.customers.card, with: redact }",
    "{ match: public.customers.phone, with: \"null\" }",
    "{ match: public.customers.salary, with: \"null\" }",
    "{ match: public.customers.aliases, with: redact }",
    "{ match: public.customers.home, with: redact }",
    "{ match: public.seats.email, with: redact }",
    "{ match: public.customers.profile, path: $.phone, with: redact }",
    "{ match: public.events.payload, path: $.token, with: redact }",
];

/// The setting, with the databases that clients may ask for.
pub(crate) fn setting(databases: &[String]) -> Setting {
    let mut setting = Setting::default()
        .rules(&RULES)
        .rule(DENIED)
        .holds(&[])
        .masks(&MASKS)
        .target("allow_privileged: true")
        .target(&format!("databases: [{}]", databases.join(", ")));
    setting.groups = "agent, wide, trusting, browser".to_owned();
    setting
}
