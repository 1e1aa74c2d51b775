//! Why a model has no directory, in one sentence each, with the way out.

use std::io;
use std::path::PathBuf;

/// Why a model's name can't be turned into a directory.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// A path that leads nowhere.
    #[error(
        "no such directory: {model:?}; expected the directory of a model, or its name on the \
         Hugging Face Hub (owner/name)"
    )]
    NoDirectory {
        /// The path or name that the caller gave.
        model: String,
    },
    /// A path into a folder that is there.
    #[error(
        "no such directory: {model:?}, while {folder:?} is a folder here, so that no Hub is asked; \
         check the path, or give {model}@main for the model of that name on the Hugging Face Hub"
    )]
    NoDirectoryIn {
        /// The path that the caller gave.
        model: String,
        /// Its first part.
        folder: String,
    },
    /// The Hub has no such model, or hides it.
    #[error(
        "{model}: no such directory here, and no such model or revision at {endpoint}; check the \
         path or name, and set HF_TOKEN if the model is private"
    )]
    NotFound {
        /// The model's name.
        model: String,
        /// The Hub that was asked.
        endpoint: String,
    },
    /// The Hub has the model but doesn't give it to just anyone.
    #[error(
        "{model}: no such directory here, and {endpoint} refuses access (status {status}): the \
         model is gated, private or misspelt; accept its terms on its page there, and set HF_TOKEN to an access token of your \
         account"
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
        "{model}: the repository at {endpoint} has neither model.safetensors nor \
         pytorch_model.bin; convert the model with transformers' save_pretrained, and give that \
         directory"
    )]
    NoModel {
        /// The model's name.
        model: String,
        /// The Hub that was asked.
        endpoint: String,
    },
    /// A repository that does not say how its model pools, and nobody else does. Nothing was
    /// downloaded.
    #[error(
        "{model}: the repository at {endpoint} has no modules.json, so that it does not say how \
         the model pools; give --pooling max (SPLADE v2, ++, v3) or sum (first SPLADE)"
    )]
    PoolingUnknown {
        /// The model's name.
        model: String,
        /// The Hub that was asked.
        endpoint: String,
    },
    /// Downloads are switched off.
    #[error(
        "{model}: neither a directory nor complete in the cache, and HF_HUB_OFFLINE forbids a \
         download; download the model elsewhere and give its directory, or unset HF_HUB_OFFLINE"
    )]
    Offline {
        /// The model's name.
        model: String,
    },
    /// Nobody answers.
    #[error(
        "{model}: no such directory here, and it can't be downloaded, as {endpoint} can't be \
         reached ({reason}); check the path, download the model elsewhere and give its directory, \
         or set HF_ENDPOINT to a mirror that you can reach"
    )]
    Unreachable {
        /// The model's name.
        model: String,
        /// The Hub that was asked.
        endpoint: String,
        /// The cause.
        reason: String,
    },
    /// Somebody answers, but not as a Hub does.
    #[error(
        "{model}: unexpected answer from {endpoint}: {what}; try again later, check HF_ENDPOINT, \
         or download the model elsewhere and give its directory"
    )]
    Answer {
        /// The model's name.
        model: String,
        /// The Hub that was asked.
        endpoint: String,
        /// The fault of the answer.
        what: String,
    },
    /// Another process is downloading the model.
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
        /// The system's error.
        source: io::Error,
    },
    /// There is no place for a cache.
    #[error(
        "there is no home directory for downloaded models; set HF_HOME to a folder that can be \
         written"
    )]
    NoHome,
}

pub(super) type Result<T> = std::result::Result<T, HubError>;
