//! The thread that changes an index: changes that arrive together become one generation.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use serde::Serialize;
use spork_search::{MergeReport, change};
use tokio::sync::oneshot;
use utoipa::ToSchema;

use crate::api_error::ApiError;
use crate::documents::{NewDocument, files};
use crate::live_index::LiveIndex;
use crate::metrics::Metrics;
use crate::start_error::StartError;

/// Changes that wait at most.
const WAITING: usize = 16;
/// Documents that become one segment at most.
const TOGETHER: usize = 20_000;
/// Without a change for so long, segments that are due are merged.
const IDLE: Duration = Duration::from_millis(200);
/// Bytes of memory that a change may take.
const MEMORY: u64 = 1 << 30;

/// A change of an index.
#[derive(Debug)]
pub(crate) enum WriteRequest {
    /// Documents to be added, in place of those of the same ids if `update`.
    Add { documents: Vec<NewDocument>, update: bool },
    /// Documents to be deleted.
    Delete { ids: Vec<String>, ignore_missing: bool, purge: bool },
    /// The documents that a filter keeps, to be deleted.
    DeleteWhere { filter: String, purge: bool },
    /// All segments to become one.
    Merge,
}

/// What became of a change. It is synced, and visible to every search that begins from now on.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct WriteResponse {
    /// The index, by its own name
    pub(crate) index: String,
    /// The generation that has the change
    pub(crate) generation: u64,
    /// Documents that were added, those that replace others included
    pub(crate) added: usize,
    /// Documents that were deleted
    pub(crate) deleted: usize,
    /// Ids to be deleted that were not there
    pub(crate) missing: usize,
    /// Documents of the index now
    pub(crate) documents: usize,
    /// Its segments now
    pub(crate) segments: usize,
}

/// Hands changes to the thread.
pub(crate) struct Writer {
    jobs: SyncSender<Job>,
}

struct Job {
    request: WriteRequest,
    reply: oneshot::Sender<Result<WriteResponse, ApiError>>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives none.
    pub(crate) fn start(live: Arc<LiveIndex>, metrics: Arc<Metrics>) -> Result<Self, StartError> {
        let (jobs, arriving) = sync_channel(WAITING);
        let worker = Worker { live, metrics, kept: VecDeque::new() };
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || worker.run(&arriving))
            .map_err(|error| StartError::System {
                what: "starting a writer's thread",
                reason: error.to_string(),
            })?;
        Ok(Self { jobs })
    }

    /// Makes a change, and waits until it is published.
    ///
    /// # Errors
    /// Too many changes wait; another process is changing the index; the change is refused.
    pub(crate) async fn write(&self, request: WriteRequest) -> Result<WriteResponse, ApiError> {
        let (reply, done) = oneshot::channel();
        self.jobs.try_send(Job { request, reply }).map_err(|error| match error {
            TrySendError::Full(_) => {
                ApiError::overloaded(&format!("{WAITING} changes of this index wait"), 1)
            }
            TrySendError::Disconnected(_) => ApiError::internal(),
        })?;
        done.await.map_err(|_| ApiError::internal())?
    }
}

/// The thread's side.
struct Worker {
    live: Arc<LiveIndex>,
    metrics: Arc<Metrics>,
    /// Changes that arrived, and could not go with those before them.
    kept: VecDeque<Job>,
}

impl Worker {
    fn run(mut self, arriving: &Receiver<Job>) {
        let mut changed = false;
        loop {
            let next = match self.kept.pop_front() {
                Some(job) => Ok(job),
                None if changed => arriving.recv_timeout(IDLE),
                None => arriving.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match next {
                Ok(job) => {
                    let group = self.group(job, arriving);
                    self.commit(group);
                    changed = true;
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.merge_where_due();
                    changed = false;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// The job, and those after it that can be made with it: additions of other documents.
    fn group(&mut self, first: Job, arriving: &Receiver<Job>) -> Vec<Job> {
        let WriteRequest::Add { documents, update } = &first.request else { return vec![first] };
        let (update, mut count) = (*update, documents.len());
        let mut ids: HashSet<String> = documents.iter().map(|new| new.id.clone()).collect();
        let mut group = vec![first];
        while let Ok(next) = arriving.try_recv() {
            let fits = match &next.request {
                WriteRequest::Add { documents, update: as_update } => {
                    count += documents.len();
                    *as_update == update
                        && count <= TOGETHER
                        && documents.iter().all(|new| ids.insert(new.id.clone()))
                }
                _ => false,
            };
            if !fits {
                self.kept.push_back(next);
                break;
            }
            group.push(next);
        }
        group
    }

    /// Makes the changes of a group. If they fail together, each is tried by itself, so that none
    /// is refused for the fault of another.
    fn commit(&self, mut group: Vec<Job>) {
        if group.len() > 1 {
            let requests: Vec<&WriteRequest> = group.iter().map(|job| &job.request).collect();
            if let Ok(response) = self.add(&requests) {
                for Job { request, reply } in group {
                    let added = match &request {
                        WriteRequest::Add { documents, .. } => documents.len(),
                        _ => 0,
                    };
                    let _ = reply.send(Ok(WriteResponse { added, ..response.clone() }));
                }
                return;
            }
        }
        for Job { request, reply } in group.drain(..) {
            let _ = reply.send(self.make(&request));
        }
    }

    fn make(&self, request: &WriteRequest) -> Result<WriteResponse, ApiError> {
        let made = match request {
            WriteRequest::Add { .. } => self.add(&[request]),
            WriteRequest::Delete { ids, ignore_missing, purge } => {
                let change = self.change().ignore_missing(*ignore_missing).purge(*purge);
                let report = change.delete(ids).map(|changed| changed.report);
                report.map(|report| self.deleted(&report))
            }
            WriteRequest::DeleteWhere { filter, purge } => {
                let report = self.change().purge(*purge).delete_where(filter);
                report.map(|changed| self.deleted(&changed.report))
            }
            WriteRequest::Merge => {
                self.change().merge().map(|MergeReport { .. }| WriteResponse::default())
            }
        };
        let made = made.and_then(|response| self.publish(response));
        made.map_err(|error| self.live.error(&error))
    }

    fn change(&self) -> spork_search::Change<'static> {
        // One thread: the others search.
        change(&self.live.folder).merge_due(false).memory(MEMORY).threads(1)
    }

    /// Adds the documents of several requests as one change, and publishes it.
    fn add(&self, requests: &[&WriteRequest]) -> spork_search::Result<WriteResponse> {
        let (mut all, mut replaces) = (Vec::new(), false);
        for request in requests {
            if let WriteRequest::Add { documents, update } = request {
                all.extend(documents);
                replaces = *update;
            }
        }
        let files = files(&self.live.current().index, &all)?;
        self.change().update(replaces).documents(files)?;
        self.publish(WriteResponse { added: all.len(), ..WriteResponse::default() })
    }

    fn deleted(&self, report: &spork_search::DeleteReport) -> WriteResponse {
        let (deleted, missing) = (report.deleted, report.missing);
        WriteResponse { deleted, missing, ..WriteResponse::default() }
    }

    /// Lets searches see the change.
    fn publish(&self, response: WriteResponse) -> spork_search::Result<WriteResponse> {
        if self.live.refresh(false)? {
            self.metrics.changed(&self.live.name);
        }
        let current = self.live.current();
        Ok(WriteResponse {
            index: self.live.name.clone(),
            generation: current.index.generation(),
            documents: current.index.len(),
            segments: current.index.inner().segments().len(),
            ..response
        })
    }

    /// Merges what is due, after those who changed something have heard of it.
    fn merge_where_due(&self) {
        if self.change().merge_due(true).merge_where_due().is_some() {
            // Why it is refused is in the log.
            let _ = self.live.refresh(false);
        }
    }
}
