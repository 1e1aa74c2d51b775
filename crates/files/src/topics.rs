//! A file of topics as a whole: ids and texts, no id twice.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, LineError, Result, check_id};
use crate::line::Line;
use crate::source::Source;
use crate::text::{TextFormat, TextLine};

/// The lines of ids seen, so that none is taken twice.
#[derive(Debug, Default)]
pub struct SeenIds {
    /// By id: the file, as a place in `files`, and the line.
    lines: HashMap<String, (u32, u64)>,
    files: Vec<PathBuf>,
}

impl SeenIds {
    /// Notes the id of line `line` of `path`.
    ///
    /// # Errors
    /// An earlier line has it.
    pub fn add(&mut self, id: &str, path: &Path, line: u64) -> Result<()> {
        let file = self.number(path);
        let earlier = self.lines.insert(id.to_owned(), (file, line));
        let Some((earlier_file, earlier)) = earlier else { return Ok(()) };
        let of = (earlier_file != file).then(|| self.files[earlier_file as usize].clone());
        Err(Error::line(path, line, LineError::Repeated { id: id.to_owned(), earlier, file: of }))
    }

    fn number(&mut self, path: &Path) -> u32 {
        let known = self.files.iter().position(|file| file == path).unwrap_or(self.files.len());
        if known == self.files.len() {
            self.files.push(path.to_owned());
        }
        known as u32
    }
}

/// Reads topics, each with its id: `qid<TAB>text` or BEIR's `queries.jsonl`, plain, gzip or zstd.
///
/// A line of an id alone, in a file whose other lines have a text, is a topic without text; a
/// warning counts them.
///
/// # Errors
/// A line that is neither, with its number; an id that comes twice; a file without a topic.
pub fn read_topics(path: &Path) -> Result<Vec<(String, String)>> {
    let mut source = Source::open(path)?;
    let format = TextFormat::detect(&mut source)?;
    let (mut topics, mut qids, mut buffer) = (Vec::new(), SeenIds::default(), Vec::new());
    // The first line of an id alone, and how many there are.
    let (mut alone, mut count) = (None, 0);
    while let Some(line) = source.next_line(&mut buffer)? {
        if let Some(id) = lone_id(line) {
            qids.add(id, source.path(), line.number)?;
            topics.push((id.to_owned(), String::new()));
            alone.get_or_insert_with(|| (line.number, id.to_owned()));
            count += 1;
            continue;
        }
        let topic = TextLine::parse(format, line)
            .map_err(|error| Error::line(source.path(), line.number, error))?;
        qids.add(&topic.id, source.path(), line.number)?;
        topics.push((topic.id.into_owned(), topic.text.into_owned()));
    }
    if topics.is_empty() {
        return Err(Error::NoQuery { path: path.to_owned() });
    }
    if let Some((line, id)) = alone {
        if count == topics.len() {
            return Err(Error::line(path, line, LineError::columns("qid<TAB>text", &id)));
        }
        tracing::warn!(
            "{}: {count} of {} topics are an id without a tab and a text, the first in line \
             {line}; they have no terms",
            path.display(),
            topics.len()
        );
    }
    Ok(topics)
}

/// The id of a line that has nothing else.
fn lone_id(line: Line<'_>) -> Option<&str> {
    let id = line.text().ok()?;
    (!id.starts_with('{') && !id.contains('\0') && check_id(id).is_ok()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<Vec<(String, String)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("topics");
        std::fs::write(&path, text).unwrap();
        read_topics(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn a_text_that_got_lost_costs_its_own_topic_only() {
        let topic = |id: &str, text: &str| (id.to_owned(), text.to_owned());
        let expected = [topic("1", "cats"), topic("2", ""), topic("3", "")];
        assert_eq!(read("1\tcats\n2\n3\t\n").unwrap(), expected);
        for (text, says) in [
            ("cats\ndogs\n", ":1: expected qid<TAB>text"),
            ("1\tcats\n2 dogs\n", ":2: expected id<TAB>text"),
            ("1\tcats\n1\n", ":2: id \"1\" already"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(says), "{text}: {said}");
        }
    }

    #[test]
    fn an_id_that_comes_twice_is_placed() {
        let mut seen = SeenIds::default();
        let (one, two) = (Path::new("one"), Path::new("two"));
        for (id, path, line) in [("a", one, 1), ("b", one, 2), ("c", two, 1)] {
            seen.add(id, path, line).unwrap();
        }
        let said = seen.add("c", two, 2).unwrap_err().to_string();
        assert!(said.contains("two:2: ") && said.contains("in line 1;"), "{said}");
        let said = seen.add("b", two, 3).unwrap_err().to_string();
        assert!(said.contains("two:3: ") && said.contains("in line 2 of one;"), "{said}");
    }
}
