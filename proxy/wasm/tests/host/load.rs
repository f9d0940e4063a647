//! What is loaded, and what is refused with which words.

use std::sync::Arc;
use std::time::Instant;

use narrowgate_wasm::{Cache, ContractError, Grants, LoadError, Loader};
use sha2::{Digest, Sha256};

use crate::support::{ENGINE, fixture};

fn loader() -> Loader {
    Loader::new(ENGINE.clone(), None).unwrap()
}

fn refused(bytes: &[u8]) -> LoadError {
    loader().load(bytes, None).err().unwrap()
}

/// A section of a component: its number, its length, what it holds.
fn section(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number, u8::try_from(content.len()).unwrap()], content].concat()
}

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// A component that only imports an empty instance of that name, or only
/// exports one.
fn component(import: Option<&str>, export: Option<&str>) -> Vec<u8> {
    let name = |name: &str| [&[0, u8::try_from(name.len()).unwrap()], name.as_bytes()].concat();
    let mut bytes = COMPONENT.to_vec();
    if let Some(import) = import {
        // One type, an instance with no declarations; one import of it.
        bytes.extend(section(7, b"\x01\x42\x00"));
        bytes.extend(section(
            10,
            &[&[1], &name(import)[..], b"\x05\x00"].concat(),
        ));
    }
    if let Some(export) = export {
        // One instance made of no exports; it is exported.
        let index = u8::from(import.is_some());
        bytes.extend(section(5, b"\x01\x01\x00"));
        let tail = [5, index, 0];
        bytes.extend(section(11, &[&[1], &name(export)[..], &tail].concat()));
    }
    bytes
}

#[test]
fn a_filter_says_what_it_is() {
    let module = loader().load(&fixture("frozen-0.1.0"), None).unwrap();
    assert_eq!(module.description.name, "frozen");
    assert_eq!(module.description.secrets, ["/secret"]);
    assert!(Grants::default().missing(module.needs).contains(&"clock"));
}

#[test]
fn a_pinned_digest_is_compared_before_anything_is_compiled() {
    let bytes = fixture("minimal");
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    assert!(loader().load(&bytes, Some(&digest)).is_ok());
    let other = loader()
        .load(b"not even Wasm", Some(&digest))
        .err()
        .unwrap();
    assert!(matches!(other, LoadError::Digest { .. }), "{other}");
}

#[test]
fn a_core_module_is_told_what_to_become() {
    let error = refused(b"\0asm\x01\0\0\0").to_string();
    assert!(error.contains("narrowgate-componentize"), "{error}");
}

#[test]
fn what_is_no_wasm_is_refused() {
    for bytes in [&b""[..], b"#!/bin/sh", &fixture("minimal")[..1000]] {
        assert!(matches!(refused(bytes), LoadError::Compile(_)));
    }
}

#[test]
fn a_component_that_is_no_filter_is_refused() {
    let error = refused(COMPONENT);
    assert!(
        matches!(error, LoadError::Contract(ContractError::None)),
        "{error}"
    );
}

#[test]
fn another_contract_is_named() {
    let error = refused(&component(None, Some("narrowgate:filter/descriptor@0.2.0")));
    let LoadError::Contract(ContractError::Version(version)) = &error else {
        panic!("{error}")
    };
    assert_eq!(version, "0.2.0");
}

#[test]
fn an_import_that_is_not_in_the_contract_is_named() {
    let filter = Some("narrowgate:filter/descriptor@0.1.0");
    for name in [
        "narrowgate:filter/http@0.1.0",
        "narrowgate:filter/log@0.1.1",
        "a:b/c",
    ] {
        let error = refused(&component(Some(name), filter));
        let LoadError::Contract(ContractError::Import(import)) = &error else {
            panic!("{error}")
        };
        assert_eq!(import, name);
    }
    let error = refused(&component(Some("wasi:cli/environment@0.2.0"), filter));
    assert!(
        matches!(&error, LoadError::Contract(ContractError::Wasi(name)) if name.contains("environment")),
        "{error}"
    );
}

#[test]
fn an_interface_that_is_not_whole_is_refused() {
    let error = refused(&component(None, Some("narrowgate:filter/descriptor@0.1.0")));
    assert!(matches!(error, LoadError::Link(_)), "{error}");
}

#[test]
fn the_same_bytes_are_one_module_while_it_is_used() {
    let loader = loader();
    let module = loader.load(&fixture("minimal"), None).unwrap();
    let again = loader.load(&fixture("minimal"), None).unwrap();
    assert!(Arc::ptr_eq(&module, &again));
}

#[test]
fn a_compiled_filter_is_taken_from_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let load = || {
        let cache = Cache::open(folder.path()).unwrap();
        let loader = Loader::new(ENGINE.clone(), Some(cache)).unwrap();
        let start = Instant::now();
        let module = loader.load(&fixture("frozen-0.1.0"), None).unwrap();
        assert_eq!(module.description.name, "frozen");
        start.elapsed()
    };
    let (compiled, cached) = (load(), load());
    assert!(cached * 2 < compiled, "{compiled:?}, then {cached:?}");
}

#[test]
fn a_spoilt_cache_file_is_compiled_anew_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let load = || {
        let cache = Cache::open(folder.path()).unwrap();
        let loader = Loader::new(ENGINE.clone(), Some(cache)).unwrap();
        loader
            .load(&fixture("minimal"), None)
            .map(|module| module.digest.clone())
    };
    let digest = load().unwrap();
    let files = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|e| e == "cwasm"))
            .collect::<Vec<_>>()
    };
    let [file] = &files()[..] else { panic!() };
    let whole = std::fs::read(file).unwrap();
    std::fs::write(file, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(load().unwrap(), digest);
    assert_eq!(std::fs::read(file).unwrap().len(), whole.len());
    assert_eq!(files().len(), 1);
}
