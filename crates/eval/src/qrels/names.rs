//! The names that columns and keys of judgments go by.

/// What a column or a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Qid,
    Docno,
    Grade,
}

impl Role {
    /// Its names without hyphens and underscores, in lower case. Where a record has several, the
    /// first one counts: `query` may hold the topic's text, `score` that of a retriever.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Qid => &["queryid", "qid", "topicid", "topic", "query"],
            Self::Docno => &[
                "corpusid",
                "docid",
                "docno",
                "documentid",
                "passageid",
                "pid",
                "did",
                "doc",
                "document",
                "passage",
                "corpus",
            ],
            Self::Grade => &["relevance", "rel", "grade", "label", "judgment", "score"],
        }
    }
}

/// The role of a name, and its place among the names of that role; `None` for other names.
pub(super) fn role(name: &str) -> Option<(Role, usize)> {
    let bare: String = name
        .trim_matches('"')
        .chars()
        .filter(|character| !matches!(character, '-' | '_'))
        .map(|character| character.to_ascii_lowercase())
        .collect();
    // The British spelling.
    let bare = bare.replace("judgem", "judgm");
    [Role::Qid, Role::Docno, Role::Grade].into_iter().find_map(|role| {
        let place = role.names().iter().position(|known| *known == bare)?;
        Some((role, place))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_several_spellings() {
        for (name, expected) in [
            ("query-id", Some((Role::Qid, 0))),
            ("Query_ID", Some((Role::Qid, 0))),
            ("\"corpus-id\"", Some((Role::Docno, 0))),
            ("doc_id", Some((Role::Docno, 1))),
            ("score", Some((Role::Grade, 5))),
            (concat!("judge", "ment"), Some((Role::Grade, 4))),
            ("iter", None),
            ("1", None),
            ("", None),
        ] {
            assert_eq!(role(name), expected, "{name}");
        }
    }
}
