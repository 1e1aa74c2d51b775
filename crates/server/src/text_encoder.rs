//! The thread on which a model encodes the texts of all requests, several at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use spork_search::{EncodeOptions, Kind, Model, SparseVector};
use tokio::sync::oneshot;

use crate::api_error::ApiError;
use crate::metrics::Metrics;
use crate::start_error::StartError;

/// Texts that go through the network together at most.
const TOGETHER: usize = 32;
/// Nanoseconds a text before anything is known.
const FIRST: u64 = 2_000_000;
/// Batches that the mean is over.
const MEAN_OVER: u64 = 8;

/// A model and its thread. Texts that arrive while it is busy are encoded together when it is free:
/// so none waits for others that might come, and under load batches grow by themselves.
pub(crate) struct TextEncoder {
    model: Arc<Model>,
    texts: Sender<Waiting>,
    load: Arc<Load>,
    longest: Duration,
}

/// What a model has to do.
#[derive(Default)]
struct Load {
    /// Texts that wait or are being encoded.
    texts: AtomicU64,
    /// Nanoseconds a text, as seen; 0 at first.
    nanos: AtomicU64,
}

struct Waiting {
    kind: Kind,
    text: String,
    reply: oneshot::Sender<Result<SparseVector, String>>,
    counted: Counted,
}

/// Counts a text while it is there.
struct Counted(Arc<Load>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.texts.fetch_sub(1, Ordering::Relaxed);
    }
}

impl TextEncoder {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives none.
    pub(crate) fn start(
        model: Arc<Model>,
        longest: Duration,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StartError> {
        let (texts, waiting) = channel();
        let load = Arc::new(Load::default());
        let (encoding, of_thread) = (model.clone(), load.clone());
        std::thread::Builder::new()
            .name("encoder".to_owned())
            .spawn(move || work(&encoding, &waiting, &of_thread, &metrics))
            .map_err(|error| StartError::System {
                what: "starting the encoder's thread",
                reason: error.to_string(),
            })?;
        Ok(Self { model, texts, load, longest })
    }

    /// The model.
    pub(crate) fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// The vectors of texts, in their order.
    ///
    /// # Errors
    /// They would wait for longer than half of what is `left` until their deadline, the other half
    /// being for the search, or than any text may; or one can't be encoded.
    pub(crate) async fn encode(
        &self,
        kind: Kind,
        texts: &[&str],
        left: Option<Duration>,
    ) -> Result<Vec<SparseVector>, ApiError> {
        let most = left.map_or(self.longest, |left| self.longest.min(left / 2));
        let wait = self.load.wait();
        if wait > most {
            return Err(ApiError::waiting("a text", wait, most));
        }
        // All are handed over before the first is waited for, so that they are encoded together.
        let mut vectors = Vec::with_capacity(texts.len());
        for text in texts {
            let (reply, vector) = oneshot::channel();
            self.load.texts.fetch_add(1, Ordering::Relaxed);
            let counted = Counted(self.load.clone());
            let waiting = Waiting { kind, text: (*text).to_owned(), reply, counted };
            self.texts.send(waiting).map_err(|_| ApiError::internal())?;
            vectors.push(vector);
        }
        let mut encoded = Vec::with_capacity(texts.len());
        for (place, vector) in vectors.into_iter().enumerate() {
            let vector = vector.await.map_err(|_| ApiError::internal())?;
            encoded.push(
                vector
                    .map_err(|message| ApiError::bad(message).at(format!("text {}", place + 1)))?,
            );
        }
        Ok(encoded)
    }
}

impl Load {
    fn wait(&self) -> Duration {
        let nanos = match self.nanos.load(Ordering::Relaxed) {
            0 => FIRST,
            nanos => nanos,
        };
        Duration::from_nanos(self.texts.load(Ordering::Relaxed).saturating_mul(nanos))
    }

    fn learn(&self, texts: usize, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX) / texts.max(1) as u64;
        let mean = match self.nanos.load(Ordering::Relaxed) {
            0 => nanos,
            known => (known * (MEAN_OVER - 1) + nanos) / MEAN_OVER,
        };
        self.nanos.store(mean.max(1), Ordering::Relaxed);
    }
}

/// Encodes until no text can come any more.
fn work(model: &Model, waiting: &Receiver<Waiting>, load: &Load, metrics: &Metrics) {
    let mut kept = None;
    while let Some(first) = kept.take().or_else(|| waiting.recv().ok()) {
        let kind = first.kind;
        let mut batch = vec![first];
        while batch.len() < TOGETHER
            && let Ok(next) = waiting.try_recv()
        {
            if next.kind != kind {
                kept = Some(next);
                break;
            }
            batch.push(next);
        }
        // Nobody waits for them any more.
        batch.retain(|waiting| !waiting.reply.is_closed());
        if !batch.is_empty() {
            encode(model, kind, batch, load, metrics);
        }
    }
}

fn encode(model: &Model, kind: Kind, batch: Vec<Waiting>, load: &Load, metrics: &Metrics) {
    let start = Instant::now();
    let texts: Vec<&str> = batch.iter().map(|waiting| waiting.text.as_str()).collect();
    let options = EncodeOptions::default();
    let encoded = catch_unwind(AssertUnwindSafe(|| model.encode(kind, &texts, &options)));
    load.learn(texts.len(), start.elapsed());
    metrics.encoded(texts.len());
    match encoded {
        Ok(Ok(vectors)) => {
            for (Waiting { reply, counted, .. }, vector) in batch.into_iter().zip(vectors) {
                drop(counted);
                let _ = reply.send(Ok(vector));
            }
        }
        // One text at fault must not spoil the others.
        _ if batch.len() > 1 => {
            for waiting in batch {
                encode(model, kind, vec![waiting], load, metrics);
            }
        }
        Ok(Err(error)) => {
            let replies = batch.into_iter().map(|waiting| waiting.reply);
            replies.for_each(|reply| drop(reply.send(Err(error.to_string()))));
        }
        // The log tells of the panic; whoever waits hears that the sender is gone.
        Err(_) => {}
    }
}
