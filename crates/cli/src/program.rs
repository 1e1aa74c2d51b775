//! This program: which networks it computes by itself, and what it hands over to `spork-torch`.

use std::sync::LazyLock;

use anyhow::Result;
use spork_encoder_cpu::Cpu;

use crate::args::{BackendArg, EncoderArgs};
use crate::backend_choice::{BackendChoice, BackendName, Machine};
use crate::delegate::{self, delegate};
use crate::libtorch::Libtorch;
use crate::networks::Networks;
use crate::text_encoder::ModelSpec;

/// `spork`, or `spork-torch`, which has libtorch linked in.
#[derive(Clone, Copy)]
pub(crate) struct Program<'t> {
    torch: Option<&'t dyn Libtorch>,
}

/// The Rust backend, with as many threads as everything else: RAYON_NUM_THREADS, or one a core.
pub(crate) fn rust() -> &'static Cpu {
    static CPU: LazyLock<Cpu> = LazyLock::new(|| {
        let threads = std::env::var("RAYON_NUM_THREADS").ok();
        Cpu { threads: threads.and_then(|threads| threads.parse().ok()) }
    });
    &CPU
}

impl<'t> Program<'t> {
    /// Checks that whoever delegated to this program is of the same build.
    pub(crate) fn new(torch: Option<&'t dyn Libtorch>) -> Result<Self> {
        delegate::check_caller(torch.is_some())?;
        Ok(Self { torch })
    }

    /// libtorch; without it, this process becomes `spork-torch`, which starts from the beginning.
    /// So no input may have been consumed before.
    pub(crate) fn torch(self) -> Result<&'t dyn Libtorch> {
        self.torch.ok_or_else(delegate)
    }

    /// The backend for what `args` ask for. Where that is libtorch, as [`torch`](Self::torch).
    pub(crate) fn networks(self, args: &EncoderArgs) -> Result<Networks<'t>> {
        let beside = delegate::torch_program();
        let there = self.torch.is_some() || beside.as_ref().is_some_and(|path| path.is_file());
        let mut machine = Machine::this(there);
        let asks = args.backend == BackendArg::Auto && args.device == "auto";
        // A libtorch without CUDA gains nothing from the device.
        if let (true, true, Some(torch)) = (asks, machine.nvidia, self.torch)
            && let Err(reason) = torch.networks().cuda_devices()
        {
            tracing::warn!("the NVIDIA device is not used: {reason}");
            machine.nvidia = false;
        }
        let choice = BackendChoice::of(args, machine)?;
        if choice.leaves_gpu {
            tracing::warn!(
                "the NVIDIA device is not used, for want of {}; build it with ./scripts/build \
                 --torch, set {} to its path, or say --device cpu",
                beside.map_or("spork-torch".to_owned(), |path| path.display().to_string()),
                delegate::TORCH
            );
        }
        let backend = match choice.name {
            BackendName::Rust => rust(),
            BackendName::Torch => self.torch()?.networks(),
        };
        Ok(Networks { backend, choice })
    }

    /// The backend for `model`; none where it needs no network.
    pub(crate) fn networks_for(
        self,
        model: &ModelSpec,
        args: &EncoderArgs,
    ) -> Result<Option<Networks<'t>>> {
        model.needs_network()?.then(|| self.networks(args)).transpose()
    }
}
