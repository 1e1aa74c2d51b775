//! A file of topics: ids and texts, no id twice.

use std::collections::{HashMap, VecDeque};
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
    let (mut reader, mut topics) = (TopicReader::open(path)?, Vec::new());
    while let Some(topic) = reader.next_topic()? {
        topics.push(topic);
    }
    Ok(topics)
}

/// Reads topics one after the other, as [`read_topics`] does, without waiting for what follows.
pub struct TopicReader {
    source: Source,
    format: TextFormat,
    qids: SeenIds,
    buffer: Vec<u8>,
    /// Read and not yet handed out: ids alone, until a topic with a text tells what they are.
    waiting: VecDeque<(String, String)>,
    topics: usize,
    /// How many topics are an id alone, and the first of them with its line.
    alone: usize,
    first_alone: Option<(u64, String)>,
}

impl TopicReader {
    /// Opens a file, or standard input for `-`, and looks at its first line.
    ///
    /// # Errors
    /// The file can't be read, or its first line can't be that of a file of topics.
    pub fn open(path: &Path) -> Result<Self> {
        Self::of(Source::open(path)?)
    }

    fn of(mut source: Source) -> Result<Self> {
        let format = TextFormat::detect(&mut source)?;
        Ok(Self {
            source,
            format,
            qids: SeenIds::default(),
            buffer: Vec::new(),
            waiting: VecDeque::new(),
            topics: 0,
            alone: 0,
            first_alone: None,
        })
    }

    /// The next topic: its id and its text; none at the end.
    ///
    /// # Errors
    /// A line that is no topic, with its number; an id that comes twice; at the end, a file without
    /// a topic.
    pub fn next_topic(&mut self) -> Result<Option<(String, String)>> {
        while self.waiting.is_empty() || self.alone == self.topics {
            let Some(line) = self.source.next_line(&mut self.buffer)? else {
                return self.check_end().map(|()| None);
            };
            let path = self.source.path();
            let topic = match lone_id(line) {
                Some(id) => {
                    self.first_alone.get_or_insert_with(|| (line.number, id.to_owned()));
                    self.alone += 1;
                    (id.to_owned(), String::new())
                }
                None => {
                    let topic = TextLine::parse(self.format, line)
                        .map_err(|error| Error::line(path, line.number, error))?;
                    (topic.id.into_owned(), topic.text.into_owned())
                }
            };
            self.qids.add(&topic.0, path, line.number)?;
            self.topics += 1;
            self.waiting.push_back(topic);
        }
        Ok(self.waiting.pop_front())
    }

    /// Says what only the end tells: that there was no topic, or how many had no text.
    fn check_end(&mut self) -> Result<()> {
        let path = self.source.path();
        if self.topics == 0 {
            return Err(Error::NoQuery { path: path.to_owned() });
        }
        let Some((line, id)) = self.first_alone.take() else { return Ok(()) };
        if self.alone == self.topics {
            return Err(Error::line(path, line, LineError::columns("qid<TAB>text", &id)));
        }
        tracing::warn!(
            "{}: {} of {} topics are an id without a tab and a text, the first in line {line}; \
             they have no terms",
            path.display(),
            self.alone,
            self.topics
        );
        Ok(())
    }
}

/// The id of a line that has nothing else.
fn lone_id(line: Line<'_>) -> Option<&str> {
    let id = line.text().ok()?;
    (!id.starts_with('{') && !id.contains('\0') && check_id(id).is_ok()).then_some(id)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

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
    fn a_topic_is_handed_out_before_the_next_is_there() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"1\tcats\n").unwrap();
        let source = Source::from_reader(Path::new("pipe"), reader);
        let mut topics = TopicReader::of(source.unwrap()).unwrap();
        for (line, id, text) in [("", "1", "cats"), ("2\n", "2", ""), ("3\tdogs\n", "3", "dogs")] {
            writer.write_all(line.as_bytes()).unwrap();
            let topic = topics.next_topic().unwrap().unwrap();
            assert_eq!(topic, (id.to_owned(), text.to_owned()));
        }
        drop(writer);
        assert_eq!(topics.next_topic().unwrap(), None);
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
