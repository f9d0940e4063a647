//! Generated bindings of the contract in `wit/`: the only unsafe code.

wit_bindgen::generate!({
    path: "wit",
    world: "filter",
    pub_export_macro: true,
    export_macro_name: "export_bindings",
    default_bindings_module: "narrowgate_sdk::bindings",
    generate_all,
});
