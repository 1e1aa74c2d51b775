//! What the server counts, for Prometheus.

use std::borrow::Cow;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// The content type of what [`Metrics::render`] writes.
pub(crate) const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// A request's labels. Routes are those of the router, methods and statuses those of HTTP: a client
/// makes no new ones.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: Cow<'static, str>,
    status: u16,
}

/// The stages of a search.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub(crate) enum Stage {
    /// Waiting for the model's vector.
    Encode,
    /// Waiting for a thread.
    Queue,
    /// Searching and reading what is shown of the hits.
    Search,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StageLabels {
    stage: Stage,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct IndexLabels {
    index: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct AnswerLabels {
    index: String,
    exact: bool,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// All that is counted.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Histogram,
    stages: Histograms<StageLabels>,
    answers: Family<AnswerLabels, Counter>,
    postings: Family<IndexLabels, Counter>,
    rejected: Family<ReasonLabels, Counter>,
    generation: Family<IndexLabels, Gauge>,
    documents: Family<IndexLabels, Gauge>,
    encoder_batch: Histogram,
    changes: Family<IndexLabels, Counter>,
    reload_failures: Family<IndexLabels, Counter>,
    connections: Gauge,
}

/// From 50 µs to about 13 s.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(50e-6, 2.0, 19))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("spork");
        let metrics = Self {
            requests: Family::default(),
            request_seconds: seconds(),
            stages: Family::new_with_constructor(seconds),
            answers: Family::default(),
            postings: Family::default(),
            rejected: Family::default(),
            generation: Family::default(),
            documents: Family::default(),
            encoder_batch: Histogram::new(exponential_buckets(1.0, 2.0, 6)),
            changes: Family::default(),
            reload_failures: Family::default(),
            connections: Gauge::default(),
            registry: Registry::default(),
        };
        metrics.register(&mut registry);
        Self { registry, ..metrics }
    }
}

impl Metrics {
    fn register(&self, registry: &mut Registry) {
        registry.register("requests", "Requests answered", self.requests.clone());
        let time = "Time from a request's head to its answer";
        registry.register_with_unit("request", time, Unit::Seconds, self.request_seconds.clone());
        let stages = "Time of the stages of searches";
        registry.register_with_unit("stage", stages, Unit::Seconds, self.stages.clone());
        registry.register("answers", "Answers, by whether they are exact", self.answers.clone());
        registry.register("postings", "Postings scored", self.postings.clone());
        registry.register("rejected", "Requests refused for load", self.rejected.clone());
        let generation = "The generation that is served";
        registry.register("index_generation", generation, self.generation.clone());
        registry.register("index_documents", "Living documents", self.documents.clone());
        let texts = "Texts that were encoded together";
        registry.register("encoder_batch_texts", texts, self.encoder_batch.clone());
        registry.register("changes", "Changes that were published", self.changes.clone());
        let failures = "Generations that were refused";
        registry.register("reload_failures", failures, self.reload_failures.clone());
        registry.register("connections", "Open connections", self.connections.clone());
    }

    /// All of it as Prometheus reads it.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        // A string takes everything.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        text
    }

    pub(crate) fn request(
        &self,
        method: &'static str,
        route: Cow<'static, str>,
        status: u16,
        took: Duration,
    ) {
        self.requests.get_or_create(&RequestLabels { method, route, status }).inc();
        self.request_seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn stage(&self, stage: Stage, took: Duration) {
        self.stages.get_or_create(&StageLabels { stage }).observe(took.as_secs_f64());
    }

    pub(crate) fn answer(&self, index: &str, exact: bool, postings: u64) {
        let index = index.to_owned();
        self.postings.get_or_create(&IndexLabels { index: index.clone() }).inc_by(postings);
        self.answers.get_or_create(&AnswerLabels { index, exact }).inc();
    }

    pub(crate) fn rejected(&self, reason: &'static str) {
        self.rejected.get_or_create(&ReasonLabels { reason }).inc();
    }

    pub(crate) fn opened(&self, index: &str, generation: u64, documents: usize) {
        let labels = IndexLabels { index: index.to_owned() };
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.generation.get_or_create(&labels).set(number(generation));
        self.documents.get_or_create(&labels).set(number(documents as u64));
    }

    pub(crate) fn changed(&self, index: &str) {
        self.changes.get_or_create(&IndexLabels { index: index.to_owned() }).inc();
    }

    pub(crate) fn reload_failed(&self, index: &str) {
        self.reload_failures.get_or_create(&IndexLabels { index: index.to_owned() }).inc();
    }

    pub(crate) fn encoded(&self, texts: usize) {
        self.encoder_batch.observe(texts as f64);
    }

    /// The number of open connections.
    pub(crate) fn connections(&self) -> &Gauge {
        &self.connections
    }
}
