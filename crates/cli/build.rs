//! Names this build by its sources, so that `spork` and `spork-torch` can tell whether they are of
//! one build. In a package that was taken from a registry the version alone says that.

use std::path::{Path, PathBuf};
use std::{fs, io};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let workspace = Path::new("../..");
    let lock = workspace.join("Cargo.lock");
    let in_workspace = lock.is_file() && Path::new("../encoder-torch/Cargo.toml").is_file();
    let build = if in_workspace { fingerprint(lock) } else { Ok("release".to_owned()) };
    let build =
        build.unwrap_or_else(|error| panic!("the sources of this build can't be read: {error}"));
    println!("cargo:rustc-env=SPORK_BUILD={build}");
}

/// A hash of the sources of every crate and of the versions of their dependencies.
fn fingerprint(lock: PathBuf) -> io::Result<String> {
    let mut files = vec![lock];
    for crate_folder in fs::read_dir("..")? {
        let crate_folder = crate_folder?.path();
        let manifest = crate_folder.join("Cargo.toml");
        if manifest.is_file() {
            files.push(manifest);
            println!("cargo:rerun-if-changed={}", crate_folder.join("src").display());
            add_files(&crate_folder.join("src"), &mut files)?;
        }
    }
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut add = |bytes: &[u8]| {
        for &byte in bytes {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    };
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        add(file.to_string_lossy().as_bytes());
        add(&fs::read(&file)?);
    }
    Ok(format!("{hash:016x}"))
}

fn add_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            add_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
