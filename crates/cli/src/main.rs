//! `spork`, linked with no network: it delegates to `spork-torch` what needs one.

use std::process::ExitCode;

fn main() -> ExitCode {
    spork_cli::main(None)
}
