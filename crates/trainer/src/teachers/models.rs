//! Models as teachers: their vectors of all texts of a run, made once and kept in its folder.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use spork_encoder::{Backend, DenseModel, Model};
use spork_model::{DeviceChoice, EncodeOptions, Kind, LoadOptions, ModelError};

use super::rows::{Rows, SparseRows};
use crate::config::{TeacherConfig, TeacherKind};
use crate::error::{Result, TrainError};
use crate::examples::Examples;
use crate::texts::{TextId, Texts};

/// The key of the metadata that tells which model and texts the vectors are of.
const OF: &str = "of";

/// What computes the networks of teachers.
#[derive(Clone, Copy)]
pub struct TeacherNetworks<'n> {
    /// The backend.
    pub backend: &'n dyn Backend,
    /// Where they run.
    pub device: DeviceChoice,
}

/// The vectors of queries and documents: those in the file `kept`, if it is of this model and these
/// texts; else they are made, and kept there.
pub(super) fn vectors(
    config: &TeacherConfig,
    model: &Path,
    examples: &Examples,
    networks: TeacherNetworks<'_>,
    kept: &Path,
) -> Result<(Rows, Rows)> {
    let of = fingerprint(config, model, examples)?;
    if let Some(found) = read(kept, config.kind, &of)? {
        return Ok(found);
    }
    let texts = examples.queries.len() + examples.documents.len();
    tracing::info!("teacher {}: {texts} texts to encode, once a run", model.display());
    let started = Instant::now();
    let made = make(config, model, examples, networks)?;
    tracing::info!("teacher {}: {:.0} s", model.display(), started.elapsed().as_secs_f64());
    write(kept, &made, of)?;
    Ok(made)
}

fn make(
    config: &TeacherConfig,
    model: &Path,
    examples: &Examples,
    networks: TeacherNetworks<'_>,
) -> Result<(Rows, Rows)> {
    let (queries, documents) = (all(&examples.queries), all(&examples.documents));
    let TeacherNetworks { backend, device } = networks;
    match config.kind {
        TeacherKind::Dense => {
            let model = DenseModel::open(model, device, None, backend)?;
            let rows = |texts: &[&str]| -> Result<Rows> {
                let vectors = model.embed(texts, None)?;
                let width = vectors.first().map_or(0, Vec::len);
                Ok(Rows::Dense { width, values: vectors.concat() })
            };
            Ok((rows(&queries)?, rows(&documents)?))
        }
        TeacherKind::Sparse => {
            let pooling = config.pooling;
            let options =
                LoadOptions { device, pooling, precision: None, ..LoadOptions::default() };
            let model = Model::open(model, &options, Some(backend))?;
            let rows = |kind: Kind, texts: &[&str]| -> Result<Rows> {
                let mut rows = SparseRows::default();
                for vector in model.encode(kind, texts, &EncodeOptions::default())? {
                    rows.push(vector.entries().iter().map(|&(term, weight)| (term.0, weight)));
                }
                Ok(Rows::Sparse(rows))
            };
            Ok((rows(Kind::Query, &queries)?, rows(Kind::Document, &documents)?))
        }
        TeacherKind::Bm25 => Ok(super::bm25::vectors(&examples.queries, &examples.documents)),
    }
}

fn all(texts: &Texts) -> Vec<&str> {
    (0..texts.len() as u32).map(|number| texts.get(TextId(number))).collect()
}

/// A checksum of the files of the model's folder, its pooling where that is set, and all texts.
fn fingerprint(config: &TeacherConfig, model: &Path, examples: &Examples) -> Result<String> {
    let mut checksum = crc32fast::Hasher::new();
    if let Some(pooling) = config.pooling {
        checksum.update(format!("{pooling:?}").as_bytes());
    }
    let failed = |source| TrainError::io(model, source);
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(model).map_err(failed)? {
        files.push(entry.map_err(failed)?.path());
    }
    files.retain(|path| path.is_file());
    files.sort();
    for path in files {
        checksum.update(&fs::read(&path).map_err(|source| TrainError::io(&path, source))?);
    }
    for texts in [&examples.queries, &examples.documents] {
        checksum.update(&(texts.len() as u64).to_le_bytes());
        for text in all(texts) {
            checksum.update(text.as_bytes());
            checksum.update(&[0]);
        }
    }
    Ok(format!("{:08x}", checksum.finalize()))
}

/// The vectors in the file, if there is one and it is of what `of` says.
fn read(path: &Path, kind: TeacherKind, of: &str) -> Result<Option<(Rows, Rows)>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(TrainError::io(path, source)),
    };
    let damaged = |error| damaged(path, error);
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(damaged)?;
    if metadata.metadata().as_ref().and_then(|known| known.get(OF)).map(String::as_str) != Some(of)
    {
        return Ok(None);
    }
    let tensors = SafeTensors::deserialize(&bytes).map_err(damaged)?;
    let rows = |side: &str| -> Result<Rows> {
        let tensor = |name: &str| tensors.tensor(&format!("{side}.{name}")).map_err(damaged);
        Ok(match kind {
            TeacherKind::Dense => {
                let values = tensor("values")?;
                let width = values.shape().get(1).copied().unwrap_or(0);
                Rows::Dense { width, values: numbers(values.data(), f32::from_le_bytes) }
            }
            TeacherKind::Sparse | TeacherKind::Bm25 => Rows::Sparse(SparseRows {
                ends: numbers(tensor("ends")?.data(), u64::from_le_bytes),
                terms: numbers(tensor("terms")?.data(), u32::from_le_bytes),
                weights: numbers(tensor("weights")?.data(), f32::from_le_bytes),
            }),
        })
    };
    Ok(Some((rows("queries")?, rows("documents")?)))
}

/// Numbers of `N` bytes each.
fn numbers<const N: usize, T>(bytes: &[u8], number: fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().copied().map(number).collect()
}

/// Writes the file as a whole, or leaves the old one.
fn write(path: &Path, (queries, documents): &(Rows, Rows), of: String) -> Result<()> {
    let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    for (side, rows) in [("queries", queries), ("documents", documents)] {
        let mut add = |name: &str, dtype, shape: Vec<usize>, bytes| {
            tensors.push((format!("{side}.{name}"), dtype, shape, bytes));
        };
        match rows {
            Rows::Dense { width, values } => {
                let shape = vec![rows.len(), *width];
                add("values", Dtype::F32, shape, bytes(values, f32::to_le_bytes));
            }
            Rows::Sparse(SparseRows { ends, terms, weights }) => {
                add("ends", Dtype::U64, vec![ends.len()], bytes(ends, u64::to_le_bytes));
                add("terms", Dtype::U32, vec![terms.len()], bytes(terms, u32::to_le_bytes));
                add("weights", Dtype::F32, vec![weights.len()], bytes(weights, f32::to_le_bytes));
            }
        }
    }
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| {
            let view = TensorView::new(*dtype, shape.clone(), bytes);
            Ok((name.as_str(), view.map_err(|error| damaged(path, error))?))
        })
        .collect::<Result<Vec<_>>>()?;
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(|source| TrainError::io(folder, source))?;
    let part = path.with_extension("partial");
    let metadata = HashMap::from([(OF.to_owned(), of)]);
    safetensors::serialize_to_file(views, Some(metadata), &part)
        .map_err(|error| damaged(&part, error))?;
    fs::rename(&part, path).map_err(|source| TrainError::io(path, source))
}

fn bytes<const N: usize, T: Copy>(numbers: &[T], bytes: fn(T) -> [u8; N]) -> Vec<u8> {
    numbers.iter().flat_map(|&number| bytes(number)).collect()
}

fn damaged(path: &Path, error: safetensors::SafeTensorError) -> TrainError {
    ModelError::Damaged { path: path.to_owned(), what: error.to_string() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_vectors_are_read_back_for_the_same_model_and_texts_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("teachers/1.safetensors");
        assert_eq!(read(&path, TeacherKind::Dense, "a").unwrap(), None);
        let dense = |values: &[f32]| Rows::Dense { width: 2, values: values.to_vec() };
        let made = (dense(&[1.0, -0.5]), dense(&[0.25, 3.0, 1e-9, 7.0]));
        write(&path, &made, "a".to_owned()).unwrap();
        assert_eq!(read(&path, TeacherKind::Dense, "a").unwrap(), Some(made));
        assert_eq!(read(&path, TeacherKind::Dense, "b").unwrap(), None);

        let mut rows = SparseRows::default();
        rows.push([(3, 0.5), (70_000, 2.0)].into_iter());
        rows.push(std::iter::empty());
        let made = (Rows::Sparse(rows.clone()), Rows::Sparse(rows));
        write(&path, &made, "c".to_owned()).unwrap();
        assert_eq!(read(&path, TeacherKind::Sparse, "c").unwrap(), Some(made));

        fs::write(&path, b"nothing").unwrap();
        let said = read(&path, TeacherKind::Sparse, "c").unwrap_err().to_string();
        assert!(said.contains("1.safetensors"), "{said}");
    }

    #[test]
    fn another_text_or_another_model_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.json"), "{}").unwrap();
        let mut examples = Examples::default();
        examples.queries.push("a b");
        let config = |text: &str| toml::from_str::<TeacherConfig>(text).unwrap();
        let of = |config: &TeacherConfig, examples: &Examples| {
            fingerprint(config, folder.path(), examples).unwrap()
        };
        let dense = config("kind = \"dense\"");
        let first = of(&dense, &examples);
        assert_eq!(of(&dense, &examples), first);
        examples.documents.push("c");
        let second = of(&dense, &examples);
        assert_ne!(second, first);
        let [max, sum] = ["max", "sum"]
            .map(|way| of(&config(&format!("kind = \"sparse\"\npooling = \"{way}\"")), &examples));
        assert_ne!(max, sum);
        fs::write(folder.path().join("config.json"), "{ }").unwrap();
        assert_ne!(of(&dense, &examples), second);
    }
}
