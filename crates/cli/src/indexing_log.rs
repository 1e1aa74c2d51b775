//! What a run of indexing left out, and what a field is, in words.

use std::path::Path;

use spork_index::{Field, WeightKind};
use spork_indexer::{FieldReport, MergeReport, Pruning, RecordReport, Report};

/// Warns of what the input of a new segment held that the segment does not, and of documents that
/// lack something.
pub(crate) fn tell_left_out(report: &Report, pruning: Pruning) {
    let (manifest, counts) = (&report.manifest, &report.summary.counts);
    for ((field, field_counts), left_out) in
        manifest.fields.iter().zip(&counts.fields).zip(&report.fields)
    {
        let of_field = match manifest.fields.len() {
            1 => String::new(),
            _ => format!("field {}: ", field.name),
        };
        let missing = u64::from(counts.documents).saturating_sub(left_out.documents);
        if missing > 0 {
            let replaced = match report.replaced {
                0 => "",
                _ => "; those that were replaced have lost theirs",
            };
            tracing::warn!(
                "{of_field}{missing} of {} documents are not in its input and have none of its \
                 terms{replaced}",
                counts.documents
            );
        }
        tell_losses(&of_field, field, field_counts.postings, *left_out, pruning);
    }
    if let Some(records) = &report.records {
        tell_records(records);
    }
    if counts.empty_documents > 0 {
        tracing::warn!("{} documents have no terms and can't be found", counts.empty_documents);
    }
}

/// What a field's input held that the index does not.
fn tell_losses(
    of_field: &str,
    field: &Field,
    postings: u64,
    left_out: FieldReport,
    pruning: Pruning,
) {
    let FieldReport { zeros, rounded_to_zero: rounded, clipped, pruned, .. } = left_out;
    if zeros > 0 {
        tracing::warn!("{of_field}{zeros} weights of zero left out");
    }
    if rounded > 0 {
        let share = 100.0 * rounded as f64 / (postings + rounded) as f64;
        tracing::warn!(
            "{of_field}{rounded} weights ({share:.2} %) under {} left out: they round to zero",
            field.scale / 2.0
        );
    }
    if clipped > 0 {
        tracing::warn!(
            "{of_field}{clipped} of {postings} weights clipped: they are beyond {}, 65,535 times \
             the scale",
            65_535.0 * field.scale
        );
    }
    if !pruning.keeps_all() {
        let all = postings + rounded + pruned;
        let share = 100.0 * pruned as f64 / all.max(1) as f64;
        tracing::warn!(
            "{of_field}pruned ({pruning}): {pruned} of {all} postings ({share:.1} %) dropped; \
             answers will be exact with respect to the pruned index"
        );
    }
}

/// Warns of documents' records that were left out or are missing.
fn tell_records(records: &RecordReport) {
    let RecordReport { unknown, without, with_nan, .. } = *records;
    if unknown > 0 {
        tracing::warn!("{unknown} records are of no document and left out");
    }
    if without > 0 {
        tracing::warn!("{without} documents have no record: no values and no text");
    }
    if with_nan > 0 {
        tracing::warn!("{with_nan} records hold NaN or an infinity, which counts as null");
    }
}

/// Says what was merged, if anything was.
pub(crate) fn tell_merged(index: &Path, merged: Option<MergeReport>) {
    let Some(MergeReport { before, after, documents, dropped }) = merged else { return };
    tracing::info!(
        "{}: merged {before} segments to {after}: {documents} documents copied, {dropped} deleted \
         ones dropped",
        index.display()
    );
}

/// The kind of its weights.
pub(crate) fn kind(field: &Field) -> String {
    match field.weights {
        WeightKind::Integer => "integer weights kept".to_owned(),
        WeightKind::Float => format!("float weights in steps of {}", field.scale),
    }
}
