//! A bound on a sum of four products by one number a side.

/// Bounds are larger by this share than computed, far above what rounding takes away.
const SLACK: f32 = 1e-3;

/// What a state, or a row, brings to each of four products: none is negative.
pub(super) type Factors = [f32; 4];

/// Makes the factors of states and rows alike, whereby Cauchy and Schwarz lose little:
/// Σ sᵢ·rᵢ = Σ (sᵢ/aᵢ)·(rᵢ·aᵢ) ≤ ‖s/a‖·‖r·a‖ for any a.
pub(super) struct Likening(Factors);

impl Likening {
    /// By the means of these states' and rows' factors.
    pub(super) fn new(states: &[Factors], rows: &[Factors]) -> Self {
        let mean = |factors: &[Factors], i: usize| {
            let sum: f64 = factors.iter().map(|factors| f64::from(factors[i])).sum();
            sum / factors.len() as f64
        };
        Self(std::array::from_fn(|i| {
            let likening = (mean(states, i) / mean(rows, i)).sqrt() as f32;
            if (1e-6..1e6).contains(&likening) { likening } else { 1.0 }
        }))
    }

    /// The number of a state.
    #[inline(always)]
    pub(super) fn of_state(&self, factors: &Factors) -> f32 {
        norm(std::array::from_fn(|i| factors[i] / self.0[i]))
    }

    /// The number of a row.
    pub(super) fn of_row(&self, factors: &Factors) -> f32 {
        norm(std::array::from_fn(|i| factors[i] * self.0[i]))
    }
}

#[inline(always)]
fn norm(factors: Factors) -> f32 {
    factors.iter().map(|factor| factor * factor).sum::<f32>().sqrt() * (1.0 + SLACK)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn factors() -> impl Strategy<Value = Vec<Factors>> {
        prop::collection::vec(prop::array::uniform4(prop_oneof![0.0f32..1.0, 0.0f32..1e4]), 1..9)
    }

    proptest! {
        #[test]
        fn no_sum_is_above_its_bound(states in factors(), rows in factors()) {
            let likening = Likening::new(&states, &rows);
            for state in &states {
                for row in &rows {
                    let products = state.iter().zip(row).map(|(&s, &r)| f64::from(s) * f64::from(r));
                    let bound = f64::from(likening.of_state(state)) * f64::from(likening.of_row(row));
                    prop_assert!(products.sum::<f64>() <= bound);
                }
            }
        }
    }

    #[test]
    fn what_is_alike_loses_little() {
        let (state, row) = ([1.0, 20.0, 0.3, 5.0], [1e-2, 3.0, 40.0, 1e-4]);
        let likening = Likening::new(&[state], &[row]);
        let sum: f32 = state.iter().zip(&row).map(|(s, r)| s * r).sum();
        let bound = likening.of_state(&state) * likening.of_row(&row);
        assert!(sum <= bound && bound < 1.003 * sum, "{sum} {bound}");
    }
}
