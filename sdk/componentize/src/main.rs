//! `narrowgate-componentize IN.wasm OUT.wasm`: makes a filter component of the
//! core module that `cargo build --target wasm32-unknown-unknown` leaves.
//!
//! The contract a guest was compiled against travels in a custom section that
//! `wit-bindgen` writes; it is all this tool needs. `wasm-tools component new`
//! does the same. Guests of languages whose tools make components by themselves
//! need neither.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result, bail};
use wit_component::ComponentEncoder;

/// The first eight bytes: magic and version, of a core module and of a component.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [module, component] = arguments.as_slice() else {
        eprintln!("usage: narrowgate-componentize IN.wasm OUT.wasm");
        return ExitCode::from(2);
    };
    match convert(module, component) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("narrowgate-componentize: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the module at `from` and leaves its component at `to`.
///
/// The file appears under its name in one step, since a running gateway may be
/// watching it.
fn convert(from: &Path, to: &Path) -> Result<()> {
    let module = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    let component = encode(&module).with_context(|| from.display().to_string())?;
    let aside = to.with_extension("wasm.new");
    fs::write(&aside, component).with_context(|| format!("cannot write {}", aside.display()))?;
    fs::rename(&aside, to).with_context(|| format!("cannot write {}", to.display()))
}

/// The component of a core module, validated.
fn encode(module: &[u8]) -> Result<Vec<u8>> {
    if module.starts_with(COMPONENT) {
        bail!("this is a component already");
    }
    if !module.starts_with(MODULE) {
        bail!("this is no WebAssembly module");
    }
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|encoder| encoder.encode())
        .context(
            "the module fits no component (does it use wit-bindgen, and import only the contract?)",
        )
}

#[cfg(test)]
mod tests {
    use super::{COMPONENT, MODULE, convert, encode};

    #[test]
    fn an_empty_module_makes_a_component() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (
            folder.path().join("in.wasm"),
            folder.path().join("out.wasm"),
        );
        std::fs::write(&from, MODULE).unwrap();

        convert(&from, &to).unwrap();

        assert!(std::fs::read(&to).unwrap().starts_with(COMPONENT));
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            2,
            "nothing is left aside"
        );
    }

    #[test]
    fn what_is_no_module_is_refused_by_name() {
        assert!(
            encode(COMPONENT)
                .unwrap_err()
                .to_string()
                .contains("already")
        );
        assert!(
            encode(b"#!/bin/sh")
                .unwrap_err()
                .to_string()
                .contains("no WebAssembly")
        );
        assert!(encode(&[]).is_err());
    }

    #[test]
    fn a_module_that_imports_the_unknown_is_refused() {
        // (module (import "env" "f" (func)))
        let module = [MODULE, b"\x01\x04\x01\x60\0\0\x02\x09\x01\x03env\x01f\0\0"].concat();
        assert!(encode(&module).is_err());
    }
}
