//! The heaviest weights that hold a share of a vector's mass.

/// The α-mass threshold of Seismic (Bruch, Nardini, Rulli, Venturini: "Efficient Inverted Indexes
/// for Approximate Retrieval over Learned Sparse Representations", SIGIR 2024): the largest weight
/// so that the weights from it on sum up to at least `share` of all. Equal weights stay or go
/// together, so the threshold does not depend on the order of `weights`, which are sorted,
/// descending. It is 0 where there are none, and where `share` is 1 or more.
pub fn mass_threshold(weights: &mut [f32], share: f64) -> f32 {
    if share >= 1.0 {
        return 0.0;
    }
    weights.sort_unstable_by(|a, b| b.total_cmp(a));
    let wanted = share * weights.iter().map(|&weight| f64::from(weight)).sum::<f64>();
    let mut sum = 0.0;
    let reaches = |&&weight: &&f32| {
        sum += f64::from(weight);
        sum >= wanted
    };
    weights.iter().find(reaches).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_of_a_small_vector() {
        let at = |share| mass_threshold(&mut [1.0, 4.0, 2.0, 3.0], share);
        assert_eq!(
            [0.0, 0.4, 0.41, 0.7, 0.75, 0.95, 1.0].map(at),
            [4.0, 4.0, 3.0, 3.0, 2.0, 1.0, 0.0]
        );
        assert_eq!(mass_threshold(&mut [], 0.5), 0.0);
    }

    proptest! {
        /// The kept weights hold the share; without the lightest of them they do not.
        #[test]
        fn the_fewest_that_hold_the_share(weights in prop::collection::vec(1u16..50, 1..40), share in 0.01f64..0.999) {
            let mut sorted: Vec<f32> = weights.iter().map(|&weight| f32::from(weight)).collect();
            let threshold = mass_threshold(&mut sorted, share);
            let sum = |from: f32| -> f64 {
                weights.iter().map(|&w| f32::from(w)).filter(|&w| w >= from).map(f64::from).sum()
            };
            let wanted = share * sum(0.0);
            prop_assert!(sum(threshold) >= wanted);
            prop_assert!(sum(threshold + 1.0) < wanted);
        }
    }
}
