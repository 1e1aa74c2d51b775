//! How an index can be searched.

use spork_searcher::{Limits, Mix, QueryPruning};

use crate::query_batch::Weighing;

/// Powers of idf, and how much more the second field counts than the first.
const IDF_POWERS: [f32; 4] = [0.0, 0.25, 0.5, 1.0];
const RATIOS: [f32; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];
/// α of block-max pruning, and the share of a query's weights that is searched for.
const ALPHAS: [f32; 3] = [0.95, 0.9, 0.8];
const MASSES: [f64; 3] = [0.95, 0.9, 0.8];

/// How queries are weighed, and where their search stops short.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting {
    pub(super) idf_power: f32,
    pub(super) mix: Option<Mix>,
    pub(super) alpha: f32,
    pub(super) mass: f64,
}

impl Setting {
    /// As the queries are weighed, exactly.
    pub(super) fn asked(weighing: &Weighing) -> Self {
        let (idf_power, mix) = (weighing.idf_power, weighing.mix.clone());
        Self { idf_power, mix, alpha: 1.0, mass: 1.0 }
    }

    /// Other weights of queries: powers of idf where vectors are searched for, mixes of `fields`
    /// where there are two.
    pub(super) fn weighed_otherwise(&self, fields: &[String], vectors: bool) -> Vec<Self> {
        let powers: &[f32] = if vectors { &IDF_POWERS } else { &[] };
        let mut settings: Vec<Self> =
            powers.iter().map(|&idf_power| Self { idf_power, ..self.clone() }).collect();
        if let [first, second] = fields {
            let mixes = RATIOS.iter().map(|ratio| format!("{first}=1,{second}={ratio}"));
            let mixes: Vec<Mix> = mixes.filter_map(|mix| mix.parse().ok()).collect();
            let with_power =
                if settings.is_empty() { vec![self.clone()] } else { settings.clone() };
            for setting in with_power {
                let with = |mix: &Mix| Self { mix: Some(mix.clone()), ..setting.clone() };
                settings.extend(mixes.iter().map(with));
            }
        }
        settings.retain(|setting| setting != self);
        settings
    }

    /// The same weights, with searches that stop short.
    pub(super) fn stopping_short(&self) -> Vec<Self> {
        let alphas = ALPHAS.iter().map(|&alpha| Self { alpha, ..self.clone() });
        let masses = MASSES.iter().map(|&mass| Self { mass, ..self.clone() });
        alphas.chain(masses).collect()
    }

    pub(super) fn limits(&self) -> Limits {
        Limits { alpha: self.alpha, ..Limits::default() }
    }

    pub(super) fn pruning(&self) -> QueryPruning {
        QueryPruning { mass: self.mass, ..QueryPruning::default() }
    }

    /// The options of `spork search` that ask for it, beside those of `asked`.
    pub(super) fn flags(&self, asked: &Self) -> String {
        let mut flags = Vec::new();
        if self.idf_power != asked.idf_power {
            flags.push(format!("--query-idf {}", self.idf_power));
        }
        if self.mix != asked.mix {
            flags.extend(self.mix.iter().map(|mix| format!("--mix {mix}")));
        }
        if self.alpha != 1.0 {
            flags.push(format!("--alpha {}", self.alpha));
        }
        if self.mass != 1.0 {
            flags.push(format!("--query-mass {}", self.mass));
        }
        flags.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_once() {
        let asked = Setting { idf_power: 0.5, mix: None, alpha: 1.0, mass: 1.0 };
        let fields = ["splade".to_owned(), "bm25".to_owned()];
        assert_eq!(asked.weighed_otherwise(&fields[..1], true).len(), 3);
        let both = asked.weighed_otherwise(&fields, true);
        assert_eq!(both.len(), 3 + 4 * RATIOS.len());
        assert_eq!(both[3].flags(&asked), "--query-idf 0 --mix splade=1,bm25=0.25");
        assert_eq!(asked.weighed_otherwise(&fields, false).len(), RATIOS.len());
        assert!(asked.weighed_otherwise(&fields[..1], false).is_empty());
        let short = asked.stopping_short();
        assert_eq!(short[0].flags(&asked), "--alpha 0.95");
        assert_eq!(short[5].flags(&asked), "--query-mass 0.8");
        assert_eq!(asked.flags(&asked), "");
    }
}
