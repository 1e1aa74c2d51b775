//! Axes: from the numbers to a range, and the places on it that have a label.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// How numbers lie on an axis.
#[derive(Clone, Debug)]
pub(super) enum AxisScale {
    Linear,
    /// By their decimal logarithms.
    Logarithmic,
    /// Linear, with these labels alone.
    Labeled(Vec<(f64, String)>),
}

/// A range of places, and labels in it.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) range: Range<f64>,
    pub(super) labels: Vec<(f64, String)>,
}

impl AxisScale {
    /// Where a number lies.
    pub(super) fn place(&self, number: f64) -> f64 {
        if matches!(self, Self::Logarithmic) { number.log10() } else { number }
    }
}

impl Axis {
    /// An axis of all finite `numbers`, and of `room` times their range below and above them.
    pub(super) fn new(
        scale: &AxisScale,
        numbers: impl Iterator<Item = f64>,
        room: (f64, f64),
    ) -> Self {
        let range = range(numbers.map(|number| scale.place(number)));
        let width = range.end - range.start;
        let range = range.start - width * room.0..range.end + width * room.1;
        let labels = match scale {
            AxisScale::Linear => linear_labels(&range),
            AxisScale::Logarithmic => logarithmic_labels(&range),
            AxisScale::Labeled(places) => places.clone(),
        };
        Self { range, labels }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, place: &f64, (from, to): (i32, i32)) -> i32 {
        let share = (place - self.range.start) / (self.range.end - self.range.start);
        from + (share * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Lines between labels are light points: there are none.
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.labels.iter().map(|label| label.0).collect()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, place: &f64) -> String {
        self.labels
            .iter()
            .find(|label| label.0 == *place)
            .map_or(String::new(), |label| label.1.clone())
    }
}

/// From the least to the largest number that is finite, never empty.
fn range(numbers: impl Iterator<Item = f64>) -> Range<f64> {
    let finite = numbers.filter(|number| number.is_finite());
    let (least, most) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), number| {
        (least.min(number), most.max(number))
    });
    if least < most { least..most } else { least.min(0.0)..most.max(1.0) }
}

/// Multiples of 1, 2 or 5 times a power of ten, three to seven of them.
fn linear_labels(range: &Range<f64>) -> Vec<(f64, String)> {
    let rough = (range.end - range.start) / 6.0;
    let decade = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0].map(|times| times * decade).into_iter().find(|&step| step >= rough);
    let step = step.unwrap_or(10.0 * decade);
    let (first, last) = ((range.start / step).ceil(), (range.end / step).floor());
    let most = range.start.abs().max(range.end.abs());
    let count = (last - first).max(0.0) as usize;
    (0..=count)
        .map(|i| (first + i as f64) * step)
        .map(|place| (place, number(place, step, most)))
        .collect()
}

/// Powers of ten, with 2 and 5 times them where there are few; within one decade, as on a linear
/// axis.
fn logarithmic_labels(range: &Range<f64>) -> Vec<(f64, String)> {
    if range.end - range.start < 1.0 {
        let labels = linear_labels(&(10f64.powf(range.start)..10f64.powf(range.end))).into_iter();
        return labels.map(|(value, label)| (value.log10(), label)).collect();
    }
    let (first, last) = (range.start.floor() as i32, range.end.ceil() as i32);
    let times: &[f64] = if last - first > 4 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let values =
        (first..=last).flat_map(|power| times.iter().map(move |times| times * 10f64.powi(power)));
    let label = |value: f64| (value.log10(), number(value, value, value));
    values.map(label).filter(|label| range.contains(&label.0)).collect()
}

/// A number to the digits that tell it from the next one a `step` away, with k, M or G where `most`
/// is large.
fn number(number: f64, step: f64, most: f64) -> String {
    let suffixes = [(1e9, " G"), (1e6, " M"), (1e4, " k")];
    let (unit, suffix) = suffixes.into_iter().find(|&(unit, _)| most >= unit).unwrap_or((1.0, ""));
    let unit = if suffix == " k" { 1e3 } else { unit };
    let decimals = (-(step / unit).log10() - 1e-9).ceil().clamp(0.0, 9.0) as usize;
    if number.abs() < step / 1e6 {
        "0".to_owned()
    } else {
        format!("{:.decimals$}{suffix}", number / unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &AxisScale, numbers: &[f64]) -> Vec<String> {
        let axis = Axis::new(scale, numbers.iter().copied(), (0.0, 0.0));
        axis.labels.into_iter().map(|label| label.1).collect()
    }

    #[test]
    fn labels_are_round() {
        assert_eq!(
            labels(&AxisScale::Linear, &[0.0, 1.0]),
            ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels(&AxisScale::Linear, &[-3.0, 3.0]),
            ["-3", "-2", "-1", "0", "1", "2", "3"]
        );
        let millions = ["0", "0.5 M", "1.0 M", "1.5 M", "2.0 M", "2.5 M"];
        assert_eq!(labels(&AxisScale::Linear, &[0.0, 2.6e6]), millions);
        assert_eq!(
            labels(&AxisScale::Linear, &[0.342, 0.349]),
            ["0.342", "0.344", "0.346", "0.348"]
        );
        assert_eq!(labels(&AxisScale::Logarithmic, &[0.09, 2.5]), ["0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(
            labels(&AxisScale::Logarithmic, &[0.11, 0.4001]),
            ["0.15", "0.20", "0.25", "0.30", "0.35", "0.40"]
        );
        assert_eq!(labels(&AxisScale::Logarithmic, &[0.001, 2e4]).len(), 8);
    }

    #[test]
    fn numbers_that_do_not_make_a_range() {
        for numbers in [&[][..], &[f64::NAN], &[2.0, 2.0], &[0.0]] {
            let axis = Axis::new(&AxisScale::Linear, numbers.iter().copied(), (0.05, 0.05));
            assert!(
                axis.range.start < axis.range.end && !axis.labels.is_empty(),
                "{numbers:?} {axis:?}"
            );
        }
    }
}
