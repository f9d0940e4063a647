//! `narrowgate`: see `narrowgate help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    narrowgate::cli::main()
}
