//! Batches to workers and back: on a CPU one worker a core, each with its own batch; on another
//! device one.
//!
//! A batch on one core needs no other core to keep step with it, so cores add up almost without
//! loss. A batch that comes alone, as a query does, has all cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use spork_encoder::{Batch, EncodeError, TermWeights};
use spork_model::{NetworkConfig, Pooling};
use tch::Device;

use crate::error::Result;
use crate::head::Head;
use crate::parameters::Parameters;
use crate::worker::Worker;

/// The workers of a network.
pub(crate) struct Workers(Vec<Mutex<Worker>>);

impl Workers {
    /// Workers on `parameters`, which they share, with a screen before the decoder if `screen` says
    /// so.
    pub(crate) fn new(
        config: &NetworkConfig,
        parameters: &Parameters,
        pooling: Pooling,
        device: Device,
        screen: bool,
    ) -> Result<Self> {
        let screen =
            if screen { Head::new(config, parameters)?.screen()?.map(Arc::new) } else { None };
        // Each process's own choice, OMP_NUM_THREADS, counts here.
        let count = if device == Device::Cpu { tch::get_num_threads().max(1) } else { 1 };
        let worker =
            |_| Worker::new(config, parameters, pooling, device, screen.clone()).map(Mutex::new);
        Ok(Self((0..count).map(worker).collect::<Result<_>>()?))
    }

    /// Encodes `batches`, and hands each outcome to `take` on this thread, in the order of
    /// completion.
    ///
    /// # Errors
    /// The first that a worker or `take` reports; what was begun is ended first.
    pub(crate) fn encode(
        &self,
        batches: &[Batch<'_>],
        take: &mut dyn FnMut(usize, Vec<TermWeights>) -> std::result::Result<(), EncodeError>,
    ) -> std::result::Result<(), EncodeError> {
        let next = AtomicUsize::new(0);
        if let [batch] = batches {
            if self.0.len() > 1 {
                tch::set_num_threads(self.0.len() as i32);
            }
            let worker = self.0[0].lock().unwrap_or_else(PoisonError::into_inner);
            return take(0, worker.encode(batch)?);
        }
        let (sender, encoded) = channel();
        let work = |worker: &Mutex<Worker>, sender: Sender<_>| {
            // This thread's own; the caller's stays as it is.
            tch::set_num_threads(1);
            let worker = worker.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(batch) = batches.get(number) else { break };
                if sender.send((number, worker.encode(batch))).is_err() {
                    break;
                }
            }
        };
        thread::scope(|scope| {
            for worker in &self.0 {
                let sender = sender.clone();
                scope.spawn(move || work(worker, sender));
            }
            drop(sender);
            // The receiver goes when this ends early, and with it the wish to send more.
            encoded.into_iter().try_for_each(|(number, weights)| take(number, weights?))
        })
    }
}
