//! What the report draws.

use anyhow::Result;

use super::evaluations::{Evaluations, Measure};
use super::loads::{LoadView, distinct, loads};
use super::page::{Page, figure, framed};
use super::{Source, tables};
use crate::plot::{Bar, Panel, Series, draw_bars};

/// Queries of a load that a picture shows: more only make the page larger.
const MOST_QUERIES: usize = 200;

const RECALL: &str = "recall of the exact answer";

/// All pictures that the results and evaluations have data for.
pub(super) fn draw(page: &mut Page, sources: &[Source], evaluations: Option<&Evaluations>) -> Result<()> {
    let loads = loads(sources);
    if let Some(evaluations) = evaluations {
        warn_of_unknown(evaluations, &loads);
        let figures = evaluations.measures.iter().map(|measure| effectiveness(&loads, evaluations, measure));
        section(page, "Effectiveness", &figures.collect::<Result<Vec<_>>>()?.concat());
    }
    section(page, "Latency and work", &work(&loads)?);
    section(page, "Latency: distribution", &distributions(&loads)?);
    section(page, "Indexes", &indexes(&loads)?);
    Ok(())
}

fn section(page: &mut Page, heading: &str, figures: &[String]) {
    if !figures.is_empty() {
        page.heading(heading);
        page.figures(figures);
    }
}

fn warn_of_unknown(evaluations: &Evaluations, loads: &[LoadView<'_>]) {
    let known = distinct(loads, |load| load.index.index.clone());
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    for name in evaluations.unknown(&known) {
        tracing::warn!("--evaluations: {name} is no index of the results, which are {}", known.join(", "));
    }
}

/// Time of a query against its postings: a figure for each index and setting, a cloud and a line for each strategy.
fn work(loads: &[LoadView<'_>]) -> Result<Vec<String>> {
    let mut figures = Vec::new();
    for (index, setting) in distinct(loads, |load| (load.index.index.clone(), load.setting.clone())) {
        let here = |load: &&LoadView<'_>| load.index.index == index && load.setting == setting;
        let here: Vec<&LoadView<'_>> =
            loads.iter().filter(here).filter(|load| load.row.rate.is_none()).collect();
        let mut clouds: Vec<Series> =
            here.iter().map(|load| Series { name: fitted_name(load), points: sample(load) }).collect();
        let slow = leave_out_slow(&mut clouds);
        let lines = here.iter().map(|load| Series { name: fitted_name(load), points: line(load) });
        let panel = Panel::clouds("time of a query, ms", clouds, lines.collect());
        let slow = if slow > 0 { format!("; {slow} slower ones are not shown") } else { String::new() };
        add(&mut figures, &panel, "postings scored", &format!("{index}, {setting}{slow}"))?;
    }
    Ok(figures)
}

/// The figure of a panel that holds something.
fn add(figures: &mut Vec<String>, panel: &Panel, x: &str, caption: &str) -> Result<()> {
    if !panel.names().is_empty() {
        figures.push(figure(panel, x, caption)?);
    }
    Ok(())
}

/// Takes out the points above twice the 98th percentile, and counts them: a few queries that something else held up would
/// press all others to the ground.
fn leave_out_slow(clouds: &mut [Series]) -> usize {
    let mut times: Vec<f64> = clouds.iter().flat_map(|cloud| &cloud.points).map(|point| point.1).collect();
    times.sort_by(f64::total_cmp);
    let Some(high) = times.get(times.len() * 98 / 100) else { return 0 };
    for cloud in clouds {
        cloud.points.retain(|point| point.1 <= 2.0 * high);
    }
    times.iter().filter(|&&time| time > 2.0 * high).count()
}

/// The strategy, and what a posting takes.
fn fitted_name(load: &LoadView<'_>) -> String {
    match load.row.fit {
        Some(fit) => format!("{}: {} ns a posting", load.strategy, tables::interval(&fit)),
        None => load.strategy.clone(),
    }
}

/// (postings, ms) of some queries, evenly over the postings.
fn sample(load: &LoadView<'_>) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = load.row.samples.pairs().map(|(x, us)| (x, us / 1e3)).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    points.iter().copied().step_by(points.len().div_ceil(MOST_QUERIES).max(1)).collect()
}

/// The ends of a load's line.
fn line(load: &LoadView<'_>) -> Vec<(f64, f64)> {
    let postings = || load.row.samples.postings.iter().copied();
    match (load.row.fit, postings().min(), postings().max()) {
        (Some(fit), Some(least), Some(most)) => [least as f64, most as f64]
            .map(|x| (x, (fit.intercept_us + fit.ns_per_posting * x / 1e3) / 1e3))
            .to_vec(),
        _ => Vec::new(),
    }
}

/// Percentiles of each index's loads.
fn distributions(loads: &[LoadView<'_>]) -> Result<Vec<String>> {
    let shares = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)];
    // As far from each other as the decimal logarithms of the queries that are slower.
    let places: Vec<(f64, String)> =
        shares.iter().map(|(name, share)| (-f64::log10(1.0 - share), (*name).to_owned())).collect();
    let mut figures = Vec::new();
    for index in distinct(loads, |load| load.index.index.clone()) {
        let here = loads.iter().filter(|load| load.index.index == index);
        let series = here.map(|load| {
            let row = load.row;
            let times = [row.p50_us, row.p95_us, row.p99_us, row.p999_us];
            let points = places.iter().zip(times).map(|(place, us)| (place.0, us / 1e3)).collect();
            Series { name: load.name.clone(), points }
        });
        let panel = Panel::points("time of a query at most, ms", series.collect());
        let panel = panel.logarithmic().with_places(places.clone());
        figures.push(figure(&panel, "percentile of queries", &index)?);
    }
    Ok(figures)
}

/// Sizes; where FLOPS differ, time against them; where answers fall short, recall against
/// time, and against FLOPS where indexes were pruned.
fn indexes(loads: &[LoadView<'_>]) -> Result<Vec<String>> {
    let bars = distinct(loads, |load| (load.index.index.clone(), load.index.bytes, load.index.postings));
    let bars: Vec<Bar> = bars.into_iter().map(|(name, bytes, postings)| bar(name, bytes, postings)).collect();
    let mut figures = vec![framed(&draw_bars(&bars)?, "", "size of an index")];
    if distinct(loads, |load| load.index.flops.to_bits()).len() > 1 {
        let series = by_name(loads, |load| Some((load.index.flops, load.mean_ms()?)));
        let panel = Panel::points("mean time of a query, ms", series);
        add(&mut figures, &panel, "FLOPS", "a mark for each index")?;
    }
    let pruned = loads.iter().any(|load| load.index.pruned.is_some());
    if pruned || loads.iter().any(|load| !load.limits.is_exact()) {
        let panel = Panel::points(RECALL, by_name(loads, |load| Some((load.mean_ms()?, load.row.recall))));
        add(&mut figures, &panel, "mean time of a query, ms", "what limits and pruning gain and cost")?;
    }
    if pruned {
        let panel = Panel::points(RECALL, by_name(loads, |load| Some((load.index.flops, load.row.recall))));
        add(&mut figures, &panel, "FLOPS", "a mark for each index")?;
    }
    Ok(figures)
}

fn bar(name: String, bytes: u64, postings: u64) -> Bar {
    let label =
        format!("{}, {} bytes a posting", tables::size(bytes), tables::bytes_a_posting(bytes, postings));
    Bar { name, length: bytes as f64, label }
}

/// A measure against FLOPS, against time and against size. Only exact answers count: it is those that were evaluated.
fn effectiveness(
    loads: &[LoadView<'_>],
    evaluations: &Evaluations,
    measure: &Measure,
) -> Result<Vec<String>> {
    let value = |load: &LoadView<'_>| evaluations.value(measure, &load.index.index);
    let by_index = |x: fn(&LoadView<'_>) -> f64| {
        let of = |name: String| {
            let load = loads.iter().find(|load| load.index.index == name)?;
            Some(Series { name, points: vec![(x(load), value(load)?)] })
        };
        distinct(loads, |load| load.index.index.clone()).into_iter().filter_map(of).collect::<Vec<_>>()
    };
    let flops = Panel::points(&measure.name, by_index(|load| load.index.flops));
    let size = Panel::points(&measure.name, by_index(|load| load.index.bytes as f64 / 1e6));
    let times = by_name(loads, |load| {
        let value = value(load).filter(|_| load.limits.is_exact())?;
        Some((load.mean_ms()?, value))
    });
    let times = Panel::points(&measure.name, times);
    let mut figures = Vec::new();
    add(&mut figures, &flops, "FLOPS", "a mark for each index")?;
    let caption = "a mark for each index, a line for each load";
    add(&mut figures, &times, "mean time of a query, ms", caption)?;
    add(&mut figures, &size, "size of the index, MB", "a mark for each index")?;
    Ok(figures)
}

/// Points of the loads, a series for each name, ascending by x.
fn by_name(loads: &[LoadView<'_>], point: impl Fn(&LoadView<'_>) -> Option<(f64, f64)>) -> Vec<Series> {
    let of = |name: String| {
        let mut points: Vec<(f64, f64)> =
            loads.iter().filter(|load| load.name == name).filter_map(&point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Series { name, points }
    };
    distinct(loads, |load| load.name.clone()).into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_slow_queries_are_left_out_and_counted() {
        let usual = (0..100).map(|x| (f64::from(x), 1.0 + f64::from(x) / 100.0)).collect();
        let cloud = |points| Series { name: String::new(), points };
        let mut clouds = [cloud(usual), cloud(vec![(5.0, 20.0), (6.0, 3.9)])];
        assert_eq!(leave_out_slow(&mut clouds), 1);
        assert_eq!(clouds[0].points.len(), 100);
        assert_eq!(clouds[1].points, [(6.0, 3.9)], "twice the 98th percentile is 3.96");
        assert_eq!(leave_out_slow(&mut []), 0);
    }
}
