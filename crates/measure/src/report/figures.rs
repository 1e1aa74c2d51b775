//! The report's figures.

use std::time::Duration;

use spork_searcher::LatencySummary;

use super::evaluations::{Evaluations, Measure};
use super::numbers;
use super::page::{Page, figure, framed};
use super::result_file::ResultFile;
use super::views::{View, distinct, views};
use crate::bench::IndexRecord;
use crate::error::Result;
use crate::plot::{Bar, Panel, Series, draw_bars};

/// Queries of a measurement that a figure shows: more only make the page larger.
const MOST_QUERIES: usize = 200;

const RECALL: &str = "recall of the exact answer";

/// All figures that the results and evaluations have data for.
pub(super) fn draw(
    page: &mut Page,
    results: &[ResultFile],
    evaluations: Option<&Evaluations>,
) -> Result<()> {
    let views = views(results);
    if let Some(evaluations) = evaluations {
        warn_of_unknown(evaluations, &views);
        let figures =
            evaluations.measures.iter().map(|measure| effectiveness(&views, evaluations, measure));
        section(page, "Effectiveness", &figures.collect::<Result<Vec<_>>>()?.concat());
    }
    section(page, "Latency and work", &latency_and_work(&views)?);
    section(page, "Latency: distribution", &distributions(&views)?);
    section(page, "Indexes", &indexes(&views)?);
    Ok(())
}

fn section(page: &mut Page, heading: &str, figures: &[String]) {
    if !figures.is_empty() {
        page.heading(heading);
        page.figures(figures);
    }
}

fn warn_of_unknown(evaluations: &Evaluations, views: &[View<'_>]) {
    let known = distinct(views, |view| view.index.index.clone());
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    for name in evaluations.unknown(&known) {
        tracing::warn!(
            "--evaluations: {name} is no index of the results, which are {}",
            known.join(", ")
        );
    }
}

/// Time of a query against its postings: a figure for each index and setting, points and a line for
/// each strategy.
fn latency_and_work(views: &[View<'_>]) -> Result<Vec<String>> {
    let mut figures = Vec::new();
    for (index, setting) in distinct(views, |view| (view.index.index.clone(), view.setting.clone()))
    {
        let here = |view: &&View<'_>| view.index.index == index && view.setting == setting;
        let here: Vec<&View<'_>> =
            views.iter().filter(here).filter(|view| view.row.rate.is_none()).collect();
        let mut points: Vec<Series> = here
            .iter()
            .map(|view| Series { name: fitted_name(view), points: sample(view) })
            .collect();
        let slow = leave_out_slow(&mut points);
        let lines = here.iter().map(|view| Series { name: fitted_name(view), points: line(view) });
        let panel = Panel::scatter("time of a query, ms", points, lines.collect());
        let slow =
            if slow > 0 { format!("; {slow} slower ones are not shown") } else { String::new() };
        add(&mut figures, &panel, "postings scored", &format!("{index}, {setting}{slow}"))?;
    }
    Ok(figures)
}

/// The figure of a panel that holds something.
fn add(figures: &mut Vec<String>, panel: &Panel, x: &str, caption: &str) -> Result<()> {
    if !panel.is_empty() {
        figures.push(figure(panel, x, caption)?);
    }
    Ok(())
}

/// Takes out the points above twice the 99th percentile, and counts them: a few queries that
/// something else held up would press all others to the ground.
fn leave_out_slow(points: &mut [Series]) -> usize {
    let all = || points.iter().flat_map(|series| &series.points);
    let times = all().map(|&(_, ms)| Duration::try_from_secs_f64(ms / 1e3).unwrap_or_default());
    let limit = 2.0 * LatencySummary::new(times).p99_us / 1e3;
    let slow = all().filter(|point| point.1 > limit).count();
    for series in points {
        series.points.retain(|point| point.1 <= limit);
    }
    slow
}

/// The strategy, and its nanoseconds a posting.
fn fitted_name(view: &View<'_>) -> String {
    match view.row.fit {
        Some(fit) => format!("{}: {} ns a posting", view.strategy, numbers::interval(&fit)),
        None => view.strategy.clone(),
    }
}

/// (postings, ms) of some queries, evenly over the postings.
fn sample(view: &View<'_>) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> =
        view.row.samples.pairs().map(|(x, us)| (x, us / 1e3)).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    points.iter().copied().step_by(points.len().div_ceil(MOST_QUERIES).max(1)).collect()
}

/// The ends of a measurement's line.
fn line(view: &View<'_>) -> Vec<(f64, f64)> {
    let postings = || view.row.samples.postings.iter().copied();
    match (view.row.fit, postings().min(), postings().max()) {
        (Some(fit), Some(least), Some(most)) => [least as f64, most as f64]
            .map(|x| (x, (fit.intercept_us + fit.ns_per_posting * x / 1e3) / 1e3))
            .to_vec(),
        _ => Vec::new(),
    }
}

/// Percentiles of each index's times.
fn distributions(views: &[View<'_>]) -> Result<Vec<String>> {
    let shares = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)];
    // As far from each other as the decimal logarithms of the queries that are slower.
    let places: Vec<(f64, String)> =
        shares.iter().map(|(name, share)| (-f64::log10(1.0 - share), (*name).to_owned())).collect();
    let mut figures = Vec::new();
    for index in distinct(views, |view| view.index.index.clone()) {
        let here = views.iter().filter(|view| view.index.index == index);
        let series = here.map(|view| {
            let row = view.row;
            let times = [row.p50_us, row.p95_us, row.p99_us, row.p999_us];
            let points = places.iter().zip(times).map(|(place, us)| (place.0, us / 1e3)).collect();
            Series { name: view.name.clone(), points }
        });
        let panel = Panel::points("time of a query at most, ms", series.collect());
        let panel = panel.logarithmic().with_x_labels(places.clone());
        figures.push(figure(&panel, "percentile of queries", &index)?);
    }
    Ok(figures)
}

/// Sizes; where FLOPS differ, time against them; where answers fall short, recall against
/// time, and against FLOPS where indexes were pruned.
fn indexes(views: &[View<'_>]) -> Result<Vec<String>> {
    let bars = distinct(views, |view| bar(view.index));
    let mut figures = vec![framed(&draw_bars(&bars)?, "", "size of an index")];
    if distinct(views, |view| view.index.flops.to_bits()).len() > 1 {
        let series = by_name(views, |view| Some((view.index.flops, view.mean_ms()?)));
        let panel = Panel::points("mean time of a query, ms", series);
        add(&mut figures, &panel, "expected FLOPS of a pair", "a mark for each index")?;
    }
    let pruned = views.iter().any(|view| view.index.pruned.is_some());
    if pruned || views.iter().any(|view| !view.limits.is_exact()) {
        let panel =
            Panel::points(RECALL, by_name(views, |view| Some((view.mean_ms()?, view.row.recall))));
        add(
            &mut figures,
            &panel,
            "mean time of a query, ms",
            "time and recall under limits and pruning",
        )?;
    }
    if pruned {
        let panel =
            Panel::points(RECALL, by_name(views, |view| Some((view.index.flops, view.row.recall))));
        add(&mut figures, &panel, "expected FLOPS of a pair", "a mark for each index")?;
    }
    Ok(figures)
}

fn bar(index: &IndexRecord) -> Bar {
    let (size, each) = (numbers::size(index.bytes), numbers::bytes_a_posting(index));
    let label = format!("{size}, {each} bytes a posting");
    Bar { name: index.index.clone(), length: index.bytes as f64, label }
}

/// A measure against FLOPS, against time and against size. Only exact answers count: it is those
/// that were evaluated.
fn effectiveness(
    views: &[View<'_>],
    evaluations: &Evaluations,
    measure: &Measure,
) -> Result<Vec<String>> {
    let value = |view: &View<'_>| evaluations.value(measure, &view.index.index);
    let by_index = |x: fn(&View<'_>) -> f64| {
        let of = |name: String| {
            let view = views.iter().find(|view| view.index.index == name)?;
            Some(Series { name, points: vec![(x(view), value(view)?)] })
        };
        distinct(views, |view| view.index.index.clone())
            .into_iter()
            .filter_map(of)
            .collect::<Vec<_>>()
    };
    let flops = Panel::points(&measure.name, by_index(|view| view.index.flops));
    let size = Panel::points(&measure.name, by_index(|view| view.index.bytes as f64 / 1e6));
    let times = by_name(views, |view| {
        let value = value(view).filter(|_| view.limits.is_exact())?;
        Some((view.mean_ms()?, value))
    });
    let times = Panel::points(&measure.name, times);
    let mut figures = Vec::new();
    add(&mut figures, &flops, "expected FLOPS of a pair", "a mark for each index")?;
    let caption = "a mark for each index, a line for each setting";
    add(&mut figures, &times, "mean time of a query, ms", caption)?;
    add(&mut figures, &size, "size of the index, MB", "a mark for each index")?;
    Ok(figures)
}

/// Points of the measurements, a series for each name, ascending by x.
fn by_name(views: &[View<'_>], point: impl Fn(&View<'_>) -> Option<(f64, f64)>) -> Vec<Series> {
    let of = |name: String| {
        let mut points: Vec<(f64, f64)> =
            views.iter().filter(|view| view.name == name).filter_map(&point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Series { name, points }
    };
    distinct(views, |view| view.name.clone()).into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_slow_queries_are_left_out_and_counted() {
        let usual = (0..100).map(|x| (f64::from(x), 1.0 + f64::from(x) / 100.0)).collect();
        let cloud = |points| Series { name: String::new(), points };
        let mut points = [cloud(usual), cloud(vec![(5.0, 20.0), (6.0, 3.9)])];
        assert_eq!(leave_out_slow(&mut points), 1);
        assert_eq!(points[0].points.len(), 100);
        assert_eq!(points[1].points, [(6.0, 3.9)], "twice the 98th percentile is 3.96");
        assert_eq!(leave_out_slow(&mut []), 0);
    }
}
