//! A server on a free port, with an index of its own.

use std::path::{Path, PathBuf};

use serde_json::Value;
use spork_search::{DocumentFiles, StoredSchema, build, parse_schema};
use spork_server::{Access, Key, NamedIndex, RunningServer, Served, Settings};

pub(crate) const READ_KEY: &str = "a read key for tests";
pub(crate) const ADMIN_KEY: &str = "an admin key for tests";

/// Words of the collection.
const WORDS: [&str; 12] = [
    "fork", "spoon", "bowl", "tea", "sparse", "vector", "index", "posting", "query", "term",
    "document", "weight",
];

pub(crate) struct TestServer {
    server: RunningServer,
    agent: ureq::Agent,
    /// Where the indexes are.
    pub(crate) folder: tempfile::TempDir,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The answer, which is to be a success.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// The error, which is to have this status.
    pub(crate) fn error(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        let error = self.json()["error"].clone();
        assert!(error["code"].is_string() && error["message"].is_string(), "{error}");
        error
    }
}

/// Texts and vectors of a small collection; each number is another document.
pub(crate) fn document(number: usize) -> Value {
    let word = |place: usize| WORDS[(number * 7 + place * place * 3 + place) % WORDS.len()];
    let text: Vec<&str> = (0..3 + number % 5).map(word).collect();
    let weights = (0..4).map(|place| {
        (
            word(place).to_owned(),
            Value::from(0.25 + ((number * 31 + place * 17) % 97) as f64 / 40.0),
        )
    });
    serde_json::json!({
        "id": format!("d{number}"),
        "text": text.join(" "),
        "vector": serde_json::Map::from_iter(weights),
        "columns": { "year": 1990 + number % 40, "lang": (["en", "de", "fr"][number % 3]) },
    })
}

/// A hybrid index of such documents, with columns and texts.
pub(crate) fn hybrid_index(path: &Path, documents: usize) {
    let columns = parse_schema("year:integer,lang:keyword").unwrap();
    let stored = StoredSchema { columns, texts: true, vectors: false };
    let mut files = DocumentFiles::beside(path).unwrap();
    for number in 0..documents {
        let document = document(number);
        let mut line = document["columns"].clone();
        line["_id"] = document["id"].clone();
        line["text"] = document["text"].clone();
        files.push_json(&line.to_string(), true).unwrap();
        let vector = document["vector"].as_object().unwrap();
        let weights = vector.iter().map(|(term, weight)| (term, weight.as_f64().unwrap() as f32));
        files.push_vector(document["id"].as_str().unwrap(), weights).unwrap();
    }
    build(path).stored(stored).documents(files).unwrap();
}

pub(crate) fn settings(indexes: &[(&str, PathBuf)]) -> Settings {
    let named = |(name, folder): &(&str, PathBuf)| NamedIndex {
        name: (*name).to_owned(),
        folder: folder.clone(),
    };
    Settings {
        served: Served { indexes: indexes.iter().map(named).collect(), ..Served::default() },
        listen: "127.0.0.1:0".parse().unwrap(),
        access: Access { read_write: true, ..Access::default() },
        log_requests: false,
    }
}

pub(crate) fn keys() -> Access {
    Access {
        read_key: Some(Key::new("read", READ_KEY).unwrap()),
        admin_key: Some(Key::new("admin", ADMIN_KEY).unwrap()),
        ..Access::default()
    }
}

impl TestServer {
    /// Serves a hybrid index of so many documents as `docs`.
    pub(crate) fn of_documents(documents: usize) -> Self {
        Self::with(documents, |_| {})
    }

    /// As [`of_documents`](Self::of_documents), with other settings.
    pub(crate) fn with(documents: usize, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docs");
        hybrid_index(&path, documents);
        let mut settings = settings(&[("docs", path)]);
        change(&mut settings);
        Self::start(&settings, folder)
    }

    pub(crate) fn start(settings: &Settings, folder: tempfile::TempDir) -> Self {
        let server = RunningServer::start(settings).unwrap();
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(60)));
        Self { server, agent: config.build().into(), folder }
    }

    pub(crate) fn address(&self) -> std::net::SocketAddr {
        self.server.address()
    }

    pub(crate) fn index_path(&self) -> PathBuf {
        self.folder.path().join("docs")
    }

    pub(crate) fn stop(self) {
        self.server.stop();
    }

    /// A request with a body of any kind and with any headers.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self.agent.run(request.body(body).unwrap()).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), text }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let request = self.agent.get(format!("http://{}{path}", self.address()));
        let mut response = request.call().unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), text }
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.send("POST", path, &json, body.to_string().as_bytes())
    }

    /// A search that is to succeed.
    pub(crate) fn search(&self, body: Value) -> Value {
        self.post("/v1/search", &body).ok()
    }
}

/// The ids of an answer's hits.
pub(crate) fn ids(answer: &Value) -> Vec<String> {
    let hits = answer["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect()
}

/// Ids and the bits of scores, read from the very digits: a value of `serde_json` may be one bit
/// off.
pub(crate) fn hits(answer: &str) -> Vec<(String, u64)> {
    #[derive(serde::Deserialize)]
    struct Hits {
        hits: Vec<Hit>,
    }

    #[derive(serde::Deserialize)]
    struct Hit {
        id: String,
        score: Box<serde_json::value::RawValue>,
    }

    let answer: Hits = serde_json::from_str(answer).unwrap();
    let bits = |hit: &Hit| hit.score.get().parse::<f64>().unwrap().to_bits();
    answer.hits.iter().map(|hit| (hit.id.clone(), bits(hit))).collect()
}
