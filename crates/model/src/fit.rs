//! Whether queries were encoded for the documents of an index: one rule for every way to search.

use crate::identity::Identity;
use crate::record::EncoderRecord;

/// What a query encoder is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryEncoder {
    /// The model that encoded the documents, or its own query side.
    Same,
    /// A model of its own, whose weights are others on purpose.
    Separate,
}

/// Queries that were not encoded for the documents of an index.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EncoderMismatch {
    /// Another vocabulary, or another tokenizer over it.
    #[error(
        "{index} was encoded by {documents}, whose vocabulary is not that of {queries}; give the \
         model of the index"
    )]
    Vocabulary {
        /// The index.
        index: String,
        /// The encoder of its documents.
        documents: String,
        /// The encoder of the queries.
        queries: String,
    },
    /// Another network over the same vocabulary.
    #[error(
        "{index} was encoded by {documents} ({document_network}), the queries by {queries} \
         ({query_network}): scores between the two mean little; give the model of the index, or \
         say that this is meant: --query-model for a model, --allow-mismatch for vectors"
    )]
    Network {
        /// The index.
        index: String,
        /// The encoder of its documents.
        documents: String,
        /// Its weights and pooling.
        document_network: String,
        /// The encoder of the queries.
        queries: String,
        /// Its weights and pooling.
        query_network: String,
    },
}

/// Checks the encoder of queries against that of the documents of `index`, as the two record
/// themselves. Sides of one model that differ on purpose (a Router, a table of token weights) fit
/// each other, and so does any query encoder over the same vocabulary that is meant as
/// [`QueryEncoder::Separate`].
///
/// # Errors
/// The two do not fit, with both names.
pub fn check_query_encoder(
    index: &str,
    documents: &Identity,
    queries: &Identity,
    meant: QueryEncoder,
) -> Result<(), EncoderMismatch> {
    if !documents.fits(queries) {
        return Err(EncoderMismatch::Vocabulary {
            index: index.to_owned(),
            documents: documents.name.clone(),
            queries: queries.name.clone(),
        });
    }
    let equal = documents.weights == queries.weights && documents.pooling == queries.pooling;
    if queries.is_query_side() || equal || meant == QueryEncoder::Separate {
        return Ok(());
    }
    Err(EncoderMismatch::Network {
        index: index.to_owned(),
        documents: documents.name.clone(),
        document_network: network(documents),
        queries: queries.name.clone(),
        query_network: network(queries),
    })
}

/// Checks two records as [`check_query_encoder`] does; records of encoders that are not ours say
/// too little, and are left to the user with a warning where they differ.
///
/// # Errors
/// The two do not fit, with both names.
pub fn check_query_record(
    index: &str,
    documents: &EncoderRecord,
    queries: &EncoderRecord,
) -> Result<(), EncoderMismatch> {
    match (documents.identity(), queries.identity()) {
        (Ok(documents), Ok(queries)) => {
            check_query_encoder(index, &documents, &queries, QueryEncoder::Same)
        }
        _ => {
            if documents != queries {
                tracing::warn!(
                    "{index} was encoded by {}, the queries by {}; make sure that the two fit",
                    documents.name().unwrap_or("an encoder without a name"),
                    queries.name().unwrap_or("an encoder without a name")
                );
            }
            Ok(())
        }
    }
}

fn network(identity: &Identity) -> String {
    let pooling = identity.pooling.as_deref().unwrap_or("no");
    match &identity.weights {
        Some(weights) => format!("weights {weights}, {pooling} pooling"),
        None => format!("no weights, {pooling} pooling"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    fn identity(name: &str) -> Identity {
        Identity {
            name: name.to_owned(),
            architecture: "bert".to_owned(),
            pooling: Some("max".to_owned()),
            precision: None,
            backend: None,
            level: None,
            prompt: String::new(),
            max_length: None,
            top_terms: None,
            lexical_only: false,
            weights: Some("00000001".to_owned()),
            tokenizer: "0000000a".to_owned(),
            side: None,
        }
    }

    fn said(documents: &Identity, queries: &Identity, meant: QueryEncoder) -> String {
        let checked = check_query_encoder("i", documents, queries, meant);
        checked.map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn another_network_fits_only_where_it_is_meant() {
        let documents = identity("one");
        assert_eq!(said(&documents, &identity("moved"), QueryEncoder::Same), "");
        for other in [
            Identity { weights: Some("00000002".to_owned()), ..identity("two") },
            Identity { pooling: Some("sum".to_owned()), ..identity("two") },
        ] {
            let refused = said(&documents, &other, QueryEncoder::Same);
            assert!(refused.contains("by one") && refused.contains("by two"), "{refused}");
            assert_eq!(said(&documents, &other, QueryEncoder::Separate), "");
        }
        let shorter = Identity { max_length: Some(8), lexical_only: true, ..identity("one") };
        assert_eq!(said(&documents, &shorter, QueryEncoder::Same), "");
    }

    #[test]
    fn another_vocabulary_never_fits() {
        let other = Identity { tokenizer: "0000000b".to_owned(), ..identity("two") };
        for meant in [QueryEncoder::Same, QueryEncoder::Separate] {
            assert!(said(&identity("one"), &other, meant).contains("vocabulary"));
        }
    }

    #[test]
    fn sides_of_one_model_fit() {
        let other = Some("00000002".to_owned());
        let tokens = Identity {
            architecture: "tokens".to_owned(),
            pooling: None,
            weights: other.clone(),
            ..identity("two")
        };
        let side = Identity { side: Some(Kind::Query), weights: other, ..identity("two") };
        for queries in [&tokens, &side] {
            assert_eq!(said(&identity("one"), queries, QueryEncoder::Same), "");
        }
        let documents = Identity { side: Some(Kind::Document), ..identity("one") };
        let other = Identity { side: None, ..side };
        assert_ne!(said(&documents, &other, QueryEncoder::Same), "");
    }

    #[test]
    fn foreign_records_are_not_judged() {
        let record = |json: &str| EncoderRecord::parse(json).unwrap();
        let own = EncoderRecord::try_from(&identity("one")).unwrap();
        let foreign = record(r#"{"name": "theirs"}"#);
        check_query_record("i", &own, &foreign).unwrap();
        let other = Identity { weights: None, ..identity("two") };
        let other = EncoderRecord::try_from(&other).unwrap();
        check_query_record("i", &own, &other).unwrap_err();
    }
}
