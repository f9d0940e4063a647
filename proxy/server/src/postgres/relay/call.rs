//! FunctionCall: a function by its OID, with values, past the grammar.
//!
//! It is decided as a call of which nothing is known, so that only a rule that
//! allows everything lets it through.

use std::sync::Arc;

use bytes::BytesMut;
use narrowgate_chain::{Access, Object, Phase, Statement};
use narrowgate_codec::postgres::Frame;
use narrowgate_codec::postgres::frontend::FunctionCall;

use super::expect::Expect;
use super::simple::report;
use super::{Ended, Relay};
use crate::postgres::error::Report;

impl Relay {
    /// A FunctionCall.
    pub(super) async fn function_call(
        &self,
        call: FunctionCall,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let text = Arc::from(format!("FunctionCall of the function with OID {}", call.function));
        let statement = Arc::new(statement(&call));
        let decided = self.permit(statement, text, None, Phase::Execute, call.arguments, Vec::new());
        match decided.await {
            Ok(running) if self.skipping.get() => self.skip([running]).await,
            // Nobody could mask a value of which nothing is known.
            Ok(running) if !running.permit.exchanges.is_empty() => {
                self.skip([running]).await;
                let report = Report {
                    hint: Some("Call the function in a SELECT.".to_owned()),
                    ..Report::new("42501", "the result of a FunctionCall cannot be masked")
                };
                self.deny(report, true, out);
            }
            Ok(running) => {
                self.written.set(true);
                self.expect(Expect::FunctionCall(Box::new(running)));
                out.extend_from_slice(frame.as_bytes());
            }
            Err(denied) => self.deny(report(denied), true, out),
        }
        Ok(())
    }
}

/// A call in the chain's words.
fn statement(call: &FunctionCall) -> Statement {
    Statement {
        action: "call".to_owned(),
        actions: vec!["call".to_owned()],
        objects: vec![Object {
            kind: "function".to_owned(),
            name: format!("oid:{}", call.function),
            access: Access { call: true, ..Access::default() },
            ..Object::default()
        }],
        unresolved: vec!["a function is called past the grammar".to_owned()],
        ..Statement::default()
    }
}
