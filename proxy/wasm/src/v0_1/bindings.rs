//! Generated bindings of the contract.

wasmtime::component::bindgen!({
    path: "../../sdk/wit",
    world: "filter",
    exports: { default: async },
    imports: { default: trappable },
    with: {
        "narrowgate:filter/sessions.session": super::data::Session,
        "narrowgate:filter/operations.operation": super::data::Operation,
    },
    ownership: Borrowing { duplicate_if_necessary: true },
});
