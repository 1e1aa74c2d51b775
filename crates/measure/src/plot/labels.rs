//! Names beside their marks, where a panel's names have one point each: where each of them goes.

/// Width of a letter at this size, generously, and height of a line, in pixels.
const LETTER: i32 = 6;
const HEIGHT: i32 = 12;
/// Half the side of the square that a mark takes, in pixels.
const MARK: i32 = 7;

/// A part of the picture, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rectangle {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

impl Rectangle {
    /// The area, in square pixels, that both cover.
    fn shared(&self, other: &Self) -> i32 {
        let across = self.right.min(other.right) - self.left.max(other.left);
        let down = self.bottom.min(other.bottom) - self.top.max(other.top);
        across.max(0).saturating_mul(down.max(0))
    }

    fn holds(&self, other: &Self) -> bool {
        self.left <= other.left
            && other.right <= self.right
            && self.top <= other.top
            && other.bottom <= self.bottom
    }

    fn around((x, y): (i32, i32)) -> Self {
        Self { left: x - MARK, top: y - MARK, right: x + MARK, bottom: y + MARK }
    }

    fn of_name((x, y): (i32, i32), (right, down): (i32, i32), width: i32) -> Self {
        let (left, top) = (x + right, y + down);
        Self { left, top, right: left + width, bottom: top + HEIGHT }
    }
}

/// For each mark and its name, how many pixels right of and below the mark the name begins. A name
/// goes where it stays within `bounds` and covers no mark and no name before it; where there is no
/// such place, where it covers least of them.
pub(super) fn offsets(
    marks: &[((i32, i32), &str)],
    bounds: Rectangle,
) -> impl Iterator<Item = (i32, i32)> {
    let mut taken: Vec<Rectangle> =
        marks.iter().map(|&(mark, _)| Rectangle::around(mark)).collect();
    marks.iter().map(move |&(mark, name)| {
        let width = LETTER * i32::try_from(name.chars().count()).unwrap_or(i32::MAX / LETTER);
        let place = |offset| Rectangle::of_name(mark, offset, width);
        let cost = |offset: &(i32, i32)| {
            let name = place(*offset);
            let covered = taken.iter().map(|other| name.shared(other)).fold(0, i32::saturating_add);
            (!bounds.holds(&name), covered)
        };
        let best = candidates(width).into_iter().min_by_key(cost).unwrap_or_default();
        taken.push(place(best));
        best
    })
}

/// Right, left, below and above of the mark, then at its corners.
fn candidates(width: i32) -> [(i32, i32); 8] {
    let (right, left) = (MARK + 2, -width - MARK);
    let (middle, above, below) = (-HEIGHT / 2, -HEIGHT - MARK, MARK);
    [
        (right, middle),
        (left, middle),
        (-width / 2, below),
        (-width / 2, above),
        (right, above + MARK),
        (right, below - MARK),
        (left, above + MARK),
        (left, below - MARK),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Rectangle = Rectangle { left: 0, top: 0, right: 400, bottom: 200 };

    fn places(marks: &[((i32, i32), &str)]) -> Vec<Rectangle> {
        offsets(marks, BOUNDS)
            .zip(marks)
            .map(|(offset, &(mark, name))| {
                Rectangle::of_name(mark, offset, LETTER * name.len() as i32)
            })
            .collect()
    }

    #[test]
    fn names_cover_neither_marks_nor_each_other() {
        let marks = [
            ((100, 100), "spork"),
            ((100, 104), "spork, not exact"),
            ((150, 100), "seismic"),
            ((395, 100), "at the right edge"),
            ((5, 5), "in a corner"),
            ((200, 195), "below"),
        ];
        let names = places(&marks);
        for (number, name) in names.iter().enumerate() {
            assert!(BOUNDS.holds(name), "{name:?}");
            assert!(names[..number].iter().all(|other| name.shared(other) == 0), "{names:?}");
            let covered = |mark| name.shared(&Rectangle::around(mark));
            assert!(marks.iter().all(|&(mark, _)| covered(mark) == 0), "{name:?}");
        }
    }

    #[test]
    fn too_many_for_the_room_still_have_a_place() {
        let marks = vec![((200, 100), "the same"); 40];
        assert_eq!(places(&marks).len(), 40);
    }
}
