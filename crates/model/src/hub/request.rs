//! A Hub, what is asked of it, and what its errors mean.

use std::env;
use std::io;
use std::path::PathBuf;

use hf_hub::api::RepoInfo;
use hf_hub::api::sync::{Api, ApiBuilder, ApiError};
use hf_hub::{Cache, Repo, RepoType};

use super::error::{HubError, Result};
use super::id::ModelId;

const PUBLIC_HUB: &str = "https://huggingface.co";
/// How often a download is taken up again where it broke off.
const RETRIES: usize = 2;

/// A Hub and the cache for it.
pub(super) struct Hub {
    pub(super) endpoint: String,
    pub(super) cache: Cache,
    token: Option<String>,
    pub(super) offline: bool,
}

impl Hub {
    pub(super) fn from_env() -> Result<Self> {
        let home = variable("HF_HOME").map(PathBuf::from);
        let home = home.or_else(|| env::home_dir().map(|home| home.join(".cache/huggingface")));
        let cache = Cache::new(home.ok_or(HubError::NoHome)?.join("hub"));
        let endpoint = variable("HF_ENDPOINT").unwrap_or_else(|| PUBLIC_HUB.to_owned());
        let yes = ["1", "ON", "YES", "TRUE"];
        Ok(Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token: variable("HF_TOKEN").or_else(|| cache.token()),
            offline: variable("HF_HUB_OFFLINE")
                .is_some_and(|value| yes.contains(&value.to_uppercase().as_str())),
            cache,
        })
    }
}

/// The value of an environment variable; an empty one counts as none.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// What is asked for, and of whom: all that an error message needs.
pub(super) struct Request<'a> {
    pub(super) hub: &'a Hub,
    pub(super) id: &'a ModelId,
}

impl Request<'_> {
    pub(super) fn api(&self) -> Result<Api> {
        let builder = ApiBuilder::from_cache(self.hub.cache.clone())
            .with_endpoint(self.hub.endpoint.clone())
            .with_token(self.hub.token.clone())
            .with_user_agent("spork", env!("CARGO_PKG_VERSION"))
            .with_retries(RETRIES);
        builder.build().map_err(|error| self.failed(error))
    }

    /// Which files the repository has, and at which commit it is.
    pub(super) fn info(&self, api: &Api) -> Result<RepoInfo> {
        let repo = Repo::with_revision(
            self.id.name().to_owned(),
            RepoType::Model,
            self.id.revision().to_owned(),
        );
        api.repo(repo).info().map_err(|error| self.failed(error))
    }
}

impl Request<'_> {
    /// What an error of the Hub's client means for the user.
    pub(super) fn failed(&self, error: ApiError) -> HubError {
        match error {
            ApiError::RequestError(error) => {
                let reason = error.to_string();
                match error.into_response().map(|response| response.status()) {
                    Some(status) => self.status(status),
                    None => self.unreachable(reason),
                }
            }
            ApiError::TooManyRetries(error) => self.failed(*error),
            ApiError::IoError(error) => self.broken(error),
            ApiError::LockAcquisition(lock) => HubError::Busy { model: self.id.to_string(), lock },
            ApiError::InvalidResume => HubError::Cache {
                path: self.hub.cache.path().clone(),
                source: io::Error::new(
                    io::ErrorKind::InvalidData,
                    "an interrupted download there (*.part) is damaged; delete it",
                ),
            },
            other => self.strange(&other.to_string()),
        }
    }

    /// The Hub answers, but not as it should.
    pub(super) fn strange(&self, what: &str) -> HubError {
        let (model, endpoint) = (self.id.to_string(), self.hub.endpoint.clone());
        HubError::Answer { model, endpoint, what: what.to_owned() }
    }

    fn status(&self, status: u16) -> HubError {
        let (model, endpoint) = (self.id.to_string(), self.hub.endpoint.clone());
        match status {
            404 => HubError::NotFound { model, endpoint },
            // The Hub also answers so for a model that isn't there, unless one is logged in.
            401 | 403 => HubError::Refused { model, endpoint, status },
            _ => self.strange(&format!("status {status}")),
        }
    }

    fn unreachable(&self, reason: String) -> HubError {
        let (model, endpoint) = (self.id.to_string(), self.hub.endpoint.clone());
        HubError::Unreachable { model, endpoint, reason }
    }

    /// Reading from the network and writing to the cache fail alike; the kind of failure tells
    /// which it was.
    fn broken(&self, error: io::Error) -> HubError {
        use io::ErrorKind::{
            NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem,
            StorageFull,
        };
        match error.kind() {
            NotADirectory | NotFound | PermissionDenied | QuotaExceeded | ReadOnlyFilesystem
            | StorageFull => HubError::Cache { path: self.hub.cache.path().clone(), source: error },
            io::ErrorKind::InvalidData => self.strange(&error.to_string()),
            _ => self.unreachable(error.to_string()),
        }
    }
}
