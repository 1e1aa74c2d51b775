//! The file of `--stats`: what a run encoded, and what that took.

use std::io::Write;
use std::time::Duration;

use serde::Serialize;
use spork_core::SparseVector;
use spork_encoder::Progress;
use spork_files::Output;

/// Texts that this run encoded; those of an earlier run that it resumed are not counted.
#[derive(Debug, Default, Serialize)]
pub(super) struct EncodingStatistics {
    texts: usize,
    /// With special tokens, without padding.
    tokens: usize,
    /// Places in batches that held no token.
    padding: usize,
    /// Terms of all vectors together.
    terms: usize,
    /// Texts whose vectors have no term.
    empty: usize,
    seconds: f64,
    texts_per_second: f64,
    tokens_per_second: f64,
    terms_per_text: f64,
    /// The model and the arithmetic that made the vectors.
    encoder: serde_json::Value,
}

impl EncodingStatistics {
    /// Of a run by this encoder, which is yet to begin.
    pub(super) fn new(encoder: serde_json::Value) -> Self {
        Self { encoder, ..Self::default() }
    }

    /// Adds vectors, and what they took.
    pub(super) fn add(&mut self, vectors: &[SparseVector], done: Progress) {
        self.texts += done.texts;
        self.tokens += done.tokens;
        self.padding += done.padding;
        self.terms += vectors.iter().map(|vector| vector.entries().len()).sum::<usize>();
        self.empty += vectors.iter().filter(|vector| vector.entries().is_empty()).count();
    }

    /// Ends the run after so much time.
    pub(super) fn end(&mut self, time: Duration) {
        let rate = |count: usize| count as f64 / time.as_secs_f64().max(f64::MIN_POSITIVE);
        self.seconds = time.as_secs_f64();
        self.texts_per_second = rate(self.texts);
        self.tokens_per_second = rate(self.tokens);
        self.terms_per_text = self.terms as f64 / self.texts.max(1) as f64;
    }

    /// Tells them.
    pub(super) fn tell(&self) {
        let places = (self.tokens + self.padding).max(1);
        tracing::info!(
            "{} texts in {:.1} s, {:.1} a second; {:.0} tokens a second, {:.1} % padding",
            self.texts,
            self.seconds,
            self.texts_per_second,
            self.tokens_per_second,
            100.0 * self.padding as f64 / places as f64
        );
    }

    /// Writes them as JSON, where that was asked for.
    pub(super) fn write(&self, file: Option<Output>) -> anyhow::Result<()> {
        let Some(mut file) = file else { return Ok(()) };
        serde_json::to_writer_pretty(&mut file, self)?;
        writeln!(file)?;
        Ok(file.finish()?)
    }
}
