//! How searches go.

use std::time::Duration;

use pyo3::prelude::*;
use spork_search::{Filter, Limits, MOST_IDF_POWER, Mix, SearchOptions, Strategy};

use crate::errors::{bad_value, exception};

/// How a search goes, as Python says it: mix, filter, strategy, alpha, the deadline in
/// milliseconds, and the power of idf.
#[derive(FromPyObject)]
pub(crate) struct SearchArguments(
    Option<String>,
    Option<String>,
    Option<String>,
    Option<f32>,
    Option<f64>,
    Option<f32>,
);

impl SearchArguments {
    /// The library's options.
    pub(crate) fn options(self) -> PyResult<SearchOptions> {
        let Self(mix, filter, name, alpha, deadline, query_idf) = self;
        let mix = mix.map(|mix| mix.parse::<Mix>().map_err(|error| exception(&error.into())));
        let filter =
            filter.map(|filter| filter.parse::<Filter>().map_err(|error| exception(&error.into())));
        Ok(SearchOptions {
            mix: mix.transpose()?,
            filter: filter.transpose()?,
            limits: limits(alpha, deadline)?,
            strategy: strategy(name.as_deref())?,
            query_idf: query_idf.map(power).transpose()?,
            ..SearchOptions::default()
        })
    }
}

fn power(query_idf: f32) -> PyResult<f32> {
    match (0.0..=MOST_IDF_POWER).contains(&query_idf) {
        true => Ok(query_idf),
        false => Err(bad_value(format!(
            "query_idf {query_idf}: expected a number from 0 to {MOST_IDF_POWER}"
        ))),
    }
}

fn limits(alpha: Option<f32>, deadline: Option<f64>) -> PyResult<Limits> {
    let mut limits = Limits::default();
    if let Some(alpha) = alpha {
        if !(0.0..=1.0).contains(&alpha) {
            return Err(bad_value(format!("alpha {alpha}: expected a number from 0 to 1")));
        }
        limits.alpha = alpha;
    }
    if let Some(milliseconds) = deadline {
        let time = Duration::try_from_secs_f64(milliseconds / 1000.0);
        limits.time = time.map_err(|_| {
            bad_value(format!("deadline_ms {milliseconds}: expected milliseconds, 0 or more"))
        })?;
    }
    Ok(limits)
}

fn strategy(name: Option<&str>) -> PyResult<Strategy> {
    let strategies = [Strategy::Auto, Strategy::Exhaustive, Strategy::Taat, Strategy::BlockMax];
    let Some(name) = name else { return Ok(Strategy::Auto) };
    let found = strategies.into_iter().find(|strategy| strategy.name() == name);
    found.ok_or_else(|| {
        bad_value(format!("strategy {name:?}: expected auto, exhaustive, taat or block-max"))
    })
}
