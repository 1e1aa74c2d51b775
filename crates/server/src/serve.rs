//! A server's life: start, signals, end.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::app::{App, Engine};
use crate::listener::listen;
use crate::routes::router;
use crate::settings::Settings;
use crate::start_error::StartError;

/// Serves until SIGTERM or SIGINT, then answers what was asked and returns. SIGHUP reloads all
/// indexes. `started` is told the address.
///
/// # Errors
/// Whatever keeps the server from starting: an index, a model, the address, its openness.
pub fn serve(settings: &Settings, started: impl FnOnce(SocketAddr)) -> Result<(), StartError> {
    let (runtime, server) = start(settings)?;
    started(server.app.listen);
    let app = server.app.clone();
    runtime.block_on(async {
        let end = signals(app)?;
        server.run(end).await;
        Ok(())
    })
}

/// A server in threads of its own, for programs that are more than a server.
pub struct RunningServer {
    address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl RunningServer {
    /// Starts a server, which takes no signals.
    ///
    /// # Errors
    /// As [`serve`].
    pub fn start(settings: &Settings) -> Result<Self, StartError> {
        let (runtime, server) = start(settings)?;
        let (end, ended) = oneshot::channel();
        let address = server.app.listen;
        let run = move || {
            runtime.block_on(server.run(async {
                // That nobody holds the server any more ends it, too.
                let _ = ended.await;
            }));
        };
        let thread = std::thread::Builder::new().name("server".to_owned()).spawn(run);
        let thread = thread.map_err(|error| StartError::System {
            what: "starting the server's thread",
            reason: error.to_string(),
        })?;
        Ok(Self { address, end: Some(end), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers what was asked, and ends.
    pub fn stop(mut self) {
        self.end_and_join();
    }

    fn end_and_join(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A panic there is in the log.
            let _ = thread.join();
        }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.end_and_join();
    }
}

/// A server that listens and does not answer yet.
struct Server {
    app: Arc<App>,
    listener: TcpListener,
}

impl Server {
    async fn run(self, end: impl Future<Output = ()>) {
        let router = router(&self.app);
        listen(self.listener, router, self.app, end).await;
    }
}

fn start(settings: &Settings) -> Result<(Runtime, Server), StartError> {
    settings.access.check(settings.listen)?;
    let failed = |source| StartError::Listen { listen: settings.listen, source };
    let listener = std::net::TcpListener::bind(settings.listen).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let engine = Engine::start(&settings.served)?;
    let runtime = Builder::new_multi_thread().thread_name("http").enable_all().build();
    let runtime = runtime.map_err(|error| StartError::System {
        what: "starting the threads of HTTP",
        reason: error.to_string(),
    })?;
    let listener = runtime.block_on(async { TcpListener::from_std(listener) }).map_err(failed)?;
    let app = App::new(engine, settings.access.clone(), address, settings.log_requests);
    Ok((runtime, Server { app: Arc::new(app), listener }))
}

/// Resolves when the server is to end; reloads on SIGHUP until then.
#[cfg(unix)]
fn signals(app: Arc<App>) -> Result<impl Future<Output = ()>, StartError> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| {
        signal(kind).map_err(|error| StartError::System {
            what: "listening for signals",
            reason: error.to_string(),
        })
    };
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut hang_up = listen(SignalKind::hangup())?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hang_up.recv() => {
                    let app = app.clone();
                    tokio::task::spawn_blocking(move || reload(&app));
                }
            }
        }
        tracing::info!("ending: open requests are answered first");
    })
}

#[cfg(not(unix))]
fn signals(_: Arc<App>) -> Result<impl Future<Output = ()>, StartError> {
    Ok(async {
        // Without a handler, Ctrl-C ends the process anyway.
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Serves the newest generation of every index.
#[cfg(unix)]
fn reload(app: &App) {
    for entry in app.engine.catalog.entries() {
        // Why one is refused is in the log.
        let _ = entry.live.refresh(false);
    }
}
