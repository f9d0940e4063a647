//! Which contract a component was built for, told by what it exports, and
//! whether it asks for more than the contract has.

use wasmtime::Engine;
use wasmtime::component::Component;

/// Every filter of any version of the contract exports this, with its version.
const DESCRIPTOR: &str = "narrowgate:filter/descriptor@";
/// The version that there is.
const VERSION: &str = "0.1.0";
/// Interfaces that a filter of it may import.
const IMPORTS: [&str; 7] = [
    "narrowgate:filter/types@0.1.0",
    "narrowgate:filter/sessions@0.1.0",
    "narrowgate:filter/operations@0.1.0",
    "narrowgate:filter/postgres@0.1.0",
    "narrowgate:filter/tokens@0.1.0",
    "narrowgate:filter/clock@0.1.0",
    "narrowgate:filter/log@0.1.0",
];

/// Why a component is no filter of a contract that this gateway has.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContractError {
    /// It is no filter.
    #[error("it does not export narrowgate:filter/descriptor, so it is no filter")]
    None,
    /// It is a filter of another contract.
    #[error("it was built for contract {0}; this gateway has {VERSION}")]
    Version(String),
    /// It imports WASI.
    #[error(
        "it imports {0}: filters get no WASI, neither files nor sockets nor an environment; \
         build it for a target without, such as wasm32-unknown-unknown"
    )]
    Wasi(String),
    /// It imports something else.
    #[error("it imports {0}, which filters are not given")]
    Import(String),
}

/// Checks that a component is a filter of contract 0.1.0.
pub(crate) fn check(engine: &Engine, component: &Component) -> Result<(), ContractError> {
    let kind = component.component_type();
    let version = kind
        .exports(engine)
        .find_map(|(name, _)| name.strip_prefix(DESCRIPTOR).map(str::to_owned));
    match version {
        None => return Err(ContractError::None),
        Some(version) if version != VERSION => return Err(ContractError::Version(version)),
        Some(_) => {}
    }
    let foreign = kind
        .imports(engine)
        .map(|(name, _)| name.to_owned())
        .find(|name| !IMPORTS.contains(&name.as_str()));
    match foreign {
        None => Ok(()),
        Some(name) if name.starts_with("wasi:") => Err(ContractError::Wasi(name)),
        Some(name) => Err(ContractError::Import(name)),
    }
}
