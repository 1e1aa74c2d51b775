//! Several devices: a process each, which encodes its share of the blocks to a file of its own; at the end the files
//! become one.
//!
//! Libtorch has one set of threads a process, and a failure of one device can end it; processes do not share that.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use spork::args::{ConvertArgs, EncodeArgs};
use spork::bars::bar;
use spork::convert;
use spork_core::kill_point;
use spork_encoder::DeviceChoice;
use spork_vectors::binary::is_binary_name;

/// Encodes on `devices`, each in its own process.
pub(super) fn run(args: &EncodeArgs, devices: &[DeviceChoice]) -> Result<()> {
    let Some(output) = args.output.as_deref().filter(|output| is_binary_name(output)) else {
        bail!("several devices need an --output whose name ends in .svec: each writes a part of it");
    };
    if args.shard.is_some() {
        bail!("several devices share the blocks out among themselves; give --shard or one --device");
    }
    if args.input == Path::new("-") {
        bail!("each device reads the whole input, which standard input allows once only; give a file");
    }
    let parts: Vec<Part> =
        (1..).zip(devices).map(|(i, &device)| Part::new(output, i, devices.len(), device)).collect();
    if args.resume && output.exists() {
        // It is complete, or was made with other settings: one device can say which.
        super::run_here(args, devices[0])?;
        // A run that was killed after the join left its parts.
        return parts.iter().filter(|part| part.path.exists()).try_for_each(Part::remove);
    }
    let begun = with_ending(output, ".partial");
    if begun.exists() {
        bail!("{}: a run on one device began it; go on with that, or remove it", begun.display());
    }
    encode(&parts)?;
    put_together(&parts, output)
}

/// What one device encodes.
struct Part {
    device: DeviceChoice,
    /// I/N
    shard: String,
    path: PathBuf,
}

impl Part {
    fn new(output: &Path, index: usize, count: usize, device: DeviceChoice) -> Self {
        let path = output.with_extension(format!("{index}-of-{count}.svec"));
        Self { device, shard: format!("{index}/{count}"), path }
    }

    /// Starts its process, with this one's command line and what is different.
    fn start(&self) -> Result<Process> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(std::env::args_os().skip(1));
        command.args(["--device", &self.device.to_string(), "--shard", &self.shard]);
        command.args([OsStr::new("--output"), self.path.as_os_str()]);
        let mut process = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting a process for {}", self.device))?;
        let (said, name) = (process.stderr.take(), format!("{} {}", self.shard, self.device));
        let voice = thread::spawn(move || {
            let lines = said.into_iter().flat_map(|said| BufReader::new(said).lines());
            for line in lines.map_while(Result::ok) {
                eprintln!("[{name}] {line}");
            }
        });
        Ok(Process { process, voice })
    }

    fn remove(&self) -> Result<()> {
        std::fs::remove_file(&self.path).with_context(|| self.path.display().to_string())
    }

    fn bytes(&self) -> u64 {
        let length = |path: &Path| std::fs::metadata(path).map(|file| file.len());
        length(&self.path).or_else(|_| length(&with_ending(&self.path, ".partial"))).unwrap_or(0)
    }
}

/// A part's process, and the thread that passes on what it says.
struct Process {
    process: Child,
    voice: JoinHandle<()>,
}

/// Runs a process a part. Where one fails the others still end their work, which `--resume` can use.
fn encode(parts: &[Part]) -> Result<()> {
    let mut processes = parts.iter().map(Part::start).collect::<Result<Vec<_>>>()?;
    let bar = bar("encoding", "bytes", None);
    while running(&mut processes)? {
        bar.set_position(parts.iter().map(Part::bytes).sum());
        thread::sleep(Duration::from_millis(100));
    }
    bar.finish_and_clear();
    let mut failed = Vec::new();
    for (Process { mut process, voice }, part) in processes.into_iter().zip(parts) {
        let status = process.wait()?;
        // It has no more to lose than words.
        let _ = voice.join();
        if !status.success() {
            failed.push(format!("{} on {} ({status})", part.shard, part.device));
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!("failed: part {}; what is encoded is kept, go on with --resume", failed.join(", part "))
}

fn running(processes: &mut [Process]) -> Result<bool> {
    for Process { process, .. } in processes {
        if process.try_wait()?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The parts become `output` and go.
fn put_together(parts: &[Part], output: &Path) -> Result<()> {
    let whole = output.with_extension("all.svec");
    let begun = with_ending(&whole, ".partial");
    if begun.exists() {
        // An earlier run was cut off here; the parts still hold everything.
        std::fs::remove_file(&begun).with_context(|| begun.display().to_string())?;
    }
    kill_point("join.begun");
    let input = parts.iter().map(|part| part.path.clone()).collect();
    convert::run(&ConvertArgs { input, output: Some(whole.clone()), weights: None })?;
    kill_point("join.written");
    std::fs::rename(&whole, output).with_context(|| output.display().to_string())?;
    kill_point("join.renamed");
    for part in parts {
        part.remove()?;
        kill_point("join.part-removed");
    }
    Ok(())
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
