//! The log of a run: one record a step, as a line of JSON.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Result, TrainError};

/// The figures of a step. Those that an objective does not have are left out of the JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// From 1.
    pub step: u64,
    /// The loss with its penalties.
    pub loss: f64,
    /// The mixture of ranking losses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<f64>,
    /// The same, of queries without a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_ranking: Option<f64>,
    /// Distance of vectors from those of sparse teachers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vectors: Option<f64>,
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
    /// Opens the log of a run that resumes after `step`: later lines, of steps that will be made
    /// again, are dropped.
    pub(crate) fn open(path: &Path, step: u64) -> Result<Self> {
        let failed = |source| TrainError::io(path, source);
        let kept: Vec<String> = lines(path)?
            .into_iter()
            .filter(|(record, _)| record.step <= step)
            .map(|(_, line)| line)
            .collect();
        let mut file = File::create(path).map_err(failed)?;
        for line in kept {
            writeln!(file, "{line}").map_err(failed)?;
        }
        Ok(Self { path: path.to_owned(), file })
    }

    pub(crate) fn add(&mut self, record: &StepRecord) -> Result<()> {
        let line = serde_json::to_string(record)
            .map_err(|error| TrainError::io(&self.path, error.into()))?;
        writeln!(self.file, "{line}").map_err(|source| TrainError::io(&self.path, source))
    }
}

/// The records of a log; none where there is no file. A last line that a kill cut off is left out.
///
/// # Errors
/// The file can't be read.
pub fn read_log(path: &Path) -> Result<Vec<StepRecord>> {
    Ok(lines(path)?.into_iter().map(|(record, _)| record).collect())
}

/// Records, each with its line.
fn lines(path: &Path) -> Result<Vec<(StepRecord, String)>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(TrainError::io(path, source)),
    };
    let mut records = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|source| TrainError::io(path, source))?;
        records.extend(serde_json::from_str::<StepRecord>(&line).ok().map(|record| (record, line)));
    }
    Ok(records)
}
