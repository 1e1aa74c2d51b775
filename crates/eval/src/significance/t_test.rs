//! Student's t test on paired differences.

use super::beta::regularized_beta;

/// The outcome of a paired t test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TTest {
    /// The mean difference over its standard error.
    pub t: f64,
    /// Number of topics less one.
    pub degrees: usize,
    /// How probable a t at least that far from 0 is, if there is no difference (two-sided).
    pub p: f64,
}

/// Tests whether the mean of `differences` is 0: t = d̄ / (s / √n) with n − 1 degrees of freedom ν,
/// and p = I_{ν/(ν+t²)}(ν/2, 1/2). `None` for fewer than two topics or a difference that is not
/// finite. Where all differences are equal, p is 1 if they are 0 and 0 otherwise.
pub fn paired_t_test(differences: &[f64]) -> Option<TTest> {
    let n = differences.len();
    if n < 2 || differences.iter().any(|difference| !difference.is_finite()) {
        return None;
    }
    let degrees = n - 1;
    let mean = differences.iter().sum::<f64>() / n as f64;
    let squares: f64 = differences.iter().map(|difference| (difference - mean).powi(2)).sum();
    let standard_error = (squares / degrees as f64 / n as f64).sqrt();
    let t = if mean == 0.0 { 0.0 } else { mean / standard_error };
    Some(TTest { t, degrees, p: two_sided(t, degrees) })
}

/// The probability of a value at least as far from 0 as `t` under Student's distribution.
fn two_sided(t: f64, degrees: usize) -> f64 {
    let nu = degrees as f64;
    regularized_beta(nu / (nu + t * t), nu / 2.0, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_published_software() {
        // Values of SciPy 1.17: ttest_rel, and 2·t.sf.
        let test = paired_t_test(&[0.1, -0.2, 0.35, 0.05, 0.0, 0.4, -0.15, 0.22]).unwrap();
        assert_eq!(test.degrees, 7);
        assert!((test.t - 1.250_445_424_161_512_6).abs() < 1e-14, "{test:?}");
        assert!((test.p - 0.251_314_741_378_686_8).abs() < 1e-13, "{test:?}");
        for (t, degrees, expected) in [
            (2.228_138_852, 10, 0.049_999_999_998_836_47),
            (1.5, 1, 0.374_334_083_621_997_7),
            (0.3, 42, 0.765_656_986_843_048),
            (4.2, 42, 1.358_793_229_320_166_5e-4),
            (3.3, 54, 1.716_611_178_323_607_9e-3),
            (2.5, 6979, 1.244_209_978_270_147e-2),
            (12.0, 6979, 7.468_526_637_874_206e-33),
            (40.0, 53, 2.842_162_218_870_368_3e-41),
        ] {
            let p = two_sided(t, degrees);
            assert!((p - expected).abs() < 1e-10 * expected, "t {t}, {degrees} degrees: {p:e}");
        }
    }

    #[test]
    fn differences_without_spread() {
        assert_eq!(paired_t_test(&[0.0, 0.0]), Some(TTest { t: 0.0, degrees: 1, p: 1.0 }));
        assert_eq!(paired_t_test(&[0.5, 0.5]).unwrap().p, 0.0);
        assert_eq!(paired_t_test(&[0.5, -0.5]).unwrap().p, 1.0);
        assert_eq!(paired_t_test(&[0.5]), None);
        assert_eq!(paired_t_test(&[0.5, f64::NAN]), None);
    }

    #[test]
    fn the_sign_does_not_matter() {
        let (up, down) =
            (paired_t_test(&[0.1, 0.3, 0.2]).unwrap(), paired_t_test(&[-0.1, -0.3, -0.2]).unwrap());
        assert_eq!((up.t, up.p), (-down.t, down.p));
    }
}
