//! `spork`, linked without libtorch: it delegates to `spork-torch` what needs that.

use std::process::ExitCode;

fn main() -> ExitCode {
    spork_cli::main(None)
}
