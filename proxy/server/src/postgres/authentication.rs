//! How a client shows who it is: by a token, in the place of a password or by
//! SASL OAUTHBEARER (RFC 7628), as its listener has it. A server offers one of them,
//! and libpq does not choose.

use std::time::Duration;

use narrowgate_chain::{Denial, code};
use narrowgate_codec::postgres::backend::Authentication;
use narrowgate_codec::postgres::frontend::{AuthenticationResponse, OauthBearer};
use narrowgate_codec::postgres::{Limits, Text};
use serde_json::json;

use super::error::{PROTOCOL_VIOLATION, Report};
use super::wire::{Wire, WireError};
use crate::plan::{Listener, Oauth};

/// Asks for the token, for so long. The outer error is a broken connection, the
/// inner one what the client is told.
pub(super) async fn token(
    wire: &mut Wire,
    listener: &Listener,
    patience: Duration,
) -> Result<Result<String, Report>, WireError> {
    let asking = async {
        match &listener.oauth {
            None => password(wire).await,
            Some(oauth) => bearer(wire, oauth).await,
        }
    };
    within(patience, asking).await
}

/// What a client is told whom the chain does not let in: psql shows it as the reason
/// why the connection failed.
pub(super) async fn refused(
    wire: &mut Wire,
    listener: &Listener,
    patience: Duration,
    denial: &Denial,
) -> Result<Report, WireError> {
    let mut report = Report::denial(denial);
    if denial.code != code::UNAUTHENTICATED {
        return Ok(report);
    }
    // `invalid_password`: so that clients ask for another token.
    "28P01".clone_into(&mut report.sqlstate);
    let Some(oauth) = &listener.oauth else {
        return Ok(report);
    };
    let failing = async { Ok(failure(wire, oauth).await?.map(|()| report)) };
    Ok(within(patience, failing)
        .await?
        .unwrap_or_else(|other| other))
}

/// The token as a password.
async fn password(wire: &mut Wire) -> Result<Result<String, Report>, WireError> {
    Authentication::CleartextPassword.encode(&mut wire.out)?;
    let answer = match response(wire, "a password message is expected").await? {
        Ok(answer) => answer,
        Err(report) => return Ok(Err(report)),
    };
    Ok(match answer.password() {
        Ok(message) => text(&message.password),
        Err(error) => Err(Report::new(PROTOCOL_VIOLATION, error.to_string())),
    })
}

/// The token by OAUTHBEARER.
async fn bearer(wire: &mut Wire, oauth: &Oauth) -> Result<Result<String, Report>, WireError> {
    const EXPECTED: &str = "a SASL response is expected";
    let violation = |message: String| Ok(Err(Report::new(PROTOCOL_VIOLATION, message)));
    let mechanisms = vec![Text::from(OauthBearer::MECHANISM)];
    Authentication::Sasl { mechanisms }.encode(&mut wire.out)?;
    let answer = match response(wire, EXPECTED).await? {
        Ok(answer) => answer,
        Err(report) => return Ok(Err(report)),
    };
    let first = match answer.sasl_initial_response() {
        Ok(first) => first,
        Err(error) => return violation(error.to_string()),
    };
    if first.mechanism != OauthBearer::MECHANISM {
        return violation(format!(
            "{} is the only mechanism here",
            OauthBearer::MECHANISM
        ));
    }
    let data = match first.data {
        Some(data) => data,
        // It did not begin: an empty challenge asks it to.
        None => {
            Authentication::SaslContinue { data: "".into() }.encode(&mut wire.out)?;
            match response(wire, EXPECTED).await? {
                Ok(answer) => answer.body,
                Err(report) => return Ok(Err(report)),
            }
        }
    };
    match OauthBearer::decode(&data) {
        Ok(OauthBearer::Token(token)) => Ok(text(&token)),
        Ok(OauthBearer::Discovery) => Ok(failure(wire, oauth).await?.and(Err(Report {
            hint: Some(format!("Get one as {} says.", oauth.configuration)),
            ..Report::new("28000", "a token is needed")
        }))),
        Err(error) => violation(format!(
            "malformed {} message: {error}",
            OauthBearer::MECHANISM
        )),
    }
}

/// Tells a client by OAUTHBEARER that it has no good token, and where to get one; the
/// error that ends the connection comes behind its answer (RFC 7628, section 3.2.3).
async fn failure(wire: &mut Wire, oauth: &Oauth) -> Result<Result<(), Report>, WireError> {
    let mut told = json!({
        "status": "invalid_token",
        "openid-configuration": oauth.configuration,
    });
    if let (Some(scope), Some(members)) = (&oauth.scope, told.as_object_mut()) {
        members.insert("scope".to_owned(), json!(scope));
    }
    let data = told.to_string().into();
    Authentication::SaslContinue { data }.encode(&mut wire.out)?;
    let expected = "an empty response to the failure is expected";
    Ok(response(wire, expected).await?.and_then(|answer| {
        match answer.body.as_ref() == OauthBearer::DUMMY {
            true => Ok(()),
            false => Err(Report::new(PROTOCOL_VIOLATION, expected)),
        }
    }))
}

/// Sends what has been asked, and reads the answer to it.
async fn response(
    wire: &mut Wire,
    expected: &str,
) -> Result<Result<AuthenticationResponse, Report>, WireError> {
    wire.send().await?;
    let frame = wire.frame(&Limits::frontend(0)).await?;
    Ok(match frame.tag() {
        AuthenticationResponse::TAG => Ok(AuthenticationResponse { body: frame.body() }),
        _ => Err(Report::new(PROTOCOL_VIOLATION, expected)),
    })
}

/// A token as text.
fn text(token: &Text) -> Result<String, Report> {
    let token = token.as_str().map(str::to_owned);
    token.map_err(|_| Report::new("28000", "the token is not text"))
}

/// Waits for the client, and no longer than that.
async fn within<T>(
    patience: Duration,
    talk: impl Future<Output = Result<Result<T, Report>, WireError>>,
) -> Result<Result<T, Report>, WireError> {
    let late = |_| Ok(Err(Report::new("57014", "no token was sent in time")));
    tokio::time::timeout(patience, talk)
        .await
        .unwrap_or_else(late)
}
