//! Outputs that would destroy an input: the same file under any of its names.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::links::{follow_links, is_open_file};
use crate::partial::PartialFile;

/// A file or folder that a caller names; `-` is standard input or output.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// How the caller calls it: `--input`.
    pub name: &'a str,
    /// Where it is.
    pub path: &'a Path,
}

/// Checks that no output would replace an input, and that no two outputs are one file. Links,
/// other spellings and redirected standard streams are seen through; devices and pipes are no
/// concern.
///
/// # Errors
/// Two places that are one, or an output that is a file of an input folder or holds an input.
pub fn check_places(inputs: &[Place<'_>], outputs: &[Place<'_>]) -> Result<()> {
    let inputs: Vec<Named<'_>> =
        inputs.iter().filter_map(|place| Named::new(*place, "/dev/stdin")).collect();
    for (number, &output) in outputs.iter().enumerate() {
        for earlier in &outputs[..number] {
            if let (Some(one), Some(other)) = (target(output.path), target(earlier.path))
                && one == other
            {
                return Err(Error::SameOutput(words(output), words(*earlier)));
            }
        }
        let partial = partial(output.path);
        let output = Named::new(output, "/dev/stdout");
        for input in &inputs {
            if let Some(what) = output.as_ref().and_then(|output| output.destroys(input)) {
                let output = output.as_ref().map_or(input.place, |output| output.place);
                return Err(conflict(output, input.place, what));
            }
            if let Some(partial) = partial.as_ref().filter(|partial| input.is(partial)) {
                let path = partial.path.as_path();
                let output = Place { name: "the unfinished output", path };
                return Err(conflict(output, input.place, "is"));
            }
        }
    }
    Ok(())
}

fn conflict(output: Place<'_>, other: Place<'_>, what: &'static str) -> Error {
    Error::Conflict { output: words(output), what, other: words(other) }
}

fn words(place: Place<'_>) -> String {
    format!("{} {}", place.name, place.path.display())
}

/// A file or folder that exists.
struct Named<'a> {
    place: Place<'a>,
    file: Existing,
}

struct Existing {
    path: PathBuf,
    metadata: Metadata,
}

impl Existing {
    fn new(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let known = metadata.is_file() || metadata.is_dir();
        known.then(|| Self { path: path.to_owned(), metadata })
    }

    /// Whether the two are one file.
    #[cfg(unix)]
    fn is(&self, other: &Self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let place = |metadata: &Metadata| (metadata.dev(), metadata.ino());
        place(&self.metadata) == place(&other.metadata)
    }

    /// Whether the two are one file; hard links are not seen through.
    #[cfg(not(unix))]
    fn is(&self, other: &Self) -> bool {
        let whole = |path: &Path| path.canonicalize().ok();
        whole(&self.path).is_some_and(|path| Some(path) == whole(&other.path))
    }

    /// Whether it is a file somewhere in this folder.
    fn is_in(&self, folder: &Self) -> bool {
        if !self.metadata.is_file() || !folder.metadata.is_dir() {
            return false;
        }
        match (self.path.canonicalize(), folder.path.canonicalize()) {
            (Ok(file), Ok(folder)) => file.starts_with(folder),
            _ => false,
        }
    }
}

impl<'a> Named<'a> {
    fn new(place: Place<'a>, standard: &str) -> Option<Self> {
        let path = if place.path == Path::new("-") { Path::new(standard) } else { place.path };
        Some(Self { place, file: Existing::new(path)? })
    }

    fn is(&self, other: &Existing) -> bool {
        self.file.is(other)
    }

    /// How writing it would harm `input`, if it would.
    fn destroys(&self, input: &Named<'_>) -> Option<&'static str> {
        if self.file.is(&input.file) {
            return Some("is");
        }
        if self.file.is_in(&input.file) {
            return Some("is a file of");
        }
        input.file.is_in(&self.file).then_some("is the folder of")
    }
}

/// The file that a name stands for, which need not be there yet; none for devices, pipes and
/// standard output.
fn target(path: &Path) -> Option<PathBuf> {
    let target = follow_links(path).ok().filter(|target| !is_open_file(target))?;
    if path == Path::new("-") || target.metadata().is_ok_and(|meta| !meta.is_file()) {
        return None;
    }
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    Some(folder.join(target.file_name()?))
}

/// What is in the way of an output's partial file.
fn partial(path: &Path) -> Option<Existing> {
    target(path)?;
    Existing::new(&PartialFile::of(path).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(inputs: &[&Path], outputs: &[&Path]) -> std::result::Result<(), String> {
        let places = |name, paths: &[&Path]| -> Vec<(&str, PathBuf)> {
            paths.iter().map(|path| (name, path.to_path_buf())).collect()
        };
        let (inputs, outputs) = (places("--input", inputs), places("--output", outputs));
        fn named(places: &[(&'static str, PathBuf)]) -> Vec<Place<'static>> {
            let leak =
                |path: &PathBuf| -> &'static Path { Box::leak(path.clone().into_boxed_path()) };
            places.iter().map(|(name, path)| Place { name, path: leak(path) }).collect()
        }
        check_places(&named(&inputs), &named(&outputs)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_is_known_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "input").unwrap();
        fs::write(path("b"), "another").unwrap();
        fs::create_dir(path("folder")).unwrap();
        fs::write(path("folder/file"), "of a model").unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("a", path("link")).unwrap();
            fs::hard_link(path("a"), path("twin")).unwrap();
            std::os::unix::fs::symlink("folder", path("way")).unwrap();
        }
        let mut same = vec!["a", "./a", "folder/../a"];
        if cfg!(unix) {
            same.extend(["link", "twin", "way/../a"]);
        }
        for name in same {
            let said = check(&[&path("b"), &path("a")], &[&path(name)]).unwrap_err();
            assert!(said.contains("--output") && said.contains("--input"), "{name}: {said}");
            assert!(said.contains("another --output") || said.contains("another place"), "{said}");
        }
        for (input, output) in
            [("folder", "folder/file"), ("folder/file", "folder"), ("folder", "folder")]
        {
            check(&[&path(input)], &[&path(output)]).unwrap_err();
        }
        for name in ["c", "b/c", "folder/new"] {
            check(&[&path("a"), &path("folder")], &[&path(name)]).unwrap();
        }
    }

    #[test]
    fn the_partial_file_counts_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a.partial"), "input").unwrap();
        check(&[&path("a.partial")], &[&path("a")]).unwrap_err();
    }

    #[test]
    fn two_outputs_are_two_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        check(&[], &[&path("new"), &path("./new")]).unwrap_err();
        check(&[], &[&path("new"), &path("newer")]).unwrap();
        // Without an input: the standard output of the tests may be a file.
        for name in ["/dev/null", "/dev/stdout", "-"] {
            check(&[], &[Path::new(name), Path::new(name)]).unwrap();
        }
        check(&[Path::new("/dev/null")], &[Path::new("/dev/null")]).unwrap();
    }
}
