//! Any text is a configuration or errors that point into it, never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Err(errors) = narrowgate_config::parse(text, "fuzz.yaml") {
        assert!(!errors.errors.is_empty());
        let _ = errors.to_string();
    }
});
