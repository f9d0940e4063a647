//! A session whose target has not been dialled: its client is logged in and has not
//! asked for anything yet.
//!
//! Agents and their pools open sessions long before they need them, and most of
//! those wait. Such a session costs the target no connection and the gateway no
//! buffers: the client's first message (other than a goodbye) dials. Until then
//! everything that can end a session ends this one as well, and there is nothing to
//! be cancelled.
//!
//! Where the target is, and as whom, is asked anew when it is dialled, so that a
//! session which has waited for hours goes where the configuration of that moment
//! says. A target that refuses then ends the session with the words that a login
//! would have had; no message of the client's has gone anywhere.

use std::rc::Rc;
use std::time::Instant;

use narrowgate_codec::postgres::Header;
use narrowgate_codec::postgres::backend::ParameterStatus;
use narrowgate_codec::postgres::frontend::Terminate;
use tokio::io::AsyncReadExt;

use super::{Ended, Relay};
use crate::net::Stream;
use crate::postgres::reported::news;
use crate::postgres::wire::Wire;

/// What a session will be dialled with.
pub(in crate::postgres) struct Undialled {
    /// Its settings, the client's and the gateway's.
    pub(in crate::postgres) settings: Vec<(String, String)>,
    /// What the client was told of settings.
    pub(in crate::postgres) told: Vec<ParameterStatus>,
}

impl Undialled {
    /// Waits for the client's first message, dials, and gives the target's
    /// connection. What was read of the client stays in its buffer.
    pub(super) async fn dialled(self, relay: &Relay, client: &mut Wire) -> Result<Stream, Ended> {
        client.release();
        tokio::select! {
            biased;
            dialled = async {
                first_message(relay, client).await?;
                // Aside, so that those who wait do not keep room for it.
                Box::pin(self.dial(relay, client)).await
            } => dialled,
            ended = ended(relay) => Err(ended),
        }
    }

    /// Dials the target as the configuration has it now.
    async fn dial(mut self, relay: &Relay, client: &mut Wire) -> Result<Stream, Ended> {
        let services = &relay.gate.worker().services;
        let groups = relay.gate.session().identity();
        let groups = groups.map(|identity| identity.groups.clone());
        let found = relay
            .place()
            .find_anew(
                &services.catalogs,
                &services.plan.load_full(),
                &groups.unwrap_or_default(),
            )
            .await;
        let (place, snapshot) = found.map_err(Ended::Gateway)?;
        let path = snapshot.search_path.clone();
        self.settings.retain(|(name, _)| name != "search_path");
        self.settings.push(("search_path".to_owned(), path));
        let upstream = place.dial(&self.settings).await.map_err(Ended::Gateway)?;
        relay.place.replace(Rc::new(place));
        if let Some(cancel) = upstream.cancel {
            // It is set once: a session is dialled once.
            let _first = relay.upstream_cancel.set(cancel);
        }
        for status in news(&self.told, &upstream.parameters) {
            status
                .encode(&mut client.out)
                .map_err(|error| Ended::Target(error.to_string()))?;
        }
        client.send().await.map_err(|_| Ended::ClientGone)?;
        Ok(upstream.wire.stream)
    }
}

/// Waits for the beginning of a message that needs the target.
async fn first_message(relay: &Relay, client: &mut Wire) -> Result<(), Ended> {
    loop {
        if let Some(header) = Header::peek(&client.buffer).map_err(Ended::Client)? {
            return match header.tag {
                Terminate::TAG => Err(Ended::Terminated),
                _ => Ok(()),
            };
        }
        // No more than that: it may be long in coming.
        client.buffer.reserve(Header::SIZE);
        match client.stream.read_buf(&mut client.buffer).await {
            Ok(0) | Err(_) => return Err(Ended::ClientGone),
            Ok(_) => relay.heard.set(Instant::now()),
        }
    }
}

/// Waits until the session is to be ended.
async fn ended(relay: &Relay) -> Ended {
    loop {
        relay.wake.notified().await;
        let ending = relay.ending.borrow_mut().take();
        if let Some(report) = ending {
            return Ended::Gateway(report);
        }
    }
}
