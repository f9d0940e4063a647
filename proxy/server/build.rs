//! Puts the built-in filters, which `make guests` builds, into the gateway.

use std::path::{Path, PathBuf};
use std::process::exit;
use std::{env, fs};

/// The filters that come with the gateway.
const BUILT_IN: [&str; 5] = ["auth", "policy", "approval", "masking", "recording"];

fn main() {
    let from = Path::new("../../target/filters");
    let Some(out) = env::var_os("OUT_DIR").map(PathBuf::from) else {
        fail("OUT_DIR is not set; build with cargo");
    };
    for name in BUILT_IN {
        let file = from.join(name).with_extension("wasm");
        println!("cargo::rerun-if-changed={}", file.display());
        if !file.is_file() {
            fail(&format!(
                "the built-in filter `{name}` is missing from target/filters: run `make guests` first"
            ));
        }
        if let Err(error) = fs::copy(&file, out.join(name).with_extension("wasm")) {
            fail(&format!(
                "the built-in filter `{name}` cannot be copied: {error}"
            ));
        }
    }
}

/// Ends the build with a text that cargo shows without a backtrace around it.
fn fail(message: &str) -> ! {
    println!("cargo::error={message}");
    exit(1);
}
