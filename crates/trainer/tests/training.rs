//! Whole runs on a tiny random model: they repeat, resume, keep to a budget, and stop when they
//! collapse.

#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use spork_encoder::Model;
use spork_encoder_torch::{Device, Torch};
use spork_model::{DeviceChoice, EncodeOptions, Kind, LoadOptions, TokenWeights};
use spork_trainer::{
    RunOptions, StepRecord, Summary, TeacherNetworks, TrainConfig, TrainError, read_log, train,
};
use tempfile::TempDir;

const MODEL: &str = "../model/tests/golden/bert-tied";

/// Twenty pairs in words of the tiny vocabulary, each with two negatives and a teacher's scores.
fn pairs() -> String {
    let words = [
        "ocean", "music", "market", "disease", "energy", "history", "planet", "index", "river",
        "law",
    ];
    let mut lines = String::new();
    for number in 0..20usize {
        let word = |step: usize| words[(number + step) % words.len()];
        lines += &format!(
            "{{\"query\": \"what is {} and {}\", \"positive\": \"the {} is like the {} and number {number}\", \
             \"negatives\": [\"a {} of the world\", \"the old {} and a new {}\"], \"scores\": [2.5, 0.5, -1]}}\n",
            word(0),
            word(1),
            word(0),
            word(1),
            word(2),
            word(3),
            word(4)
        );
    }
    lines
}

struct Scene {
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("pairs.jsonl"), pairs()).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the settings: `top` before the tables, `model` in the model's, then whatever `rest`
    /// says.
    fn config(&self, top: &str, model: &str, rest: &str) -> Result<TrainConfig, TrainError> {
        let initial = Path::new(MODEL).canonicalize().unwrap();
        let text =
            format!("{top}\n[model]\ninitial = {:?}\n{model}\n{rest}\n", initial.to_str().unwrap());
        fs::write(self.path("train.toml"), text).unwrap();
        TrainConfig::read(&self.path("train.toml"))
    }

    fn run(&self, config: &TrainConfig, output: &str, resume: bool) -> Result<Summary, TrainError> {
        train(
            config,
            RunOptions {
                output: &self.path(output),
                resume,
                device: Device::Cpu,
                teachers: TeacherNetworks { backend: &Torch, device: DeviceChoice::Cpu },
                stop_after: None,
                validator: None,
                observer: &mut |_| {},
            },
        )
    }

    fn log(&self, output: &str) -> Vec<StepRecord> {
        let mut records = read_log(&self.path(output).join("train.jsonl")).unwrap();
        // Time is the one thing that never repeats.
        records.iter_mut().for_each(|record| record.seconds = 0.0);
        records
    }
}

const RANKING: &str = r#"
[objective]
kind = "splade"
pairs = ["pairs.jsonl"]
negatives = 2
[objective.loss]
info_nce = 1.0
kl = 0.5
margin_mse = 0.05
[objective.documents]
penalty = { kind = "df-flops" }
lambda = 1e-2
warmup = 4
[objective.queries]
penalty = { kind = "l1" }
lambda = 1e-2
[optimizer]
learning_rate = 1e-3
warmup = 2
[checkpoint]
every = 5
"#;

fn batch(settings: &str) -> String {
    format!("{RANKING}\n[batch]\n{settings}\n")
}

#[test]
fn a_run_repeats_bit_for_bit_and_goes_on_where_it_was_killed() {
    let scene = Scene::new();
    let long = scene.config("seed = 3\nsteps = 12", "", &batch("size = 6\ntokens = 40")).unwrap();
    let summary = scene.run(&long, "one", false).unwrap();
    assert!(summary.finished && summary.steps == 12);
    scene.run(&long, "two", false).unwrap();
    let log = scene.log("one");
    assert_eq!(log.len(), 12);
    assert_eq!(log, scene.log("two"));
    let weights =
        |output: &str| fs::read(scene.path(output).join("model/model.safetensors")).unwrap();
    assert_eq!(weights("one"), weights("two"));

    // A kill after step 12 of a run whose last complete checkpoint is that of step 10.
    fs::remove_dir_all(scene.path("two/checkpoints/step-00000012")).unwrap();
    fs::remove_dir_all(scene.path("two/model")).unwrap();
    assert!(scene.run(&long, "two", false).unwrap_err().to_string().contains("--resume"));
    scene.run(&long, "two", true).unwrap();
    assert_eq!(log, scene.log("two"));
    assert_eq!(weights("one"), weights("two"));

    let other = scene.config("seed = 4\nsteps = 12", "", &batch("size = 6\ntokens = 40")).unwrap();
    scene.run(&other, "three", false).unwrap();
    assert_ne!(log, scene.log("three"));
}

#[test]
fn memory_settings_change_nothing_but_the_last_bits() {
    let scene = Scene::new();
    let mut logs = Vec::new();
    // Whole batches, pieces of one or two texts, and pieces without the second pass. Without
    // dropout, whose random numbers follow the pieces.
    for (name, settings) in [
        ("whole", "size = 8\ntokens = 100000\ncached = false"),
        ("pieces", "size = 8\ntokens = 30"),
        ("kept", "size = 8\ntokens = 30\ncached = false"),
    ] {
        let config = scene.config("steps = 3", "dropout = 0.0", &batch(settings)).unwrap();
        scene.run(&config, name, false).unwrap();
        logs.push(scene.log(name));
    }
    for other in &logs[1..] {
        for (a, b) in logs[0].iter().zip(other) {
            let close = |a: f64, b: f64| (a - b).abs() <= 2e-4 * a.abs().max(1e-3);
            assert!(
                close(a.loss, b.loss) && close(a.gradient_norm, b.gradient_norm),
                "{a:?} {b:?}"
            );
            assert!(close(a.document_penalty.unwrap(), b.document_penalty.unwrap()), "{a:?} {b:?}");
        }
    }
    // Groups see fewer negatives, but the penalty is still that of the whole batch.
    let config =
        scene.config("steps = 1", "dropout = 0.0", &batch("size = 8\ncontrast = 2")).unwrap();
    scene.run(&config, "groups", false).unwrap();
    let (whole, groups) = (&logs[0][0], &scene.log("groups")[0]);
    assert!(groups.ranking.unwrap() < whole.ranking.unwrap());
    assert!(
        (groups.document_penalty.unwrap() / whole.document_penalty.unwrap() - 1.0).abs() < 1e-4
    );
}

#[test]
fn dropout_is_the_same_in_both_passes() {
    let scene = Scene::new();
    let mut logs = Vec::new();
    for cached in [true, false] {
        let settings = format!("size = 8\ntokens = 60\ncached = {cached}");
        let config = scene.config("steps = 3", "dropout = 0.3", &batch(&settings)).unwrap();
        let name = format!("cached-{cached}");
        scene.run(&config, &name, false).unwrap();
        logs.push(scene.log(&name));
    }
    for (a, b) in logs[0].iter().zip(&logs[1]) {
        assert!((a.gradient_norm / b.gradient_norm - 1.0).abs() < 1e-3, "{a:?} {b:?}");
    }
}

#[test]
fn a_budget_is_met() {
    const BUDGET: &str = r#"
[objective]
kind = "splade"
pairs = ["pairs.jsonl"]
[objective.documents]
lambda = 1e-3
warmup = 300
[objective.queries]
lambda = 1e-3
warmup = 300
penalty = { kind = "l1" }
[objective.budget]
document_terms = 40
query_terms = 20
[optimizer]
learning_rate = 2e-3
[batch]
size = 10
"#;
    let scene = Scene::new();
    let config = scene.config("steps = 1000", "dropout = 0.0\nstart_terms = 150", BUDGET).unwrap();
    scene.run(&config, "out", false).unwrap();
    let log = scene.log("out");
    // Terms that died on the way down take their time to come back.
    let last = &log[850..];
    let mean = |figure: fn(&StepRecord) -> Option<f64>| {
        last.iter().filter_map(figure).sum::<f64>() / last.len() as f64
    };
    let (documents, queries) =
        (mean(|record| record.document_terms), mean(|record| record.query_terms));
    eprintln!("documents {documents:.1} of 40, queries {queries:.1} of 20");
    assert!(log[0].document_terms.unwrap() > 80.0);
    assert!((documents / 40.0 - 1.0).abs() < 0.1, "{documents}");
    assert!((queries / 20.0 - 1.0).abs() < 0.1, "{queries}");
}

/// Distillation alone, from teachers of whole batches, on texts without scores or negatives.
const TEACHERS: &str = r#"
[objective]
kind = "splade"
pairs = ["plain.jsonl"]
[objective.loss]
info_nce = 0.0
kl = 1.0
[[objective.teachers]]
kind = "bm25"
[[objective.teachers]]
kind = "sparse"
model = "MODEL"
weight = 0.5
[optimizer]
learning_rate = 3e-3
[batch]
size = 10
contrast = 5
[checkpoint]
every = 30
"#;

#[test]
fn teachers_of_whole_batches_are_followed_and_asked_once() {
    let scene = Scene::new();
    let texts = ["ocean", "music", "market", "disease", "energy", "history", "planet", "river"];
    let line = |word: &&str| format!("{{\"query\": \"{word}\", \"positive\": \"the {word}\"}}\n");
    fs::write(scene.path("plain.jsonl"), texts.iter().map(line).collect::<String>()).unwrap();
    // A model that says how it pools: what a run of one step has made.
    let config = scene.config("steps = 1", "", RANKING).unwrap();
    let model = scene.run(&config, "teacher", false).unwrap().model.unwrap();
    let rest = TEACHERS.replace("MODEL", model.to_str().unwrap());
    let config = scene.config("steps = 60", "dropout = 0.0", &rest).unwrap();
    scene.run(&config, "one", false).unwrap();
    let log = scene.log("one");
    let (first, last) = (log[0].ranking.unwrap(), log[59].ranking.unwrap());
    assert!(last < 0.5 * first, "{first} {last}");

    // BM25 needs no file; the other's is read when the run goes on.
    let kept = scene.path("one/teachers/2.safetensors");
    assert!(!scene.path("one/teachers/1.safetensors").exists());
    let made = fs::metadata(&kept).unwrap().modified().unwrap();
    fs::remove_dir_all(scene.path("one/checkpoints/step-00000060")).unwrap();
    fs::remove_dir_all(scene.path("one/model")).unwrap();
    scene.run(&config, "one", true).unwrap();
    assert_eq!(scene.log("one"), log);
    assert_eq!(fs::metadata(&kept).unwrap().modified().unwrap(), made);

    // A folder that does not say how it pools, and settings that do.
    fs::remove_file(model.join("modules.json")).unwrap();
    let refused = scene.run(&config, "silent", false).unwrap_err().to_string();
    assert!(refused.contains("does not say how it pools"), "{refused}");
    let pooled = rest.replace("weight = 0.5", "weight = 0.5\npooling = \"max\"");
    let config = scene.config("steps = 60", "dropout = 0.0", &pooled).unwrap();
    scene.run(&config, "pooled", false).unwrap();
    let losses = |log: Vec<StepRecord>| log.iter().map(|record| record.ranking).collect::<Vec<_>>();
    assert_eq!(losses(scene.log("pooled")), losses(log));

    for (from, to, says) in [
        ("kind = \"bm25\"", "kind = \"bm25\"\nmodel = \"m\"", "bm25 has no model"),
        ("kind = \"bm25\"", "kind = \"bm25\"\npooling = \"sum\"", "only a sparse teacher pools"),
        ("kind = \"bm25\"", "kind = \"dense\"", "needs a model"),
        ("kind = \"bm25\"", "kind = \"bm52\"", "bm52"),
        ("weight = 0.5", "wieght = 0.5", "wieght"),
        ("weight = 0.5", "weight = nan", "weight = NaN"),
        ("kl = 1.0", "kl = 0.0", "nothing"),
        ("size = 10", "size = 10\nneighbors = 5", "needs a teacher of kind"),
        ("size = 10", "size = 10\nextra_queries = 2", "needs batch.neighbors"),
    ] {
        let said = scene.config("steps = 1", "", &rest.replace(from, to)).unwrap_err().to_string();
        assert!(said.contains(says), "{to}: {said}");
    }
}

#[test]
fn vectors_without_terms_stop_the_run_with_advice() {
    let scene = Scene::new();
    let settings = RANKING.replace("lambda = 1e-2", "lambda = 1e4").replace("df-flops", "flops");
    let config = scene.config("steps = 400", "dropout = 0.0", &settings).unwrap();
    let error = scene.run(&config, "out", false).unwrap_err();
    assert!(matches!(error, TrainError::Collapse { .. }), "{error}");
    assert!(error.to_string().contains("lower lambda"), "{error}");
}

#[test]
fn vectors_of_all_terms_stop_the_run_with_advice() {
    let scene = Scene::new();
    let settings = RANKING.replace("lambda = 1e-2", "lambda = 0.0").replace("= 1e-3", "= 0.0");
    let config =
        scene.config("steps = 400", "dropout = 0.0\nstart_terms = 560", &settings).unwrap();
    let error = scene.run(&config, "out", false).unwrap_err();
    assert!(matches!(error, TrainError::Collapse { .. }), "{error}");
    assert!(error.to_string().contains("raise lambda"), "{error}");
}

#[test]
fn filling_in_words_lowers_the_loss() {
    const MLM: &str = r#"
[objective]
kind = "mlm"
texts = ["texts.txt"]
mask = 0.3
[batch]
size = 16
tokens = 60
[optimizer]
learning_rate = 3e-3
"#;
    let scene = Scene::new();
    let texts: String = (0..30).map(|_| "the quick brown fox jumps over the lazy dog\n").collect();
    fs::write(scene.path("texts.txt"), texts).unwrap();
    let config = scene.config("steps = 80", "dropout = 0.0", MLM).unwrap();
    scene.run(&config, "out", false).unwrap();
    let log = scene.log("out");
    let mean = |part: &[StepRecord]| {
        part.iter().map(|record| record.loss).sum::<f64>() / part.len() as f64
    };
    assert!(mean(&log[70..]) < 0.5 * mean(&log[..10]), "{} {}", mean(&log[..10]), mean(&log[70..]));
}

#[test]
fn the_model_that_comes_out_can_be_opened() {
    let scene = Scene::new();
    let lengths = "document_length = 32\nmax_length = 64";
    let config = scene.config("steps = 2", lengths, RANKING).unwrap();
    let summary = scene.run(&config, "out", false).unwrap();
    let model =
        Model::open(&summary.model.unwrap(), &LoadOptions::default(), Some(&Torch)).unwrap();
    let vectors =
        model.encode(Kind::Document, &["the quick brown fox"], &EncodeOptions::default()).unwrap();
    assert!(!vectors[0].is_empty());
    let identity = model.identity(Kind::Document, &EncodeOptions::default()).unwrap();
    assert_eq!((identity.pooling.as_deref(), identity.max_length), (Some("max"), Some(64)));
}

#[test]
fn weights_of_query_tokens_are_trained_with_the_documents() {
    let scene = Scene::new();
    let settings = format!("{RANKING}\n[objective.token_queries]\nweight = 0.5\n");
    let settings = settings.replace("info_nce = 1.0", "info_nce = 1.0\nin_batch = \"all\"");
    let config = scene.config("steps = 40", "dropout = 0.0", &settings).unwrap();
    let summary = scene.run(&config, "out", false).unwrap();
    let log = scene.log("out");
    let (first, last) = (log[0].token_ranking.unwrap(), log[39].token_ranking.unwrap());
    assert!(last < first - 0.3, "{first} {last}");

    let folder = summary.model.unwrap();
    let table = folder.join("query_weights.json");
    let written = fs::read_to_string(&table).unwrap();
    assert!(written.contains("\"ocean\":") && !written.contains("[CLS]"), "{written}");
    let options =
        LoadOptions { query_tokens: Some(TokenWeights::File(table)), ..LoadOptions::default() };
    let model = Model::open(&folder, &options, Some(&Torch)).unwrap();
    let vectors = model.encode(Kind::Query, &["ocean"], &EncodeOptions::default()).unwrap();
    assert_eq!(vectors[0].entries().len(), 1);

    // Another run begins with given ones; what is not given has none.
    fs::write(scene.path("table.json"), r#"{"ocean": 1.5, "music": 0.7}"#).unwrap();
    let settings = settings.replace("weight = 0.5", "weight = 0.5\ninitial = \"table.json\"");
    let further = scene.config("steps = 2", "dropout = 0.0", &settings).unwrap();
    let other = scene.run(&further, "further", false).unwrap().model.unwrap();
    let table = fs::read_to_string(other.join("query_weights.json")).unwrap();
    let table: BTreeMap<String, f64> = serde_json::from_str(&table).unwrap();
    assert_eq!(table.keys().collect::<Vec<_>>(), ["music", "ocean"]);
    assert!((table["ocean"] - 1.5).abs() < 0.3 && (table["music"] - 0.7).abs() < 0.3, "{table:?}");

    // They are part of a checkpoint.
    fs::remove_dir_all(scene.path("out/checkpoints/step-00000040")).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    scene.run(&config, "out", true).unwrap();
    assert_eq!(scene.log("out"), log);
    assert_eq!(fs::read_to_string(folder.join("query_weights.json")).unwrap(), written);
}

#[test]
fn bad_settings_and_bad_lines_are_named() {
    let scene = Scene::new();
    let fails = |rest: &str| match scene.config("steps = 1", "", rest) {
        Err(error) => error.to_string(),
        Ok(config) => scene.run(&config, "bad", false).unwrap_err().to_string(),
    };
    for (from, to, says) in [
        ("negatives = 2", "negatives = 3", "none of 20 examples has 3 negatives"),
        ("negatives = 2", "negatives = 0", "compare a positive with negatives"),
        ("kl = 0.5", "ql = 0.5", "ql"),
        ("learning_rate = 1e-3", "learning_rate = 7", "optimizer.learning_rate = 7"),
        ("pairs.jsonl", "absent.jsonl", "absent.jsonl"),
        ("[checkpoint]\nevery = 5", "[checkpoint]\nevery = 0", "checkpoint.every = 0"),
    ] {
        let said = fails(&RANKING.replace(from, to));
        assert!(said.contains(says), "{to}: {said}");
    }
    for (line, says) in [
        ("{\"query\": \"a\"}", "missing field `positive`"),
        ("{\"query\": \"a\", \"positive\": \" \"}", "the positive is empty"),
        (
            "{\"query\": \"a\", \"positive\": \"b\", \"negatives\": [\"c\"], \"scores\": [1]}",
            "1 scores",
        ),
        ("nonsense", "expected"),
    ] {
        fs::write(scene.path("pairs.jsonl"), format!("{}{line}\n", pairs())).unwrap();
        let said = fails(RANKING);
        assert!(said.contains("pairs.jsonl:21:") && said.contains(says), "{line}: {said}");
    }
}

#[test]
fn a_folder_takes_one_run_at_a_time() {
    let scene = Scene::new();
    let config = scene.config("steps = 1", "", RANKING).unwrap();
    fs::create_dir(scene.path("out")).unwrap();
    let lock = fs::File::create(scene.path("out/.lock")).unwrap();
    lock.lock().unwrap();
    let said = scene.run(&config, "out", false).unwrap_err().to_string();
    assert!(said.contains("out: another run is writing here"), "{said}");
    drop(lock);
    scene.run(&config, "out", false).unwrap();
}

#[test]
fn triples_by_id_train_as_pairs_do() {
    let scene = Scene::new();
    let pairs = concat!(
        "{\"query\": \"ocean water\", \"positive\": \"the ocean\", \"negatives\": [\"a dog\"], \"scores\": [2, 1]}\n",
        "{\"query\": \"old dog\", \"positive\": \"a dog\", \"negatives\": [\"the ocean\"], \"scores\": [3, 0.5]}\n",
    );
    fs::write(scene.path("pairs.jsonl"), pairs).unwrap();
    fs::write(scene.path("collection.tsv"), "p1\tthe ocean\np2\ta dog\n").unwrap();
    fs::write(scene.path("queries.tsv"), "q1\tocean water\nq2\told dog\n").unwrap();
    fs::write(scene.path("triples.tsv"), "q1\tp1\tp2\nq2 p2 p1\n").unwrap();
    fs::write(scene.path("scores.tsv"), "q1 p1 2\nq1 p2 1\nq2 p2 3\nq2 p1 0.5\nq9 p9 1\n").unwrap();
    let by_text = RANKING.replace("negatives = 2", "negatives = 1");
    let by_id = by_text.replace("pairs = [\"pairs.jsonl\"]", "").replace(
        "[objective.loss]",
        "[objective.triples]\ntriples = \"triples.tsv\"\ncollection = \"collection.tsv\"\nqueries = \"queries.tsv\"\n\
         scores = \"scores.tsv\"\n[objective.loss]",
    );
    for (name, rest) in [("pairs", &by_text), ("triples", &by_id)] {
        let config =
            scene.config("steps = 3", "", &format!("{rest}\n[batch]\nsize = 2\n")).unwrap();
        scene.run(&config, name, false).unwrap();
    }
    assert_eq!(scene.log("pairs"), scene.log("triples"));
    fs::write(scene.path("triples.tsv"), "q1 p1 p2\nq1 p1 p7\n").unwrap();
    let config = scene.config("steps = 3", "", &by_id).unwrap();
    let error = scene.run(&config, "bad", false).unwrap_err().to_string();
    assert!(error.contains("triples.tsv:2:") && error.contains("\"p7\""), "{error}");
}
