//! What a run tells: one record a step, as a line of JSON.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Result, TrainError};

/// What one step showed. What an objective does not have is left out of the JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// From 1.
    pub step: u64,
    /// All in all.
    pub loss: f64,
    /// The mixture of ranking losses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<f64>,
    /// The documents' penalty, without λ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_penalty: Option<f64>,
    /// The queries' penalty, without λ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_penalty: Option<f64>,
    /// The documents' λ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_lambda: Option<f64>,
    /// The queries' λ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_lambda: Option<f64>,
    /// Mean terms of a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_terms: Option<f64>,
    /// Mean terms of a query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_terms: Option<f64>,
    /// Expected FLOPS of a pair of this batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flops: Option<f64>,
    /// Share of texts without any term.
    pub empty_share: f64,
    /// The learning rate.
    pub learning_rate: f64,
    /// The joint norm of all gradients, before clipping.
    pub gradient_norm: f64,
    /// Texts in the step, queries and documents.
    pub texts: usize,
    /// Seconds that it took.
    pub seconds: f64,
    /// The validator's figure, where it was asked after this step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<f64>,
}

/// `train.jsonl`.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: File,
}

impl LogFile {
    /// Opens the log of a run that goes on after `step`: later lines, of steps that will be made again, are dropped.
    pub(crate) fn open(path: &Path, step: u64) -> Result<Self> {
        let kept: Vec<StepRecord> =
            read_log(path)?.into_iter().filter(|record| record.step <= step).collect();
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .open(path)
            .map_err(|source| TrainError::io(path, source))?;
        for record in &kept {
            write(&mut file, path, record)?;
        }
        Ok(Self { path: path.to_owned(), file })
    }

    pub(crate) fn add(&mut self, record: &StepRecord) -> Result<()> {
        write(&mut self.file, &self.path, record)
    }
}

fn write(file: &mut File, path: &Path, record: &StepRecord) -> Result<()> {
    let mut line = serde_json::to_vec(record).map_err(|error| TrainError::io(path, error.into()))?;
    line.push(b'\n');
    file.write_all(&line).map_err(|source| TrainError::io(path, source))
}

/// The records of a log; none where there is no file. A last line that a kill cut off is left out.
///
/// # Errors
/// The file can't be read.
pub fn read_log(path: &Path) -> Result<Vec<StepRecord>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(TrainError::io(path, source)),
    };
    let mut records = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|source| TrainError::io(path, source))?;
        records.extend(serde_json::from_str::<StepRecord>(&line).ok());
    }
    Ok(records)
}
