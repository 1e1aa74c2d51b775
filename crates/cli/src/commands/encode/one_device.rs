//! One device: one thread reads, one tokenizes, one encodes (on all cores), this one writes.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use spork_core::SparseVector;
use spork_encoder::{Progress, TokenizedTexts};
use spork_files::Output;
use spork_model::{Comparison, EncoderRecord};
use spork_search::join_encoders;
use spork_vectors::binary::{BinaryFile, Header, is_binary_name};

use super::done::Done;
use super::statistics::EncodingStatistics;
use super::texts::{Input, Text, Texts};
use crate::args::EncodeArgs;
use crate::networks::Networks;
use crate::progress_bars::{Bar, bar};
use crate::text_encoder::{ModelSpec, TextEncoder};
use crate::vector_sink::{Earlier, VectorSink};

/// Texts and their token ids.
type Tokenized = (Vec<Text>, TokenizedTexts);
/// Texts, their vectors, and what that took.
type Encoded = (Vec<Text>, Vec<SparseVector>, Progress);

/// Encodes in this process.
pub(super) fn run(
    args: &EncodeArgs,
    model: &ModelSpec,
    networks: Option<Networks<'_>>,
) -> Result<()> {
    let binary = args.output.as_deref().is_some_and(is_binary_name);
    if args.resume && !binary {
        bail!(
            "--resume needs an --output whose name ends in .svec: other formats can't detect a \
             damaged end"
        );
    }
    let stdout = |path: Option<&Path>| path.is_none_or(|path| path == Path::new("-"));
    if args.stats.is_some() && stdout(args.stats.as_deref()) && stdout(args.output.as_deref()) {
        bail!("--stats and the vectors can't both go to standard output");
    }
    let input = Input::find(args)?;
    let total = if args.shard.is_none() { input.count()? } else { None };
    let texts = Texts::open(input, args.shard)?;
    let encoder = model.open(networks)?;
    let record = EncoderRecord::try_from(&encoder.identity()?)?;
    let record = with_earlier(args, record)?;
    let record = record.into_json();
    let mut statistics = EncodingStatistics::new(record.clone());
    let header = Header { weights: args.weights, encoder: Some(record), shard: args.shard };
    // Opened before the work, so that a bad place shows at once.
    let file = args.stats.as_deref().map(|path| Output::open(Some(path))).transpose()?;
    if let Some(path) = finished(args) {
        check_finished(texts, path, &header)?;
        return statistics.write(file);
    }
    let earlier = match (args.resume, args.force) {
        (true, _) => Earlier::Resume,
        (_, true) => Earlier::Replace,
        _ => Earlier::Refuse,
    };
    let (sink, resumed) = VectorSink::open(args.output.as_deref(), &header, earlier)?;
    let done = Done::new(args.output.as_deref().unwrap_or(Path::new("-")), resumed);
    if done.len() > 0 {
        tracing::info!("{} texts are encoded already", done.len());
    }
    let bar = bar("encoding", "texts", total);
    bar.set_position(done.len() as u64);
    let run =
        Run { encoder: &encoder, bar: &bar, start: Instant::now(), over: AtomicBool::new(false) };
    let outcome = run.all(texts, done, sink, &mut statistics);
    bar.finish_and_clear();
    outcome?;
    statistics.end(run.start.elapsed());
    statistics.tell();
    statistics.write(file)
}

/// The record of the encoder that the output gets: that of this run, or, where the run that it
/// resumes had another arithmetic and that is allowed, that of a mixture, which an unfinished file
/// then says.
fn with_earlier(args: &EncodeArgs, record: EncoderRecord) -> Result<EncoderRecord> {
    let Some(path) = args.output.as_deref().filter(|_| args.resume) else { return Ok(record) };
    let Some(earlier) = BinaryFile::earlier_header(path)? else { return Ok(record) };
    let Some(known) = earlier.encoder.clone().map(EncoderRecord::from) else { return Ok(record) };
    let others_differ = earlier.weights != args.weights || earlier.shard != args.shard;
    if others_differ || known.compare(&record) == Comparison::Other {
        // Refused when it is opened, with everything that differs.
        return Ok(record);
    }
    let names = [path.display().to_string(), "this run".to_owned()];
    let mixture = join_encoders(&known, &record, names, args.allow_mismatch)?;
    if finished(args).is_some() {
        return Ok(known);
    }
    if mixture != known {
        let encoder = Some(mixture.clone().into_json());
        BinaryFile::change_header(path, &Header { encoder, ..earlier })?;
    }
    Ok(mixture)
}

/// The file that an earlier run has finished, where this one is to resume it and there is nothing
/// newer.
fn finished(args: &EncodeArgs) -> Option<&Path> {
    let path = args.output.as_deref().filter(|path| args.resume && path.is_file())?;
    (!BinaryFile::is_begun(path)).then_some(path)
}

/// Checks that a finished file holds the vectors of these texts.
fn check_finished(mut texts: Texts, path: &Path, header: &Header) -> Result<()> {
    let mut done = Done::new(path, BinaryFile::finished(path, header)?);
    let vectors = done.len();
    loop {
        let mut slab = texts.next_slab()?;
        let known = done.take_from(&mut slab, texts.path())?;
        done.check_all(&slab, texts.path())?;
        if known == 0 {
            break;
        }
    }
    let (output, input) = (path.display(), texts.path().display());
    tracing::info!(
        "{output} is complete already: it holds the vectors of all {vectors} texts of {input}"
    );
    Ok(())
}

struct Run<'r> {
    encoder: &'r TextEncoder,
    bar: &'r Bar,
    start: Instant,
    /// Whether nothing more is written.
    over: AtomicBool,
}

impl Run<'_> {
    fn all(
        &self,
        texts: Texts,
        done: Done,
        sink: VectorSink,
        statistics: &mut EncodingStatistics,
    ) -> Result<()> {
        let (read, slabs) = sync_channel(1);
        // Not waited for: it may itself wait for a pipe.
        thread::spawn(move || read_all(texts, done, &read));
        thread::scope(|scope| {
            let (tokenized, ids) = sync_channel(1);
            let (encoded, vectors) = sync_channel(1);
            scope.spawn(move || self.pass_on(&slabs, &tokenized, |texts| self.tokenize(texts)));
            scope.spawn(move || self.pass_on(&ids, &encoded, |tokenized| self.encode(tokenized)));
            let outcome = self.write_all(&vectors, sink, statistics);
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
            Ok(())
        })?;
        Ok((texts, vectors, last))
    }

    fn write_all(
        &self,
        encoded: &Receiver<Result<Encoded>>,
        mut sink: VectorSink,
        statistics: &mut EncodingStatistics,
    ) -> Result<()> {
        for encoded in encoded {
            let (texts, vectors, done) = encoded?;
            for ((id, text), vector) in texts.iter().zip(&vectors) {
                sink.push_encoded(id, text, self.encoder.named(vector))?;
            }
            statistics.add(&vectors, done);
        }
        sink.finish()
    }
}

/// Sends the texts after those of `done`.
fn read_all(mut texts: Texts, mut done: Done, read: &SyncSender<Result<Vec<Text>>>) {
    loop {
        let slab = texts.next_slab().and_then(|mut slab| {
            let known = done.take_from(&mut slab, texts.path())?;
            Ok((known, slab))
        });
        let item = match slab {
            Ok((0, slab)) if slab.is_empty() => return,
            Ok((_, slab)) if slab.is_empty() => continue,
            other => other.map(|(_, slab)| slab),
        };
        let stop = item.is_err();
        if read.send(item).is_err() || stop {
            return;
        }
    }
}
