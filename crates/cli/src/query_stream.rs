//! Queries as they come: all at once from a file, one after the other from a pipe.

use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::vec::IntoIter;

use anyhow::Result;
use spork_files::TopicReader;

use crate::query_batch::BatchQuery;

/// Queries of a batch at most: as many as a model groups by length.
const MOST: usize = 4096;

/// Queries that are not yet encoded.
pub(crate) enum QueryStream {
    /// All that there are.
    All(IntoIter<BatchQuery>),
    /// Topics that somebody may still be writing.
    Pipe {
        topics: Receiver<spork_files::Result<(String, String)>>,
        /// What came after topics that are still to be answered.
        error: Option<spork_files::Error>,
    },
}

impl QueryStream {
    /// Whether the topics of `path` may come one after the other: standard input and pipes.
    pub(crate) fn is_pipe(path: &Path) -> bool {
        path == Path::new("-") || path.metadata().is_ok_and(|meta| !meta.is_file())
    }

    /// Starts reading the topics of a pipe.
    pub(crate) fn of_pipe(path: &Path) -> Self {
        let (send, topics) = sync_channel(MOST);
        let path = path.to_owned();
        // Not waited for: it may itself wait for the pipe.
        thread::spawn(move || {
            let mut reader = match TopicReader::open(&path) {
                Ok(reader) => reader,
                Err(error) => return drop(send.send(Err(error))),
            };
            while let Some(topic) = reader.next_topic().transpose() {
                let stop = topic.is_err();
                if send.send(topic).is_err() || stop {
                    return;
                }
            }
        });
        Self::Pipe { topics, error: None }
    }

    /// Whether answers are waited for while queries may still come.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self, Self::Pipe { .. })
    }

    /// How many queries are to come, where that is known.
    pub(crate) fn len(&self) -> Option<usize> {
        match self {
            Self::All(queries) => Some(queries.len()),
            Self::Pipe { .. } => None,
        }
    }

    /// Leaves out all but one query, of those that are known already.
    pub(crate) fn keep(&mut self, qid: &str) {
        if let Self::All(queries) = self {
            *queries = queries.filter(|query| query.qid == qid).collect::<Vec<_>>().into_iter();
        }
    }

    /// The next queries: of a file as many as suit a model; of a pipe those that are there, at
    /// least one. None at the end.
    ///
    /// # Errors
    /// A line that is no topic; those before it have been handed out.
    pub(crate) fn next_batch(&mut self) -> Result<Vec<BatchQuery>> {
        let (topics, error) = match self {
            Self::All(queries) => return Ok(queries.take(MOST).collect()),
            Self::Pipe { topics, error } => (topics, error),
        };
        if let Some(error) = error.take() {
            return Err(error.into());
        }
        let Ok(first) = topics.recv() else { return Ok(Vec::new()) };
        let query = |(qid, text)| BatchQuery { qid, text: Some(text), vector: Vec::new() };
        let mut queries = vec![query(first?)];
        while queries.len() < MOST && error.is_none() {
            match topics.try_recv() {
                Ok(Ok(topic)) => queries.push(query(topic)),
                Ok(Err(after)) => *error = Some(after),
                Err(_) => break,
            }
        }
        Ok(queries)
    }
}
