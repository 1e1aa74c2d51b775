//! Writes the place of libtorch into this crate's test binaries, so that `cargo test` needs no
//! variable set. A library can't do that for the programs that use it: their own build.rs holds the
//! same lines.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    let unix = std::env::var_os("CARGO_CFG_UNIX").is_some();
    if let (true, Ok(folder)) = (unix, std::env::var("DEP_TCH_LIBTORCH_LIB")) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
