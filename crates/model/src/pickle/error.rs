//! What can be wrong with a checkpoint, each with the way out.

/// Why a PyTorch checkpoint can't be read. The file's path is for the caller to add.
#[derive(Debug, thiserror::Error)]
pub enum PickleError {
    /// The operating system's word.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Some other kind of file.
    #[error(
        "no PyTorch checkpoint: expected a zip archive or a pickle, the file starts with \
         \"{start}\"; download it again"
    )]
    NotACheckpoint {
        /// Its first bytes, escaped.
        start: String,
    },
    /// The pointer that stands for a large file in a Git repository.
    #[error(
        "a Git LFS pointer, not the checkpoint itself; run `git lfs pull`, or download the file"
    )]
    LfsPointer,
    /// A call or a class that a state dict has no need for.
    #[error(
        "the checkpoint refers to the Python object {module}.{name}, and Spork runs no code of a \
         checkpoint; load it with PyTorch where you trust it, and save its state dict as \
         model.safetensors"
    )]
    Global {
        /// The Python module.
        module: String,
        /// The name in it.
        name: String,
    },
    /// An operation that a state dict has no need for.
    #[error(
        "the checkpoint's pickle uses the operation 0x{opcode:02x} (at byte {offset}), which no \
         plain state dict does; load it with PyTorch where you trust it, and save its state dict \
         as model.safetensors"
    )]
    Operation {
        /// The operation's code.
        opcode: u8,
        /// Where in the pickle.
        offset: u64,
    },
    /// Something that PyTorch writes but that has no place in a state dict read here.
    #[error(
        "{what} can't be read; load the checkpoint with PyTorch, and save its state dict as \
         model.safetensors"
    )]
    Unsupported {
        /// What it is.
        what: &'static str,
    },
    /// The file ends too early.
    #[error("the file ends within {within}: it is cut off; download it again")]
    Truncated {
        /// What was being read.
        within: &'static str,
    },
    /// Bytes that no program writes.
    #[error("damaged at byte {offset} of its pickle: {what}; download the file again")]
    Damaged {
        /// Where in the pickle.
        offset: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// An archive that can't be read as one.
    #[error("damaged zip archive: {what}; download the file again")]
    Archive {
        /// What is wrong with it.
        what: String,
    },
    /// The values that a tensor views are not there, or not as many as announced.
    #[error(
        "damaged: storage {key:?} should hold {expected} bytes, got {got}; download the file again"
    )]
    Storage {
        /// The storage's key.
        key: String,
        /// The bytes announced.
        expected: u64,
        /// The bytes there.
        got: u64,
    },
    /// A tensor that reaches outside its values.
    #[error("damaged: tensor {name:?} {what}; download the file again")]
    Tensor {
        /// Its key in the state dict.
        name: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// More than any checkpoint needs: a pickle of many megabytes, tensors that view the same
    /// values over and over.
    #[error(
        "{what}, more than a checkpoint of {length} bytes has use for; save its state dict as \
         model.safetensors"
    )]
    Excess {
        /// What there is too much of.
        what: &'static str,
        /// The file's length.
        length: u64,
    },
    /// A pickle without tensors.
    #[error(
        "no tensors found: expected a state dict, by itself or under \"state_dict\" or \"model\", \
         got {got}"
    )]
    NoTensors {
        /// What the pickle holds instead.
        got: &'static str,
    },
}

pub(super) type Result<T> = std::result::Result<T, PickleError>;
