//! Writes the place of libtorch into spork-torch, so that it starts without any variable set.
//! LD_LIBRARY_PATH still wins over it.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    let unix = std::env::var_os("CARGO_CFG_UNIX").is_some();
    if let (true, Ok(folder)) = (unix, std::env::var("DEP_TCH_LIBTORCH_LIB")) {
        println!("cargo:rustc-link-arg-bin=spork-torch=-Wl,-rpath,{folder}");
    }
}
