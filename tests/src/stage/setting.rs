//! The gateway's configuration as a test wants it: the lines that matter to it, the
//! rest as a small gateway would have it.

use std::net::SocketAddr;

use crate::issuer::Local;

/// What a test may say about the configuration. Lists hold YAML, an item each; what a
/// test does not touch is [`Setting::default`].
#[derive(Debug, Clone)]
pub struct Setting {
    /// Rules of the policy.
    pub rules: Vec<String>,
    /// What needs a person.
    pub holds: Vec<String>,
    /// Columns that are masked.
    pub masks: Vec<String>,
    /// Content that is masked wherever it turns up.
    pub detectors: Vec<String>,
    /// Further keys of the masking filter.
    pub masking: Vec<String>,
    /// Filters behind the built-in ones.
    pub filters: Vec<String>,
    /// What happens when nothing can be recorded.
    pub on_failure: String,
    /// Issuers whose tokens open a session.
    pub issuers: String,
    /// Further keys of the recording filter.
    pub recording: String,
    /// Groups that the issuer `agents` may assert, joined by commas.
    pub groups: String,
    /// The agents' issuer, if it is not the stage's own.
    pub agents_url: Option<String>,
    /// Further keys of the issuer `agents`, each with a comma before it.
    pub agents: String,
    /// Where the target is, if it is not reached directly.
    pub server: Option<SocketAddr>,
    /// Further keys of both listeners, each with a comma before it.
    pub listener: String,
    /// Further keys of the target, such as `allow_privileged: true`.
    pub target: Vec<String>,
    /// How often the target's catalog is read again.
    pub catalog_refresh: String,
    /// TLS towards the target.
    pub target_tls: String,
    /// The login of the gateway at the target.
    pub credential: String,
    /// Further keys of the file, such as `limits: { idle: 1s }`.
    pub sections: Vec<String>,
    /// Further keys of `recordings`, each with a comma before it.
    pub recordings: String,
}

/// Where everything is.
pub(super) struct Place<'a> {
    pub(super) agents: &'a Local,
    pub(super) staff: &'a Local,
    pub(super) tls: SocketAddr,
    pub(super) plain: SocketAddr,
    pub(super) admin: SocketAddr,
    pub(super) server: SocketAddr,
    pub(super) database: &'a str,
}

/// What `insights` reads and `clerks` write, and what `operators` do with a person's
/// consent. Nobody reads the payroll.
const RULES: [&str; 3] = [
    "{ name: read, groups: [insights], targets: [billing], allow: [{ select: [public.customers, \
     public.invoices, public.archive, public.customer_emails] }] }",
    "{ name: write, groups: [clerks], targets: [billing], allow: [{ select: [public.invoices], \
     insert: [public.invoices], update: [public.invoices], delete: [public.invoices], \
     copy: [public.invoices] }] }",
    "{ name: tidy, groups: [operators], targets: [billing], allow: [{ select: [public.archive], \
     truncate: [public.archive] }, { actions: [drop], objects: [public.archive] }] }",
];
const HOLDS: [&str; 1] =
    ["{ name: destructive, actions: [drop, truncate], approvers: [dba], wait: 1m }"];
const MASKS: [&str; 4] = [
    "{ match: public.customers.email, with: partial }",
    "{ match: public.customers.card, with: redact }",
    "{ match: public.customers.phone, with: \"null\" }",
    "{ match: public.customers.profile, path: $.phone, with: redact }",
];

impl Default for Setting {
    fn default() -> Self {
        Self {
            rules: owned(&RULES),
            holds: owned(&HOLDS),
            masks: owned(&MASKS),
            detectors: Vec::new(),
            masking: Vec::new(),
            filters: Vec::new(),
            on_failure: "deny".to_owned(),
            issuers: "agents".to_owned(),
            recording: String::new(),
            groups: "insights, clerks, operators, admins".to_owned(),
            agents_url: None,
            agents: String::new(),
            listener: String::new(),
            server: None,
            target: Vec::new(),
            catalog_refresh: "1s".to_owned(),
            target_tls: "{ mode: disable }".to_owned(),
            credential: "{ username: gateway, password: file:gateway.password }".to_owned(),
            sections: Vec::new(),
            recordings: String::new(),
        }
    }
}

impl Setting {
    /// Rules in place of all others.
    #[must_use]
    pub fn rules(mut self, rules: &[&str]) -> Self {
        self.rules = owned(rules);
        self
    }

    /// A rule beside the others.
    #[must_use]
    pub fn rule(mut self, rule: &str) -> Self {
        self.rules.push(rule.to_owned());
        self
    }

    /// What needs a person, in place of all others.
    #[must_use]
    pub fn holds(mut self, holds: &[&str]) -> Self {
        self.holds = owned(holds);
        self
    }

    /// Masked columns in place of all others.
    #[must_use]
    pub fn masks(mut self, masks: &[&str]) -> Self {
        self.masks = owned(masks);
        self
    }

    /// A detector beside the others.
    #[must_use]
    pub fn detector(mut self, detector: &str) -> Self {
        self.detectors.push(detector.to_owned());
        self
    }

    /// A filter behind the built-in ones.
    #[must_use]
    pub fn filter(mut self, filter: &str) -> Self {
        self.filters.push(filter.to_owned());
        self
    }

    /// A further key of the file.
    #[must_use]
    pub fn section(mut self, section: &str) -> Self {
        self.sections.push(section.to_owned());
        self
    }

    /// A further key of the target.
    #[must_use]
    pub fn target(mut self, line: &str) -> Self {
        self.target.push(line.to_owned());
        self
    }

    /// The file.
    pub(super) fn yaml(&self, place: &Place<'_>) -> String {
        let Place {
            agents,
            staff,
            tls,
            plain,
            admin,
            server,
            database,
        } = place;
        let agents_url = self.agents_url.clone().unwrap_or_else(|| agents.url());
        let staff_url = staff.url();
        let server = self.server.unwrap_or(*server);
        let rules = items(&self.rules, 10);
        let holds = items(&self.holds, 10);
        let masks = items(&self.masks, 10);
        let detectors = items(&self.detectors, 10);
        let filters = items(&self.filters, 4);
        let target = lines(&self.target, 4);
        let masking = lines(&self.masking, 8);
        let sections = lines(&self.sections, 0);
        let Self {
            on_failure,
            issuers,
            recording,
            groups,
            agents,
            listener,
            catalog_refresh,
            target_tls,
            credential,
            recordings,
            ..
        } = self;
        format!(
            "\
issuers:
  - {{ name: agents, url: {agents_url}, audience: narrowgate, groups: [{groups}]{agents} }}
  - {{ name: staff, url: {staff_url}, audience: narrowgate, groups: [dba, lead], people: true }}
listeners:
  - {{ name: tls, bind: {tls}, protocol: postgres, chain: guarded, tls: {{ cert: file:localhost.crt, key: file:localhost.key }}{listener} }}
  - {{ name: plain, bind: {plain}, protocol: postgres, chain: guarded, allow_cleartext: true{listener} }}
targets:
  - name: billing
    protocol: postgres
    address: {server}
    database: {database}
    tls: {target_tls}
    credentials: [{credential}]
    catalog_refresh: {catalog_refresh}
{target}
chains:
  guarded:
    - filter: recording
      config: {{ on_failure: {on_failure}{recording} }}
    - filter: auth
      config: {{ issuers: [{issuers}] }}
    - filter: policy
      config:
        rules:
{rules}
    - filter: approval
      config:
        require:
{holds}
    - filter: masking
      config:
        columns:
{masks}
        detectors:
{detectors}
{masking}
{filters}
recordings: {{ directory: ./recordings, signing_key: file:recording.key, head_interval: 1s{recordings} }}
admin: {{ bind: {admin} }}
state_directory: ./state
{sections}"
        )
    }
}

/// Items of a list, a line each; an empty list where there are none and one has to be.
fn items(items: &[String], indent: usize) -> String {
    let space = " ".repeat(indent);
    if items.is_empty() && indent > 4 {
        return format!("{space}[]");
    }
    let lines: Vec<String> = items
        .iter()
        .map(|item| format!("{space}- {item}"))
        .collect();
    lines.join("\n")
}

fn lines(lines: &[String], indent: usize) -> String {
    let space = " ".repeat(indent);
    let lines: Vec<String> = lines.iter().map(|line| format!("{space}{line}")).collect();
    lines.join("\n")
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
