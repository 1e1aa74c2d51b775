//! From a model's name to a directory on this machine: a directory is taken as it is, a name such
//! as `naver/splade-v3` is downloaded from the Hugging Face Hub once and then found in its cache.
//!
//! The environment says where, in the variables that the Python tools have as well: `HF_ENDPOINT`
//! (the Hub or a mirror of it), `HF_HOME` (the cache), `HF_TOKEN` (for gated and private models;
//! else the token that was saved by logging in) and `HF_HUB_OFFLINE`. The cache is shared with
//! those tools.
//!
//! All files of a model come from one commit, and a complete model is not looked up again: a branch
//! that has moved since is not noticed. Name a revision (`owner/name@revision`) to get another one.
//!
//! - `id` tells names from paths; `paths` chooses what to download; `request` asks a Hub; `cache`
//!   knows what is complete.

mod cache;
mod error;
mod id;
mod paths;
mod request;

use std::path::{Path, PathBuf};

use hf_hub::api::RepoInfo;
use hf_hub::api::sync::Api;
use hf_hub::{Repo, RepoType};

pub use error::HubError;

use cache::CachedModel;
use error::Result;
use id::ModelId;
use request::{Hub, Request};

/// The directory of `model`: itself where it is one, else the model of that name on the Hugging
/// Face Hub, downloaded if need be.
///
/// A name on the Hub is `owner/name` or `owner/name@revision`, with a branch, tag or commit.
/// Everything else is a path, and so is `owner/name` where a folder `owner` is here: with a
/// revision, such as `owner/name@main`, it is a name nevertheless. No Hub is asked about a path.
///
/// # Errors
/// There is neither such a directory nor such a model, or the model can't be downloaded.
pub fn resolve(model: &str) -> Result<PathBuf> {
    find(model, Needs::Nothing)
}

/// [`resolve`] of a SPLADE model whose pooling nobody but its own files can say: a repository that
/// does not is not downloaded.
///
/// # Errors
/// As those of [`resolve`], and a model on the Hub that does not say how it pools.
pub fn resolve_with_pooling(model: &str) -> Result<PathBuf> {
    find(model, Needs::Pooling)
}

/// The directory of `model` where it is on this machine already: itself, or complete in the cache
/// of the Hub's models. No Hub is asked.
pub fn find_here(model: &str) -> Option<PathBuf> {
    match Place::of(model) {
        Ok(Place::Directory(path)) => Some(path),
        Ok(Place::Hub(id)) => CachedModel::new(&Hub::from_env().ok()?.cache, &id).complete(),
        Err(_) => None,
    }
}

/// Where a model is, by its name alone.
enum Place {
    Directory(PathBuf),
    Hub(ModelId),
}

impl Place {
    fn of(model: &str) -> Result<Self> {
        let path = Path::new(model);
        if path.is_dir() {
            return Ok(Self::Directory(path.to_owned()));
        }
        let id = ModelId::parse(model).filter(|_| !path.exists());
        let id = id.ok_or_else(|| HubError::NoDirectory { model: model.to_owned() })?;
        match model.split_once('/') {
            Some((folder, rest)) if !rest.contains('@') && Path::new(folder).is_dir() => {
                Err(HubError::NoDirectoryIn { model: model.to_owned(), folder: folder.to_owned() })
            }
            _ => Ok(Self::Hub(id)),
        }
    }
}

/// What a repository must say before it is downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Nothing,
    Pooling,
}

fn find(model: &str, needs: Needs) -> Result<PathBuf> {
    match Place::of(model)? {
        Place::Directory(path) => Ok(path),
        Place::Hub(id) => Hub::from_env()?.snapshot(&id, needs),
    }
}

impl Hub {
    /// The model's files on this machine, at one commit.
    fn snapshot(&self, id: &ModelId, needs: Needs) -> Result<PathBuf> {
        let cached = CachedModel::new(&self.cache, id);
        if let Some(snapshot) = cached.complete() {
            return Ok(snapshot);
        }
        if self.offline {
            return cached.usable().ok_or_else(|| HubError::Offline { model: id.to_string() });
        }
        match self.download(id, &cached, needs) {
            Err(error @ HubError::Unreachable { .. }) => match cached.usable() {
                Some(snapshot) => {
                    tracing::warn!(
                        "{error}; using the files that are in the cache, {}",
                        snapshot.display()
                    );
                    Ok(snapshot)
                }
                None => Err(error),
            },
            result => result,
        }
    }

    fn download(&self, id: &ModelId, cached: &CachedModel, needs: Needs) -> Result<PathBuf> {
        tracing::info!(
            "there is no directory {id} here; downloading {id} from {} into {}",
            self.endpoint,
            self.cache.path().display()
        );
        let request = Request { hub: self, id };
        let api = request.api()?;
        let info = request.info(&api)?;
        if needs == Needs::Pooling
            && !info.siblings.iter().any(|file| file.rfilename == paths::MODULES)
        {
            let (model, endpoint) = (id.to_string(), self.endpoint.clone());
            return Err(HubError::PoolingUnknown { model, endpoint });
        }
        let snapshot = cached
            .snapshot(&info.sha)
            .ok_or_else(|| request.strange("a commit that is no hash"))?;
        let files =
            Download { request: &request, api: &api, info: &info, snapshot: &snapshot }.run()?;
        cached.mark_complete(&info.sha, &files)?;
        Ok(snapshot)
    }
}

/// The files of one commit on their way into the cache.
struct Download<'a> {
    request: &'a Request<'a>,
    api: &'a Api,
    info: &'a RepoInfo,
    snapshot: &'a Path,
}

impl Download<'_> {
    /// Fetches every file that the model consists of, and says which.
    fn run(&self) -> Result<Vec<String>> {
        let available: Vec<&str> =
            self.info.siblings.iter().map(|file| file.rfilename.as_str()).collect();
        let mut fetched = Vec::new();
        for folder in self.folders(&available)? {
            for file in paths::wanted(&available, &folder) {
                self.fetch(&file)?;
                fetched.push(file);
            }
        }
        if !fetched.iter().any(|file| paths::is_weights(file)) {
            let (model, endpoint) =
                (self.request.id.to_string(), self.request.hub.endpoint.clone());
            return Err(HubError::NoModel { model, endpoint });
        }
        Ok(fetched)
    }

    /// The folders that belong to the model: the root, and those that sentence-transformers' files
    /// name.
    fn folders(&self, available: &[&str]) -> Result<Vec<String>> {
        let mut folders = vec![String::new()];
        if available.contains(&paths::MODULES) {
            folders.extend(paths::module_folders(&self.read(paths::MODULES)?));
        }
        for folder in folders.clone() {
            let router = paths::join(&folder, paths::ROUTER);
            if available.contains(&router.as_str()) {
                folders.extend(paths::route_folders(&folder, &self.read(&router)?));
            }
        }
        folders.sort();
        folders.dedup();
        Ok(folders)
    }

    fn read(&self, file: &str) -> Result<Vec<u8>> {
        self.fetch(file)?;
        let path = self.snapshot.join(file);
        std::fs::read(&path).map_err(|source| HubError::Cache { path, source })
    }

    /// Brings one file into the cache, unless an earlier download, perhaps a broken-off one, did.
    fn fetch(&self, file: &str) -> Result<()> {
        if self.snapshot.join(file).exists() {
            return Ok(());
        }
        let id = self.request.id.name().to_owned();
        let repo = self.api.repo(Repo::with_revision(id, RepoType::Model, self.info.sha.clone()));
        repo.download(file).map(drop).map_err(|error| self.request.failed(error))
    }
}
