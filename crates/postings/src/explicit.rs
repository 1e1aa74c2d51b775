//! The lists with explicit docids, added to the scores of a stripe.

use crate::SearchStatistics;
use crate::layout::{STRIPE, Weighted};
use crate::prefetch::{prefetch, prefetch_apart, prefetch_later};
use crate::query_lists::WindowLists;
use crate::scatter::{add_slots, add_sparse, add_sparse_apart};
use crate::shapes::pairs::{PairsList, Slots};
use crate::stripe_groups::{BlockPlaces, Run, StripeGroups};

/// A list with at most that many postings for each run of units is read through, which takes less
/// time than to search it for each run.
const FEW_A_RUN: usize = 64;

/// Adds the lists in some consecutive units of the window; `whole` tells that all of the window is
/// scored.
pub(crate) fn add_run(
    scores: &mut [u32; STRIPE],
    lists: WindowLists<'_, '_>,
    run: Run,
    whole: bool,
    statistics: &mut SearchStatistics,
) {
    let (units, documents, places) = (run.units(), run.documents(), run.places());
    for list in lists.unbounded() {
        let rest = list.list.from(documents.start);
        let part = add_sparse(&mut scores[places.clone()], documents.start, rest, list.weight);
        statistics.postings += part.docids.len() as u64;
        statistics.bytes += part.bytes() as u64;
    }
    for (i, list) in lists.pairs.iter().enumerate() {
        prefetch_later(
            lists.pairs,
            i,
            1,
            |list| prefetch(list.list.head(units.clone())),
            |list| match list.list.units(units.clone()) {
                Some((_, Slots::Bytes(slots))) => slots.as_flattened(),
                _ => &[],
            },
        )
        .next_slot();
        // A damaged list loses its units.
        let Some((first, slots)) = list.list.units(units.clone()) else { continue };
        add_slots(scores, places.clone(), first, slots, list.weight);
        if !whole {
            statistics.postings += list.list.postings(slots) as u64;
        }
        statistics.bytes += slots.bytes() as u64;
    }
}

/// Adds the lists in units that lie apart, so that each list is entered once.
pub(crate) fn add_runs(
    scores: &mut [u32; STRIPE],
    lists: WindowLists<'_, '_>,
    stripe: &StripeGroups,
    statistics: &mut SearchStatistics,
) {
    let runs = stripe.runs();
    let places = BlockPlaces::new(stripe);
    for list in lists.unbounded() {
        if list.list.docids.len() <= FEW_A_RUN * runs.len() {
            statistics.postings += add_sparse_apart(scores, &places, list.list, list.weight);
            statistics.bytes += list.list.bytes() as u64;
            continue;
        }
        for run in runs {
            let (documents, scores) = (run.documents(), &mut scores[run.places()]);
            let rest = list.list.from(documents.start);
            let part = add_sparse(scores, documents.start, rest, list.weight);
            statistics.postings += part.docids.len() as u64;
            statistics.bytes += part.bytes() as u64;
        }
    }
    let prefetch_heads = |list: &Weighted<PairsList<'_>>| {
        runs.iter().for_each(|run| prefetch(list.list.head(run.units())));
    };
    let prefetch_slots = |list: &Weighted<PairsList<'_>>| {
        for run in runs {
            if let Some((_, Slots::Bytes(slots))) = list.list.units(run.units()) {
                prefetch(slots.as_flattened());
            }
        }
    };
    for (i, list) in lists.pairs.iter().enumerate() {
        prefetch_apart(lists.pairs, i, prefetch_heads, prefetch_slots);
        for run in runs {
            // A damaged list loses its units.
            let Some((first, slots)) = list.list.units(run.units()) else { continue };
            add_slots(scores, run.places(), first, slots, list.weight);
            statistics.postings += list.list.postings(slots) as u64;
            statistics.bytes += slots.bytes() as u64;
        }
    }
}
