//! What all requests share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::access::Access;
use crate::catalog::Catalog;
use crate::metrics::Metrics;
use crate::search_pool::SearchPool;
use crate::settings::{RequestLimits, Served};
use crate::start_error::StartError;

/// What searches need.
pub(crate) struct Engine {
    pub(crate) catalog: Catalog,
    pub(crate) pool: SearchPool,
    pub(crate) limits: RequestLimits,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) log_queries: bool,
}

impl Engine {
    /// Opens indexes and models, and starts the threads.
    ///
    /// # Errors
    /// As [`Catalog::open`], or the system gives no threads.
    pub(crate) fn start(served: &Served) -> Result<Self, StartError> {
        let metrics = Arc::new(Metrics::default());
        Ok(Self {
            catalog: Catalog::open(served, &metrics)?,
            pool: SearchPool::new(served.threads, served.limits.queue)?,
            limits: served.limits.clone(),
            metrics,
            log_queries: served.log_queries,
        })
    }
}

/// What requests by HTTP need beside.
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) access: Access,
    /// The address, with the port that it got.
    pub(crate) listen: SocketAddr,
    pub(crate) log_requests: bool,
    ending: AtomicBool,
}

impl App {
    pub(crate) fn new(
        engine: Engine,
        access: Access,
        listen: SocketAddr,
        log_requests: bool,
    ) -> Self {
        Self { engine, access, listen, log_requests, ending: AtomicBool::new(false) }
    }

    /// Whether the server takes no new requests any more.
    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    pub(crate) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }
}
