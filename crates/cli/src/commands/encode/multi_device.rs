//! Several devices: a process each, which encodes its share of the blocks to a file of its own; at
//! the end the files become one.
//!
//! libtorch has one set of threads a process, and a failure of one device can end it; processes do
//! not share that.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use spork_core::kill_point;
use spork_model::DeviceChoice;
use spork_vectors::Shard;
use spork_vectors::binary::is_binary_name;
use tracing::level_filters::LevelFilter;

use super::one_device;
use crate::args::{BeirArgs, ConvertArgs, EncodeArgs, EncoderArgs};
use crate::commands::convert;
use crate::networks::Networks;
use crate::progress_bars::bar;
use crate::standard_error::say;
use crate::text_encoder::ModelSpec;

/// Encodes on `devices`, each in its own process.
pub(super) fn run(
    args: &EncodeArgs,
    model: &ModelSpec,
    networks: Option<Networks<'_>>,
    devices: &[DeviceChoice],
) -> Result<()> {
    let Some(output) = args.output.as_deref().filter(|output| is_binary_name(output)) else {
        bail!(
            "several devices need an --output whose name ends in .svec: each writes a part of it"
        );
    };
    if args.shard.is_some() {
        bail!(
            "several devices divide the blocks among themselves; leave out --shard, or give one \
             --device"
        );
    }
    if args.stats.is_some() {
        bail!("--stats counts the texts of one device; give one --device, or leave it out");
    }
    if args.input.as_deref() == Some(Path::new("-")) {
        bail!(
            "each device reads the whole input, and standard input can be read only once; give a \
             file"
        );
    }
    // All parts by the backend that was chosen for all devices together.
    let backend = networks.map_or(args.encoder.backend, |networks| networks.choice.name.into());
    let encoder = EncoderArgs { backend, ..args.encoder.clone() };
    let args = &EncodeArgs { encoder, ..args.clone() };
    if mixes_devices(devices) && !args.allow_mismatch {
        bail!(
            "CPUs and GPUs give vectors that differ in their last digits; give devices of one \
             kind, or allow the mixture with --allow-mismatch"
        );
    }
    let part = |(number, &device)| Part::new(args, output, number, devices.len(), device);
    let parts = (1..).zip(devices).map(part).collect::<Result<Vec<Part>>>()?;
    if args.resume && output.exists() {
        // It is complete, or was made with other settings: one device can say which.
        one_device::run(args, &model.clone().on(devices[0]), networks)?;
        // A run that was killed after the join left its parts.
        return parts.iter().filter(|part| part.path.exists()).try_for_each(Part::remove);
    }
    let begun = with_ending(output, ".partial");
    if begun.exists() {
        bail!(
            "{}: left by a run on one device; resume that run, or remove the file",
            begun.display()
        );
    }
    encode(&parts)?;
    put_together(&parts, output, args.allow_mismatch)
}

/// Whether parts would differ because some are encoded on CPUs.
fn mixes_devices(devices: &[DeviceChoice]) -> bool {
    let cuda = |device: &DeviceChoice| matches!(device, DeviceChoice::Cuda(_));
    devices.iter().any(cuda) && !devices.iter().all(cuda)
}

/// The part that one device encodes.
struct Part {
    device: DeviceChoice,
    shard: Shard,
    path: PathBuf,
    /// The arguments of its process.
    arguments: Vec<OsString>,
}

impl Part {
    fn new(
        args: &EncodeArgs,
        output: &Path,
        number: usize,
        count: usize,
        device: DeviceChoice,
    ) -> Result<Self> {
        let shard: Shard = format!("{number}/{count}").parse().map_err(anyhow::Error::msg)?;
        let path = output.with_extension(format!("{number}-of-{count}.svec"));
        let encoder = EncoderArgs { device: device.to_string(), ..args.encoder.clone() };
        let part =
            EncodeArgs { shard: Some(shard), output: Some(path.clone()), encoder, ..args.clone() };
        Ok(Self { device, shard, path, arguments: arguments(&part) })
    }

    /// Starts its process.
    fn start(&self) -> Result<Process> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(&self.arguments);
        if LevelFilter::current() < LevelFilter::INFO {
            command.arg("--quiet");
        }
        let mut process = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting a process for {}", self.device))?;
        let (said, name) = (process.stderr.take(), format!("{} {}", self.shard, self.device));
        let voice = thread::spawn(move || {
            let lines = said.into_iter().flat_map(|said| BufReader::new(said).lines());
            for line in lines.map_while(Result::ok) {
                say(format_args!("[{name}] {line}"));
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

/// Runs a process a part. Where one fails the others still end their work, which `--resume` can
/// use.
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
    bail!("failed: part {}; complete blocks are kept: resume with --resume", failed.join(", part "))
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
fn put_together(parts: &[Part], output: &Path, allow_mismatch: bool) -> Result<()> {
    let whole = output.with_extension("all.svec");
    let begun = with_ending(&whole, ".partial");
    if begun.exists() {
        // An earlier run was cut off here; the parts still hold everything.
        std::fs::remove_file(&begun).with_context(|| begun.display().to_string())?;
    }
    kill_point("join.begun");
    let input = parts.iter().map(|part| part.path.clone()).collect();
    convert::run(&ConvertArgs::of_parts(input, whole.clone(), allow_mismatch))?;
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

/// The command line of `spork encode` that means `args`.
fn arguments(args: &EncodeArgs) -> Vec<OsString> {
    // Taken apart by name, so that no field that is added can be forgotten here.
    let EncodeArgs {
        model,
        input,
        beir,
        output,
        kind,
        weights,
        shard,
        resume,
        force,
        allow_mismatch,
        // Refused.
        stats: _,
        encoder,
    } = args;
    let EncoderArgs {
        pooling,
        top_terms,
        lexical,
        query_tokens,
        max_length,
        backend,
        precision,
        batch_tokens,
        device,
    } = encoder;
    let mut line = Line(vec!["encode".into()]);
    line.with_value("model", Some(model));
    line.with_value("input", input.as_ref());
    let BeirArgs { beir, split } = beir;
    line.with_value("beir", beir.as_ref());
    line.with_value("split", split.as_ref());
    line.with_value("output", output.as_ref());
    line.with_value("kind", Some(word(kind)));
    line.with_value("weights", Some(word(weights)));
    line.with_value("shard", shard.map(|shard| shard.to_string()));
    line.flag("resume", *resume);
    line.flag("force", *force);
    line.flag("allow-mismatch", *allow_mismatch);
    line.with_value("pooling", pooling.as_ref().map(word));
    line.with_value("top-terms", top_terms.map(|terms| terms.to_string()));
    line.flag("lexical", *lexical);
    line.with_value("query-tokens", query_tokens.as_ref());
    line.with_value("max-length", max_length.map(|length| length.to_string()));
    line.with_value("backend", Some(word(backend)));
    line.with_value("precision", Some(word(precision)));
    line.with_value("batch-tokens", batch_tokens.map(|tokens| tokens.to_string()));
    line.with_value("device", Some(device));
    line.0
}

/// A command line under construction.
struct Line(Vec<OsString>);

impl Line {
    /// Adds `--name=value`, if there is a value.
    fn with_value(&mut self, name: &str, value: Option<impl Into<OsString>>) {
        if let Some(value) = value {
            let mut argument = OsString::from(format!("--{name}="));
            argument.push(value.into());
            self.0.push(argument);
        }
    }

    fn flag(&mut self, name: &str, on: bool) {
        if on {
            self.0.push(format!("--{name}").into());
        }
    }
}

/// How a choice is written on the command line.
fn word(choice: &impl ValueEnum) -> String {
    choice.to_possible_value().map_or_else(String::new, |word| word.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Args, Command};

    fn parse(line: &[OsString]) -> EncodeArgs {
        let program = std::iter::once(OsString::from("spork"));
        match Args::parse_from(program.chain(line.iter().cloned())).command {
            Command::Encode(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_command_line_means_what_it_was_made_of() {
        for line in [
            "encode --model m --input in.tsv",
            "encode --model o/m@r --input - --output a.svec --kind query --weights u8 --shard 2/3 --resume \
             --pooling sum --top-terms 7 --lexical --query-tokens=table.json --max-length 9 --backend torch --precision bf16 \
             --batch-tokens 11 --device cuda:1",
            "encode --model m --beir folder --split dev --kind query",
            "encode --model=-m --input in --output o --force --allow-mismatch --query-tokens --precision fp32 --kind document --pooling max",
        ] {
            let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            let args = parse(&words);
            assert_eq!(parse(&arguments(&args)), args, "{line}");
        }
    }
}
