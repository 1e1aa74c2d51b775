//! Why a model has no directory, in one sentence each, with the way out.

use std::io;
use std::path::PathBuf;

use hf_hub::api::sync::ApiError;

use super::Request;

/// What can go wrong between a model's name and its directory.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// A path that leads nowhere.
    #[error(
        "no such directory: {model:?}; expected the directory of a model, or its name on the Hugging Face \
         Hub (owner/name)"
    )]
    NoDirectory {
        /// What was given.
        model: String,
    },
    /// The Hub has no such model, or hides it.
    #[error(
        "{model}: no such model or revision at {endpoint}, and no such directory here; check the name, and \
         set HF_TOKEN if the model is private"
    )]
    NotFound {
        /// The model's name.
        model: String,
        /// The Hub that was asked.
        endpoint: String,
    },
    /// The Hub has the model but doesn't give it to just anyone.
    #[error(
        "{model}: {endpoint} refuses access (status {status}): the model is gated, private or misspelt; \
         accept its terms on its page there, and set HF_TOKEN to an access token of your account"
    )]
    Refused {
        /// The model's name.
        model: String,
        /// The Hub that was asked.
        endpoint: String,
        /// 401 or 403.
        status: u16,
    },
    /// A repository without weights in a format that is read here.
    #[error(
        "{model}: the repository at {endpoint} has neither model.safetensors nor pytorch_model.bin; convert \
         the model with transformers' save_pretrained, and give that directory"
    )]
    NoModel {
        /// The model's name.
        model: String,
        /// The Hub that was asked.
        endpoint: String,
    },
    /// Downloads are switched off.
    #[error(
        "{model}: neither a directory nor complete in the cache, and HF_HUB_OFFLINE forbids a download; \
         download the model elsewhere and give its directory, or unset HF_HUB_OFFLINE"
    )]
    Offline {
        /// The model's name.
        model: String,
    },
    /// Nobody answers.
    #[error(
        "{model}: can't be downloaded, {endpoint} can't be reached ({reason}); download the model elsewhere \
         and give its directory, or set HF_ENDPOINT to a mirror that you can reach"
    )]
    Unreachable {
        /// The model's name.
        model: String,
        /// The Hub that was asked.
        endpoint: String,
        /// What failed.
        reason: String,
    },
    /// Somebody answers, but not as a Hub does.
    #[error(
        "{model}: unexpected answer from {endpoint}: {what}; try again later, check HF_ENDPOINT, or download \
         the model elsewhere and give its directory"
    )]
    Answer {
        /// The model's name.
        model: String,
        /// The Hub that was asked.
        endpoint: String,
        /// What is wrong with the answer.
        what: String,
    },
    /// Another process is at it.
    #[error(
        "{model}: another process is downloading it ({lock} is locked); wait for it and try again",
        lock = lock.display()
    )]
    Busy {
        /// The model's name.
        model: String,
        /// The lock file.
        lock: PathBuf,
    },
    /// The cache can't be read or written.
    #[error(
        "{path}: {source}; make room or set HF_HOME to a folder that can be written",
        path = path.display()
    )]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no place for a cache.
    #[error("there is no home directory for downloaded models; set HF_HOME to a folder that can be written")]
    NoHome,
}

pub(super) type Result<T> = std::result::Result<T, HubError>;

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
                    "a broken-off download there (*.part) is damaged, delete it",
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

    /// Reading from the network and writing to the cache fail alike; the kind of failure tells which it was.
    fn broken(&self, error: io::Error) -> HubError {
        use io::ErrorKind::{
            NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
        };
        match error.kind() {
            NotADirectory | NotFound | PermissionDenied | QuotaExceeded | ReadOnlyFilesystem
            | StorageFull => HubError::Cache { path: self.hub.cache.path().clone(), source: error },
            io::ErrorKind::InvalidData => self.strange(&error.to_string()),
            _ => self.unreachable(error.to_string()),
        }
    }
}
