//! Where a panel's legend hides least.

use plotters::prelude::SeriesLabelPosition::{self, LowerLeft, LowerRight, UpperLeft, UpperRight};

/// Parts of a line between two points.
const PARTS: usize = 8;
/// What a legend takes of a panel's width and height, roughly.
const TAKEN: (f64, f64) = (0.3, 0.5);

/// The corner of a panel that the fewest points and parts of `lines` are in.
pub(super) fn emptiest_corner(lines: &[Vec<(f64, f64)>]) -> SeriesLabelPosition {
    let points: Vec<(f64, f64)> = lines.iter().flat_map(|line| along(line)).collect();
    let across = range(points.iter().map(|point| point.0));
    let up = range(points.iter().map(|point| point.1));
    let hidden = |x: f64, y: f64| {
        let near = |point: &&(f64, f64)| {
            (share(point.0, across) - x).abs() < TAKEN.0 && (share(point.1, up) - y).abs() < TAKEN.1
        };
        points.iter().filter(near).count()
    };
    let corners =
        [(UpperRight, 1.0, 1.0), (LowerRight, 1.0, 0.0), (UpperLeft, 0.0, 1.0), (LowerLeft, 0.0, 0.0)];
    corners.into_iter().min_by_key(|&(_, x, y)| hidden(x, y)).map_or(UpperRight, |(corner, ..)| corner)
}

/// A line's points and some between them.
fn along(line: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = line.last().copied().into_iter().collect();
    for ends in line.windows(2) {
        for part in 0..PARTS {
            let way = part as f64 / PARTS as f64;
            let between = |from: f64, to: f64| from + (to - from) * way;
            points.push((between(ends[0].0, ends[1].0), between(ends[0].1, ends[1].1)));
        }
    }
    points
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)))
}

/// Where in a range a value is, from 0 to 1.
fn share(value: f64, (least, most): (f64, f64)) -> f64 {
    if most > least { (value - least) / (most - least) } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rising_lines_leave_a_corner() {
        let corner = |lines: &[&[(f64, f64)]]| {
            emptiest_corner(&lines.iter().map(|line| line.to_vec()).collect::<Vec<_>>())
        };
        assert!(matches!(corner(&[&[(0.0, 0.0), (1.0, 1.0)]]), LowerRight));
        assert!(matches!(corner(&[&[(0.0, 0.0), (1.0, 1.0)], &[(0.0, 0.0), (1.0, 0.2)]]), UpperLeft));
        assert!(matches!(corner(&[&[(0.0, 1.0), (1.0, 0.0)]]), UpperRight));
        assert!(matches!(corner(&[]), UpperRight));
    }
}
