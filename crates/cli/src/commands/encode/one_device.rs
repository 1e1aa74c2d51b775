//! One device: one thread reads, one tokenizes, one encodes (on all cores), this one writes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use spork_core::SparseVector;
use spork_encoder::{Backend, Progress, TokenizedTexts};
use spork_files::Source;
use spork_model::EncoderRecord;
use spork_vectors::binary::{BinaryReader, Header, is_binary_name};

use super::texts::{Text, Texts};
use crate::args::EncodeArgs;
use crate::progress_bars::bar;
use crate::text_encoder::{ModelSpec, TextEncoder};
use crate::vector_sink::VectorSink;

/// Texts and their token ids.
type Tokenized = (Vec<Text>, TokenizedTexts);
/// Texts, their vectors, and what that took.
type Encoded = (Vec<Text>, Vec<SparseVector>, Progress);

/// Encodes in this process.
pub(super) fn run(
    args: &EncodeArgs,
    model: &ModelSpec,
    backend: Option<&dyn Backend>,
) -> Result<()> {
    let binary = args.output.as_deref().is_some_and(is_binary_name);
    if args.resume && !binary {
        bail!(
            "--resume needs an --output whose name ends in .svec: other formats can't detect a \
             damaged end"
        );
    }
    let texts = Texts::open(&args.input, args.shard)?;
    let encoder = model.open(backend)?;
    let record = EncoderRecord::try_from(&encoder.identity()?)?;
    let header = Header {
        weights: args.weights.into(),
        encoder: Some(record.into_json()),
        shard: args.shard,
    };
    if args.resume && is_complete(args, &header)? {
        return Ok(());
    }
    let (sink, done) = VectorSink::open(args.output.as_deref(), &header, args.resume)?;
    if !done.is_empty() {
        tracing::info!("{} texts are encoded already", done.len());
    }
    let total = if args.shard.is_none() { Source::count_lines(&args.input)? } else { None };
    let bar = bar("encoding", "texts", total);
    bar.set_position(done.len() as u64);
    let run =
        Run { encoder: &encoder, bar: &bar, start: Instant::now(), over: AtomicBool::new(false) };
    let outcome = run.all(texts, done, sink);
    bar.finish_and_clear();
    outcome
}

/// Whether an earlier run has finished the file already.
fn is_complete(args: &EncodeArgs, header: &Header) -> Result<bool> {
    let Some(path) = args.output.as_deref().filter(|path| path.is_file()) else { return Ok(false) };
    let got = BinaryReader::open(path)?.header().clone();
    if got != *header {
        bail!(
            "{} was made with other settings; remove it, or give another --output",
            path.display()
        );
    }
    tracing::info!("{} is complete already", path.display());
    Ok(true)
}

struct Run<'r> {
    encoder: &'r TextEncoder,
    bar: &'r ProgressBar,
    start: Instant,
    /// Whether nothing more is written.
    over: AtomicBool,
}

impl Run<'_> {
    fn all(&self, texts: Texts, done: Vec<String>, sink: VectorSink) -> Result<()> {
        let (read, slabs) = sync_channel(1);
        // Not waited for: it may itself wait for a pipe.
        thread::spawn(move || read_all(texts, &done, &read));
        thread::scope(|scope| {
            let (tokenized, ids) = sync_channel(1);
            let (encoded, vectors) = sync_channel(1);
            scope.spawn(move || self.pass_on(&slabs, &tokenized, |texts| self.tokenize(texts)));
            scope.spawn(move || self.pass_on(&ids, &encoded, |tokenized| self.encode(tokenized)));
            let outcome = self.write_all(&vectors, sink);
            self.over.store(true, Ordering::Relaxed);
            outcome
        })
    }

    /// Puts what comes through `work`, up to the first error, or until all is over.
    fn pass_on<A, B>(
        &self,
        from: &Receiver<Result<A>>,
        to: &SyncSender<Result<B>>,
        mut work: impl FnMut(A) -> Result<B>,
    ) {
        while !self.over.load(Ordering::Relaxed) {
            // Looks up now and then: what comes next may depend on a pipe.
            let done = match from.recv_timeout(Duration::from_millis(100)) {
                Ok(item) => item.and_then(&mut work),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let stop = done.is_err();
            if to.send(done).is_err() || stop {
                return;
            }
        }
    }

    fn tokenize(&self, texts: Vec<Text>) -> Result<Tokenized> {
        let contents: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
        let ids = self.encoder.tokenize(&contents)?;
        Ok((texts, ids))
    }

    fn encode(&self, (texts, ids): Tokenized) -> Result<Encoded> {
        let before = self.bar.position();
        let mut last = Progress::default();
        let vectors = self.encoder.encode_tokenized(&ids, &mut |done| {
            self.bar.set_position(before + done.texts as u64);
            last = done;
        })?;
        Ok((texts, vectors, last))
    }

    fn write_all(&self, encoded: &Receiver<Result<Encoded>>, mut sink: VectorSink) -> Result<()> {
        let mut done = Progress::default();
        for encoded in encoded {
            let (texts, vectors, part) = encoded?;
            for ((id, _), vector) in texts.iter().zip(&vectors) {
                sink.push(id, self.encoder.named(vector))?;
            }
            done += part;
        }
        sink.finish()?;
        self.tell(done);
        Ok(())
    }

    fn tell(&self, done: Progress) {
        let seconds = self.start.elapsed().as_secs_f64();
        let (texts, tokens) = (done.texts as f64, done.tokens as f64);
        tracing::info!(
            "{} texts in {seconds:.1} s, {:.1} a second; {:.0} tokens a second, {:.1} % padding",
            done.texts,
            texts / seconds,
            tokens / seconds,
            100.0 * done.padding as f64 / (tokens + done.padding as f64).max(1.0)
        );
    }
}

/// Sends the texts that `done` does not name, whose first ids it must name.
fn read_all(mut texts: Texts, done: &[String], read: &SyncSender<Result<Vec<Text>>>) {
    let mut done = done.iter();
    loop {
        let slab = texts.next_slab().and_then(|mut slab| {
            let known = done.len().min(slab.len());
            for ((id, _), earlier) in slab.drain(..known).zip(&mut done) {
                if id != *earlier {
                    bail!(
                        "{}: found {id:?} where the run to resume had {earlier:?}; \
                         the input has changed: encode it from the start",
                        texts.path().display()
                    );
                }
            }
            Ok((known, slab))
        });
        let item = match slab {
            Ok((known, slab)) if known + slab.len() == 0 => match done.next() {
                None => return,
                Some(missing) => Err(anyhow::anyhow!("{missing:?}")).with_context(|| {
                    format!(
                        "{} ends before a text that the run to resume has encoded",
                        texts.path().display()
                    )
                }),
            },
            Ok((_, slab)) if slab.is_empty() => continue,
            other => other.map(|(_, slab)| slab),
        };
        let stop = item.is_err();
        if read.send(item).is_err() || stop {
            return;
        }
    }
}
