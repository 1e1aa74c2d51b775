//! What the cache holds of one model, in the layout that all Hugging Face tools share:
//!
//! ```text
//! models--<owner>--<name>/refs/<revision>             the commit that a branch or tag was at
//! models--<owner>--<name>/snapshots/<commit>/<file>   links to the files' contents
//! models--<owner>--<name>/.spork/<commit>             ours: the files of the model, once complete
//! ```
//!
//! Other tools fetch file by file, so a snapshot may lack any of a model's files; our list tells.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hf_hub::{Cache, CacheRepo, Repo, RepoType};

use super::error::{HubError, Result};
use super::id::{ModelId, is_word};
use super::paths;

/// One model's folder in the cache.
pub(super) struct CachedModel {
    folder: PathBuf,
    revision: String,
    repo: CacheRepo,
}

impl CachedModel {
    pub(super) fn new(cache: &Cache, id: &ModelId) -> Self {
        let revision = id.revision().to_owned();
        let repo = Repo::with_revision(id.name().to_owned(), RepoType::Model, revision.clone());
        Self { folder: cache.path().join(repo.folder_name()), revision, repo: cache.repo(repo) }
    }

    /// The folder of a commit's files; `None` for what is no commit.
    pub(super) fn snapshot(&self, commit: &str) -> Option<PathBuf> {
        let hash = is_word(commit) && !commit.starts_with('.');
        hash.then(|| self.folder.join("snapshots").join(commit))
    }

    /// The model's files, where all of them are there.
    pub(super) fn complete(&self) -> Option<PathBuf> {
        let commit = self.commit()?;
        let snapshot = self.snapshot(&commit)?;
        let list = fs::read_to_string(self.list(&commit)).ok()?;
        let whole = !list.is_empty() && list.lines().all(|file| snapshot.join(file).exists());
        whole.then_some(snapshot)
    }

    /// The model's files, as far as they are there, where the essential ones are.
    pub(super) fn usable(&self) -> Option<PathBuf> {
        let snapshot = self.snapshot(&self.commit()?)?;
        let weights = || {
            fs::read_dir(&snapshot).into_iter().flatten().flatten().any(|entry| is_weights(&entry))
        };
        let usable = snapshot.join(paths::MODULES).exists()
            || (snapshot.join("config.json").exists() && weights());
        usable.then_some(snapshot)
    }

    /// Notes that these are the model's files, that all of them are there, and that the revision
    /// means this commit.
    pub(super) fn mark_complete(&self, commit: &str, files: &[String]) -> Result<()> {
        let list = self.list(commit);
        let failed = |path: &Path, source| HubError::Cache { path: path.to_owned(), source };
        write_whole(&list, &files.join("\n")).map_err(|error| failed(&list, error))?;
        self.repo.create_ref(commit).map_err(|error| failed(&self.folder.join("refs"), error))
    }

    /// The commit that the revision was at; a revision may also be a commit itself.
    fn commit(&self) -> Option<String> {
        let named = fs::read_to_string(self.folder.join("refs").join(&self.revision)).ok();
        let itself = || self.snapshot(&self.revision).is_some_and(|snapshot| snapshot.is_dir());
        named
            .map(|commit| commit.trim().to_owned())
            .or_else(|| itself().then(|| self.revision.clone()))
    }

    fn list(&self, commit: &str) -> PathBuf {
        self.folder.join(".spork").join(commit)
    }
}

fn is_weights(entry: &fs::DirEntry) -> bool {
    entry.file_name().to_str().is_some_and(paths::is_weights)
}

/// Writes a small file that is either whole or absent.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = path.with_extension(format!("part-{}", std::process::id()));
    fs::write(&part, text)?;
    fs::rename(&part, path)
}
