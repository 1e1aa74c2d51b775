//! Lines of columns that tabs or blanks set apart.

use crate::error::RecordError;

/// The columns of a line.
pub(crate) fn columns(line: &str) -> Vec<&str> {
    line.split_ascii_whitespace().collect()
}

/// The error of a line that has not the `count` columns of `expected`, with the reason where the
/// line shows it: ids with blanks, or commas.
pub(crate) fn wrong_columns(expected: &str, count: usize, line: &str) -> RecordError {
    let fields: Vec<&str> = line.trim_matches(['\r', '\n']).split('\t').collect();
    let blank = fields.iter().find(|field| columns(field).len() > 1);
    let hint = match blank {
        Some(field) if fields.len() == count => format!(
            "; {:?} holds a blank, which ids can't, because run files set columns apart by them: \
             rename it",
            field.trim_ascii()
        ),
        _ if columns(line).len() > count => {
            "; ids can't hold blanks, because run files set columns apart by them".to_owned()
        }
        _ if columns(line).len() == 1 && line.contains(',') => {
            "; columns are set apart by tabs or blanks, not by commas".to_owned()
        }
        _ => String::new(),
    };
    RecordError::Columns {
        expected: expected.to_owned(),
        got: line.chars().take(60).collect(),
        hint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_told_where_it_shows() {
        for (line, says) in [
            ("q\tRed Fox\t1", r#"expected a b c, got "q\tRed Fox\t1"; "Red Fox" holds a blank"#),
            ("q Red Fox 1", r#"expected a b c, got "q Red Fox 1"; ids can't hold blanks"#),
            ("q,d,1", "not by commas"),
        ] {
            let said = wrong_columns("a b c", 3, line).to_string();
            assert!(said.contains(says), "{line:?}: {said}");
        }
        assert_eq!(wrong_columns("a b c", 3, "q").to_string(), r#"expected a b c, got "q""#);
    }
}
