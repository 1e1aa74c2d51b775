//! Connections: accepted one by one, bounded in number, ended in order.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use crate::patient_stream::PatientStream;

/// How long a client may take to send a request's head, and how long a connection may idle.
const HEAD: Duration = Duration::from_secs(60);
/// How long a client may read nothing of an answer.
const STALLED: Duration = Duration::from_secs(30);
/// How long open requests have once the server is to end.
const DRAIN: Duration = Duration::from_secs(30);
/// Where accepting fails, for want of file descriptors for instance, it is tried again after this.
const RETRY: Duration = Duration::from_millis(50);

/// Serves connections until `end` resolves, then answers what was asked and returns.
pub(crate) async fn listen(
    listener: TcpListener,
    router: Router,
    app: Arc<App>,
    end: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(app.engine.limits.connections));
    let mut end = std::pin::pin!(end);
    loop {
        let next = tokio::select! {
            next = accept(&listener, &places) => next,
            () = &mut end => break,
        };
        let Some((stream, place)) = next else { continue };
        let service = TowerToHyperService::new(router.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .serve_connection(TokioIo::new(PatientStream::new(stream, STALLED)), service);
        let connection = graceful.watch(connection);
        let counted = app.engine.metrics.connections().clone();
        counted.inc();
        tokio::spawn(async move {
            // A client that goes away is no error of ours.
            if let Err(error) = connection.await {
                tracing::debug!("connection: {error}");
            }
            counted.dec();
            drop(place);
        });
    }
    drop(listener);
    app.end();
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still open after {} s", DRAIN.as_secs());
    }
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Answers are written at once; nothing is gained by waiting for more.
            let _ = stream.set_nodelay(true);
            Some((stream, place))
        }
        Err(error) => {
            tracing::warn!("accepting a connection: {error}");
            tokio::time::sleep(RETRY).await;
            None
        }
    }
}
