//! A document as an index has it.

use spork_index::{Index, Place};

use crate::Result;

/// What an index holds of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Its name.
    pub docno: String,
    /// Its text, where the index stores texts and this document has one.
    pub text: Option<String>,
    /// Its vector in each field.
    pub vectors: Vec<FieldVector>,
}

/// A document's vector in a field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldVector {
    /// The field's name.
    pub field: String,
    /// Terms and weights, the heaviest first, equal weights by term. Weights are those that were
    /// indexed, rounded to multiples of the field's scale.
    pub weights: Vec<(String, f32)>,
}

impl Document {
    /// Reads the living document of a docno; `None` if there is none.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn read(index: &Index, docno: &str) -> Result<Option<Self>> {
        let Some(docid) = index.find(docno)? else { return Ok(None) };
        let place = index.place(docid)?;
        let vectors = vectors(index, &place)?;
        Ok(Some(Self { docno: docno.to_owned(), text: None, vectors }))
    }
}

fn vectors(index: &Index, place: &Place<'_>) -> Result<Vec<FieldVector>> {
    let fields = &index.manifest().fields;
    let empty =
        fields.iter().map(|field| FieldVector { field: field.name.clone(), weights: vec![] });
    let mut vectors: Vec<FieldVector> = empty.collect();
    for (term, impact) in place.segment.vector(place.docid)? {
        let Some(field) = place.segment.summary().counts.field_of(term) else { continue };
        let weight = fields[field].quantizer().dequantize(impact);
        let term = place.segment.lexicon().term(term)?.to_owned();
        vectors[field].weights.push((term, weight));
    }
    for vector in &mut vectors {
        vector.weights.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }
    Ok(vectors)
}
