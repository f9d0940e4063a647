//! Calls: their arguments, what they give, and what only looks like a call.

use std::rc::Rc;

use pg_query::protobuf::{CoercionForm, FuncCall};

use super::analyser::Analyser;
use super::lineage::{Constness, Value};
use super::nodes::{boxed, inner, qualified};
use super::operator::Called;
use super::scope::Scope;
use super::{How, Into, harmless};

impl Analyser<'_> {
    /// `(value).name`: a field of a row, or a call of a function of the name on any value.
    pub(super) fn field(&mut self, value: &Value, name: &str) -> Value {
        let field = value
            .fields
            .as_ref()
            .and_then(|fields| fields.iter().find(|field| &*field.name == name));
        if let Some(field) = field {
            return field.value.clone();
        }
        if self.catalog.functions(name).is_empty() {
            return value.computed();
        }
        let called = self.call_named(None, name);
        self.special_call(&called, name, std::slice::from_ref(value));
        self.result_of(&called, value, name)
    }

    pub(super) fn call(&mut self, call: &FuncCall, scope: &Scope<'_>) -> Value {
        let (schema, name) = qualified(&call.funcname);
        if call.funcformat == CoercionForm::CoerceSqlSyntax as i32 && name == "system_user" {
            self.since(160_000, "system_user");
        }
        let mut arguments = Vec::with_capacity(call.args.len());
        for argument in call.args.iter().filter_map(inner) {
            arguments.push(self.expr(argument, scope));
        }
        // `column(row)` is `row.column` unless a function of the name takes rows.
        if let ([only], None) = (arguments.as_slice(), schema)
            && let Some(field) = only
                .fields
                .as_ref()
                .and_then(|fields| fields.iter().find(|field| &*field.name == name))
            && self.catalog.functions(name).is_empty()
        {
            let value = field.value.clone();
            self.not_calls.push(name.to_owned());
            return value;
        }
        if self.catalog.functions(name).is_empty()
            && let [only] = arguments.as_slice()
            && let Some(oid) = self.type_named(schema, name)
        {
            // `type(value)` is a cast.
            self.not_calls.push(name.to_owned());
            let target = self.cast_to_oid(schema, name, oid, only);
            return Value {
                constant: Constness::Not,
                type_oid: target.oid,
                ..only.computed()
            };
        }
        for order in &call.agg_order {
            let value = self.sort_key(order, scope);
            self.influence(&value, How::Other);
            // What an ordered-set aggregate orders is what it gives.
            if call.agg_within_group {
                arguments.push(value);
            }
        }
        if let Some(filter) = boxed(&call.agg_filter) {
            self.condition(filter, scope);
        }
        if let Some(window) = &call.over {
            self.window(window, scope);
        }
        let all = Value::union(&arguments);
        if call.agg_distinct {
            self.influence(&all, How::Other);
        }
        let called = self.call_named(schema, name);
        self.special_call(&called, name, &arguments);
        if called.returns_set {
            self.influence(
                &all,
                if harmless::takes_apart(name) {
                    How::Cardinality
                } else {
                    How::Other
                },
            );
        }
        let mut value = self.result_of(&called, &all, name);
        if called.harmless
            && all.lineage.is_constant()
            && !called.returns_set
            && arguments
                .iter()
                .all(|value| value.constant != Constness::Not)
            && !call.agg_star
        {
            value.constant = Constness::Parameter;
        }
        value
    }

    /// What a call gives, and the flow of its arguments into code that is not known.
    pub(super) fn result_of(&mut self, called: &Called, arguments: &Value, name: &str) -> Value {
        let mut value = arguments.computed();
        if !called.known {
            self.argument_flow(arguments, name);
            let mut lineage = (*value.lineage).clone();
            lineage.unknown |= called.names.is_empty();
            lineage.add_calls(&called.names);
            value.lineage = Rc::new(lineage);
        }
        value
    }

    pub(super) fn argument_flow(&mut self, value: &Value, name: &str) {
        self.flow(&value.lineage, Into::FunctionArgument(name.to_owned()));
    }
}
