//! The session that a statement is explained for.

use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use narrowgate_chain::{Connected, Credential, Identity, Session, SessionStart};
use narrowgate_config::did_you_mean;

use crate::chains::FilterChain;
use crate::identity::Keys;
use crate::plan::{Plan, Target};

/// Fetches of keys that a token may cause.
const FETCHES: usize = 3;

/// Who would send the statement.
#[derive(Args)]
pub(super) struct Who {
    /// Issuer of the identity, by its name in the configuration.
    #[arg(long, requires = "subject", conflicts_with = "token")]
    issuer: Option<String>,
    /// Subject of the identity.
    #[arg(long, requires = "issuer")]
    subject: Option<String>,
    /// Groups of the identity, separated by commas.
    #[arg(long, value_delimiter = ',', requires = "issuer")]
    groups: Vec<String>,
    /// A token, which is judged as a session's would be.
    #[arg(long, env = "NARROWGATE_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl Who {
    /// A session of that identity.
    pub(super) async fn session(
        &self,
        plan: &Plan,
        keys: &Keys,
        listener: &str,
        target: &Target,
        chain: &FilterChain,
    ) -> anyhow::Result<Arc<Session>> {
        let session = Session::new(SessionStart {
            number: 1,
            id: "ses-explain".to_owned(),
            listener: listener.to_owned(),
            protocol: "postgres",
            target: target.name.clone(),
            client: "127.0.0.1:0".to_owned(),
            user: self.subject.clone().unwrap_or_default(),
            encrypted: true,
        });
        match (&self.issuer, &self.subject, &self.token) {
            (Some(issuer), Some(subject), _) => {
                session.set_identity(self.identity(plan, issuer, subject)?);
            }
            (_, _, Some(token)) => connect(chain, &session, keys, token).await?,
            _ => bail!("say who: --issuer NAME --subject NAME --groups A,B, or --token TOKEN"),
        }
        Ok(session)
    }

    /// The identity that is said; groups are held against what the issuer may
    /// assert, as a token's would be.
    fn identity(&self, plan: &Plan, issuer: &str, subject: &str) -> anyhow::Result<Identity> {
        let known = plan.issuers.iter().find(|known| known.name == issuer);
        let known = known.with_context(|| {
            let names = plan.issuers.iter().map(|issuer| issuer.name.as_str());
            let hint = did_you_mean(issuer, names).map(|hint| format!("; {hint}"));
            format!("there is no issuer `{issuer}`{}", hint.unwrap_or_default())
        })?;
        for group in &self.groups {
            if !known.groups.contains(group) {
                let groups = known.groups.iter().map(String::as_str);
                let hint = did_you_mean(group, groups).map(|hint| format!("; {hint}"));
                let hint = hint.unwrap_or_default();
                bail!("the issuer `{issuer}` may not assert the group `{group}`{hint}");
            }
        }
        let claims = serde_json::json!({
            "iss": known.url,
            (known.subject_claim.as_str()): subject,
            (known.groups_claim.as_str()): self.groups,
        });
        Ok(Identity {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            groups: self.groups.clone(),
            expires: u64::MAX,
            claims: claims.to_string(),
        })
    }
}

/// Has the chain judge a token.
async fn connect(
    chain: &FilterChain,
    session: &Arc<Session>,
    keys: &Keys,
    token: &str,
) -> anyhow::Result<()> {
    let credential = Credential {
        kind: "bearer",
        value: token.to_owned(),
    };
    for _ in 0..=FETCHES {
        match chain.connect(session, Some(&credential)).await.0 {
            Connected::Proceed => return Ok(()),
            Connected::Deny(denied) => bail!("the token is refused: {}", denied.what.message),
            Connected::Fault(fault) => return Err(fault.what.into()),
            Connected::Wait(wait) => {
                for wanted in &wait.what {
                    let issuer = wanted.strip_prefix("keys:").unwrap_or_default();
                    if !keys.fetch(issuer).await {
                        bail!("the keys of the token's issuer cannot be had");
                    }
                }
            }
        }
    }
    bail!("the keys to verify the token cannot be had")
}

impl std::fmt::Debug for Who {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Who")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}
