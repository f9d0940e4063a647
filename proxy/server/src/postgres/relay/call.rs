//! FunctionCall: a function by its OID, with values, past the grammar.
//!
//! It is decided, shown and recorded as the SELECT that would call it with its
//! values as parameters. Of one that the catalog does not have nothing is known,
//! so that only a rule that allows everything lets it through.

use std::rc::Rc;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use narrowgate_chain::{Access, Cell, Object, Operation, Phase, Rows, Statement};
use narrowgate_codec::postgres::backend::Field;
use narrowgate_codec::postgres::frontend::FunctionCall;
use narrowgate_codec::postgres::{Format, Frame, Text};

use super::asking::{Asking, Names};
use super::decide::{Asked, Denied, Parameters};
use super::expect::Expect;
use super::simple::report;
use super::{Ended, Relay, Running};
use crate::postgres::error::Report;

impl Relay {
    /// A FunctionCall.
    pub(super) async fn function_call(
        &self,
        call: FunctionCall,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let room = match self.share(frame.as_bytes().len()).await {
            Ok(room) => room,
            Err(report) => {
                self.deny(report, true, out);
                return Ok(());
            }
        };
        match self.permit_call(&call).await {
            Ok(running) if self.skipping.get() => self.skip([running]).await,
            // Nobody could mask a value of which nothing is known.
            Ok(running) if !running.permit.exchanges.is_empty() => {
                let report = Report {
                    hint: Some("Call the function in a SELECT.".to_owned()),
                    ..Report::new("42501", "the result of a FunctionCall cannot be masked")
                };
                let report = report.about(running.permit.operation.id);
                self.skip([running]).await;
                self.deny(report, true, out);
            }
            Ok(mut running) => {
                let name = Text::from("result");
                let field = Field {
                    name,
                    format: call.result_format,
                    ..Field::default()
                };
                running.fields = Some(Rc::from([field]));
                running.room.set(Some(room));
                self.written.set(true);
                self.expect(Expect::FunctionCall(running));
                out.extend_from_slice(frame.as_bytes());
            }
            Err(denied) => self.deny(report(denied), true, out),
        }
        Ok(())
    }

    /// Leave for a FunctionCall.
    async fn permit_call(&self, call: &FunctionCall) -> Result<Box<Running>, Denied> {
        let formats = &call.argument_formats;
        let binary = (0..call.arguments.len())
            .map(|n| formats.get(n) == Format::Binary)
            .collect();
        let values = call.arguments.clone();
        let snapshot = self.snapshot().await?;
        let Some((schema, name)) = snapshot.catalog.function_name(call.function) else {
            let oid = call.function;
            let operation = Operation {
                id: self.gate.next_operation(),
                phase: Phase::Execute,
                statement: Arc::new(statement(call)),
                text: Arc::from(format!("FunctionCall of the function with OID {oid}")),
                display: None,
                parameters: values,
                binary,
            };
            let asking = Asking {
                relay: self,
                names: Names::None,
                types: None,
            };
            return self.permit(operation, asking).await;
        };
        let text = select(schema, name, values.len());
        let analysing = self.analyse(&text).await?;
        let [analysed] = &*analysing.statements else {
            return Err(Report::new("42501", "the call could not be analysed").into());
        };
        self.decide(Asked {
            analysed,
            text: Arc::from(text),
            phase: Phase::Execute,
            parameters: Parameters {
                values,
                binary,
                types: None,
            },
            names: Names::Text,
            room: None,
        })
        .await
    }

    /// The result of a FunctionCall: recorded as a row of one column.
    pub(super) fn function_result(
        &self,
        value: Option<Bytes>,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Ended> {
        let mut queue = self.queue.borrow_mut();
        let Some(Expect::FunctionCall(running)) = queue.front_mut() else {
            return Err(Ended::Target(
                "a result that nobody has asked for".to_owned(),
            ));
        };
        let cell = value
            .as_ref()
            .map_or(Cell::Null, |value| Cell::Wire(0..value.len()));
        let wire = value.unwrap_or_default();
        let rows = Rows {
            columns: 1,
            cells: vec![cell],
            wire,
            ..Rows::default()
        };
        self.record(running, &rows).map_err(Ended::Gateway)?;
        running.passed(1, frame.as_bytes().len());
        out.extend_from_slice(frame.as_bytes());
        Ok(())
    }
}

/// The SELECT that calls a function with so many parameters.
fn select(schema: &str, name: &str, parameters: usize) -> String {
    let quoted = |name: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        match name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit()) {
            true => name.to_owned(),
            false => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    };
    let parameters: Vec<String> = (1..=parameters).map(|n| format!("${n}")).collect();
    format!(
        "SELECT {}.{}({})",
        quoted(schema),
        quoted(name),
        parameters.join(", ")
    )
}

/// A call of which nothing is known, in the chain's words.
fn statement(call: &FunctionCall) -> Statement {
    Statement {
        action: "call".to_owned(),
        actions: vec!["call".to_owned()],
        objects: vec![Object {
            kind: "function".to_owned(),
            name: format!("oid:{}", call.function),
            access: Access {
                call: true,
                ..Access::default()
            },
            ..Object::default()
        }],
        unresolved: vec!["a function is called past the grammar".to_owned()],
        ..Statement::default()
    }
}
