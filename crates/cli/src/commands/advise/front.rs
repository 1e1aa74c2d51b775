//! Which choices nothing beats.

use super::trial::Trial;

/// Times that differ by less are alike: machines are no quieter.
const ALIKE: f64 = 0.03;

/// The places of the trials that no other beats: none is as good in quality, bytes and time, and
/// better in one of them. The best quality comes first.
pub(super) fn front(trials: &[Trial]) -> Vec<usize> {
    let beaten = |one: &Trial| trials.iter().any(|other| beats(other, one));
    let mut places: Vec<usize> =
        (0..trials.len()).filter(|&place| !beaten(&trials[place])).collect();
    places.sort_by(|&a, &b| {
        let (a, b) = (&trials[a], &trials[b]);
        let by_quality = b.quality.mean.total_cmp(&a.quality.mean);
        by_quality.then(a.micros.mean.total_cmp(&b.micros.mean))
    });
    places
}

fn beats(one: &Trial, other: &Trial) -> bool {
    let (quality, other_quality) = (one.quality.mean, other.quality.mean);
    let (time, other_time) = (one.micros.mean, other.micros.mean);
    let as_good = quality >= other_quality && one.bytes <= other.bytes;
    let faster = time < other_time * (1.0 - ALIKE);
    let better = quality > other_quality || one.bytes < other.bytes;
    as_good && (faster || (better && time <= other_time * (1.0 + ALIKE)))
}

#[cfg(test)]
mod tests {
    use super::super::trial::tests::trial;
    use super::*;

    #[test]
    fn what_is_worse_in_all_is_left_out() {
        let trials = [
            trial(0.5, 100, 10.0),
            trial(0.4, 100, 20.0),
            trial(0.4, 50, 20.0),
            trial(0.6, 100, 30.0),
            // As good as the first, and no slower than machines are noisy.
            trial(0.5, 90, 10.2),
        ];
        assert_eq!(front(&trials), [3, 4, 2]);
        assert!(front(&[]).is_empty());
        // Equals stay, both.
        assert_eq!(front(&[trial(0.5, 9, 1.0), trial(0.5, 9, 1.01)]), [0, 1]);
    }
}
