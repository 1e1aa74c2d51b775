//! `hub::resolve` against a Hub of a few lines on the loopback interface. Each case runs `resolve`
//! in a process of its own, because the environment says where the Hub is: the test binary starts
//! itself with `MODEL` set.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use spork_model::hub;
use tempfile::TempDir;

const MODEL: &str = "SPORK_TEST_MODEL";
/// Set where the model itself must say how it pools.
const POOLING: &str = "SPORK_TEST_POOLING";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

// ------------------------------------------------------------ a process that resolves

/// The process that [`resolve`] starts.
#[test]
#[ignore = "not a test by itself: the others run it, each in a process of its own"]
fn child() {
    let resolve = match std::env::var(POOLING) {
        Ok(_) => hub::resolve_with_pooling,
        Err(_) => hub::resolve,
    };
    match resolve(&std::env::var(MODEL).unwrap()) {
        Ok(directory) => println!("\nresolved {}", directory.display()),
        Err(error) => println!("\nrefused {error}"),
    }
}

/// Runs `resolve(model)` with this environment; the directory, or the error's message.
fn resolve(model: &str, environment: &[(&str, &str)]) -> Result<PathBuf, String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--ignored", "--nocapture"]).env(MODEL, model);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_uppercase();
        if text.starts_with("HF_") || text.ends_with("_PROXY") {
            command.env_remove(&name);
        }
    }
    let output = command.envs(environment.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said =
        |word: &str| text.lines().find_map(|line| line.strip_prefix(word)).map(str::to_owned);
    match (said("resolved "), said("refused ")) {
        (Some(directory), _) => Ok(directory.into()),
        (None, Some(message)) => Err(message),
        (None, None) => panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr)),
    }
}

// ------------------------------------------------------------ a Hub

/// One repository, served the way the Hub does. It stops when it is dropped.
struct TestHub {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Seen>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Debug)]
struct Seen {
    path: String,
    token: Option<String>,
    range: Option<String>,
}

impl Seen {
    /// Whether the request is for the file's length only.
    fn is_probe(&self) -> bool {
        self.range.as_deref() == Some("bytes=0-0")
    }
}

/// The files of the Hub's repository, and who may read them.
#[derive(Clone, Default)]
struct Repository {
    files: BTreeMap<&'static str, Vec<u8>>,
    /// The token that is needed for files.
    gate: Option<&'static str>,
    /// The file whose first transfer breaks off halfway.
    fragile: Option<&'static str>,
}

impl TestHub {
    fn start(repository: Repository) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let (seen, stop) = (requests.clone(), stopped.clone());
        let serve = move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // A client that goes away is no concern of the Hub's.
                let _ = answer(stream, &repository, &seen);
            }
        };
        Self { address, requests, stopped, thread: Some(std::thread::spawn(serve)) }
    }

    fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    fn requests(&self) -> Vec<Seen> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(
    mut stream: TcpStream,
    repository: &Repository,
    requests: &Mutex<Vec<Seen>>,
) -> std::io::Result<()> {
    let seen = read_request(&stream)?;
    let again = |earlier: &Seen| earlier.path == seen.path && !earlier.is_probe();
    let first_time = !requests.lock().unwrap().iter().any(again);
    requests.lock().unwrap().push(seen.clone());
    let file = seen.path.strip_prefix(&format!("/owner/model/resolve/{COMMIT}/"));
    match (seen.path.as_str(), file.and_then(|file| repository.files.get_key_value(file))) {
        ("/api/models/owner/model/revision/main" | "/api/models/owner/model/revision/v2", _) => {
            let siblings: Vec<_> = repository
                .files
                .keys()
                .map(|name| serde_json::json!({"rfilename": name}))
                .collect();
            let info =
                serde_json::json!({"siblings": siblings, "sha": COMMIT, "id": "owner/model"});
            respond(&mut stream, "200 OK", "", info.to_string().as_bytes())
        }
        ("/api/models/owner/broken/revision/main", _) => {
            respond(&mut stream, "500 Internal Server Error", "", b"")
        }
        ("/api/models/owner/page/revision/main", _) => {
            respond(&mut stream, "200 OK", "", b"<html>")
        }
        (_, Some(_))
            if repository.gate.is_some_and(|token| seen.token.as_deref() != Some(token)) =>
        {
            respond(&mut stream, "401 Unauthorized", "x-error-code: GatedRepo\r\n", b"")
        }
        (_, Some((name, content))) => {
            let fragile = repository.fragile == Some(*name) && first_time && !seen.is_probe();
            send_file(&mut stream, name, content, seen.range.as_deref(), fragile)
        }
        _ => respond(&mut stream, "404 Not Found", "x-error-code: RepoNotFound\r\n", b""),
    }
}

fn read_request(stream: &TcpStream) -> std::io::Result<Seen> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut seen = Seen { path, token: None, range: None };
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        match name.to_lowercase().as_str() {
            "authorization" => seen.token = value.strip_prefix("Bearer ").map(str::to_owned),
            "range" => seen.range = Some(value.to_owned()),
            _ => {}
        }
    }
    Ok(seen)
}

fn respond(
    stream: &mut TcpStream,
    status: &str,
    headers: &str,
    body: &[u8],
) -> std::io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
    )?;
    stream.write_all(body)
}

/// The part of a file that `Range: bytes=a-b` or `bytes=a-` names; only half of it where the
/// connection is fragile.
fn send_file(
    stream: &mut TcpStream,
    name: &str,
    content: &[u8],
    range: Option<&str>,
    fragile: bool,
) -> std::io::Result<()> {
    let (first, last) =
        range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')).unwrap_or(("0", ""));
    let (first, total) = (first.parse().unwrap_or(0), content.len());
    let end = last.parse().map_or(total, |last: usize| last + 1);
    let etag = name.replace(['/', '.'], "-");
    let headers = format!(
        "etag: \"{etag}\"\r\nx-repo-commit: {COMMIT}\r\ncontent-range: bytes {first}-{}/{total}\r\n",
        end.saturating_sub(1)
    );
    let body = &content[first..end];
    if !fragile {
        return respond(stream, "206 Partial Content", &headers, body);
    }
    write!(
        stream,
        "HTTP/1.1 206 Partial Content\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
        body.len()
    )?;
    stream.write_all(&body[..body.len() / 2])
}

// ------------------------------------------------------------ the cases

/// A plain model, with much that nobody needs.
fn plain() -> Repository {
    let names = [
        "config.json",
        "tokenizer.json",
        "vocab.txt",
        "model.safetensors",
        "pytorch_model.bin",
        "onnx/model.onnx",
    ];
    let others = ["README.md", ".gitattributes", "flax_model.msgpack", "training_args.bin"];
    let content = |name: &'static str| (name, format!("content of {name}").into_bytes());
    Repository {
        files: names.into_iter().chain(others).map(content).collect(),
        ..Repository::default()
    }
}

struct Case {
    hub: TestHub,
    home: TempDir,
}

impl Case {
    fn new(repository: Repository) -> Self {
        Self { hub: TestHub::start(repository), home: TempDir::new().unwrap() }
    }

    fn resolve(&self, model: &str, more: &[(&str, &str)]) -> Result<PathBuf, String> {
        let (endpoint, home) = (self.hub.endpoint(), self.home.path().to_str().unwrap());
        resolve(model, &[&[("HF_ENDPOINT", endpoint.as_str()), ("HF_HOME", home)], more].concat())
    }
}

/// All files below a folder, by their relative names.
fn files_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// An address at which nobody listens: the port of a service that died out.
const CLOSED: &str = "http://127.0.0.1:1";

#[test]
fn a_directory_is_itself() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_str().unwrap();
    assert_eq!(resolve(path, &[]).unwrap(), folder.path());
}

#[test]
fn a_path_is_never_looked_up() {
    let case = Case::new(plain());
    // The process that resolves them runs in this crate's folder, which has a folder "tests".
    let paths = ["./model", "models/owner/model", "/no/such/model", "~/model", "owner/model/"];
    for path in paths.into_iter().chain(["model", "tests/model"]) {
        let said = case.resolve(path, &[]).unwrap_err();
        assert!(said.starts_with("no such directory") && said.contains(path), "{said}");
    }
    let said = case.resolve("tests/model", &[]).unwrap_err();
    assert!(said.contains("\"tests\" is a folder here") && said.contains("@main"), "{said}");
    let file = case.home.path().join("model.safetensors");
    std::fs::write(&file, "").unwrap();
    assert!(
        case.resolve(file.to_str().unwrap(), &[]).unwrap_err().starts_with("no such directory")
    );
    assert!(case.hub.requests().is_empty());
}

#[test]
fn a_model_is_downloaded_once() {
    let case = Case::new(plain());
    let directory = case.resolve("owner/model", &[]).unwrap();
    assert!(directory.ends_with(format!("hub/models--owner--model/snapshots/{COMMIT}")));
    assert_eq!(
        files_in(&directory),
        ["config.json", "model.safetensors", "tokenizer.json", "vocab.txt"]
    );
    let weights = std::fs::read(directory.join("model.safetensors")).unwrap();
    assert_eq!(weights, b"content of model.safetensors");

    let asked = case.hub.requests().len();
    assert_eq!(case.resolve("owner/model", &[]).unwrap(), directory);
    assert_eq!(case.resolve("owner/model@main", &[("HF_HUB_OFFLINE", "1")]).unwrap(), directory);
    assert_eq!(case.hub.requests().len(), asked);
    let Case { hub, home } = case;
    drop(hub);
    let home = home.path().to_str().unwrap();
    assert_eq!(
        resolve("owner/model", &[("HF_ENDPOINT", CLOSED), ("HF_HOME", home)]).unwrap(),
        directory
    );
}

#[test]
fn modules_and_routes_come_along() {
    let mut repository = plain();
    let router =
        br#"{"types": {"query_0_Static": "a.Static", "document_1_SpladePooling": "b.SpladePooling"}}"#;
    for (name, content) in [
        ("modules.json", &br#"[{"path": ""}, {"path": "1_SpladePooling"}]"#[..]),
        ("router_config.json", router),
        ("1_SpladePooling/config.json", b"{}"),
        ("document_1_SpladePooling/config.json", b"{}"),
        ("query_0_Static/pytorch_model.bin", b"weights"),
        ("checkpoint-500/model.safetensors", b"left over"),
    ] {
        repository.files.insert(name, content.to_vec());
    }
    let directory = Case::new(repository);
    let found = files_in(&directory.resolve("owner/model@v2", &[]).unwrap());
    let expected = [
        "1_SpladePooling/config.json",
        "config.json",
        "document_1_SpladePooling/config.json",
        "model.safetensors",
        "modules.json",
        "query_0_Static/pytorch_model.bin",
        "router_config.json",
        "tokenizer.json",
        "vocab.txt",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_broken_connection_is_taken_up_again() {
    let case = Case::new(Repository { fragile: Some("model.safetensors"), ..plain() });
    let directory = case.resolve("owner/model", &[]).unwrap();
    let weights = std::fs::read(directory.join("model.safetensors")).unwrap();
    assert_eq!(weights, b"content of model.safetensors");
    let resumed = case
        .hub
        .requests()
        .into_iter()
        .filter_map(|seen| seen.range)
        .any(|range| range == "bytes=14-");
    assert!(resumed, "{:?}", case.hub.requests());
}

#[test]
fn a_file_that_went_missing_is_fetched_again() {
    let case = Case::new(plain());
    let directory = case.resolve("owner/model", &[]).unwrap();
    std::fs::remove_file(directory.join("vocab.txt")).unwrap();
    assert_eq!(case.resolve("owner/model", &[]).unwrap(), directory);
    assert!(directory.join("vocab.txt").exists());
}

#[test]
fn files_of_other_tools_serve_where_nobody_answers() {
    let case = Case::new(plain());
    let directory = case.resolve("owner/model", &[]).unwrap();
    std::fs::remove_dir_all(case.home.path().join("hub/models--owner--model/.spork")).unwrap();
    for (name, value) in [("HF_HUB_OFFLINE", "true"), ("HF_ENDPOINT", CLOSED)] {
        assert_eq!(case.resolve("owner/model", &[(name, value)]).unwrap(), directory, "{name}");
    }
    assert_eq!(
        case.resolve(&format!("owner/model@{COMMIT}"), &[("HF_HUB_OFFLINE", "1")]).unwrap(),
        directory
    );
}

#[test]
fn a_gated_model_needs_a_token() {
    let case = Case::new(Repository { gate: Some("secret"), ..plain() });
    for token in ["", "wrong"] {
        let said = case.resolve("owner/model", &[("HF_TOKEN", token)]).unwrap_err();
        assert!(
            said.contains("401") && said.contains("gated") && said.contains("HF_TOKEN"),
            "{said}"
        );
    }
    case.resolve("owner/model", &[("HF_TOKEN", " secret\n")]).unwrap();
    let second = Case::new(Repository { gate: Some("secret"), ..plain() });
    std::fs::write(second.home.path().join("token"), "secret\n").unwrap();
    second.resolve("owner/model", &[]).unwrap();
}

#[test]
fn a_missing_model_is_named() {
    let case = Case::new(plain());
    for model in ["owner/no-such-model", "tests/no-such-model@main", "owner/model@no-such-branch"] {
        let name = model.trim_end_matches("@main");
        let said = case.resolve(model, &[]).unwrap_err();
        assert!(said.starts_with(name) && said.contains("no such model or revision"), "{said}");
        assert!(said.contains(&case.hub.endpoint()), "{said}");
    }
}

#[test]
fn strange_answers_are_named() {
    let case = Case::new(plain());
    assert!(case.resolve("owner/broken", &[]).unwrap_err().contains("status 500"));
    assert!(case.resolve("owner/page", &[]).unwrap_err().contains("unexpected answer"));
    let mut repository = plain();
    repository.files.retain(|name, _| *name == "config.json" || *name == "onnx/model.onnx");
    let said = Case::new(repository).resolve("owner/model", &[]).unwrap_err();
    assert!(said.contains("neither model.safetensors nor pytorch_model.bin"), "{said}");
}

#[test]
fn a_pooling_that_nobody_says_is_told_before_the_download() {
    let case = Case::new(plain());
    let said = case.resolve("owner/model", &[(POOLING, "1")]).unwrap_err();
    assert!(said.contains("modules.json") && said.contains("--pooling"), "{said}");
    let asked = case.hub.requests();
    assert!(!asked.iter().any(|seen| seen.path.contains("model.safetensors")), "{asked:?}");
    case.resolve("owner/model", &[]).unwrap();
    // What is there is not asked about again.
    case.resolve("owner/model", &[(POOLING, "1")]).unwrap();
}

#[test]
fn being_offline_is_one_sentence() {
    let home = TempDir::new().unwrap();
    let home = home.path().to_str().unwrap();
    let said = resolve("owner/model", &[("HF_ENDPOINT", CLOSED), ("HF_HOME", home)]).unwrap_err();
    assert!(
        said.starts_with("owner/model: no such directory here") && said.contains(CLOSED),
        "{said}"
    );
    assert!(
        said.contains("HF_ENDPOINT to a mirror") && said.contains("give its directory"),
        "{said}"
    );
    let said = resolve("owner/model", &[("HF_HUB_OFFLINE", "1"), ("HF_HOME", home)]).unwrap_err();
    assert!(
        said.contains("HF_HUB_OFFLINE forbids") && said.contains("give its directory"),
        "{said}"
    );
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let case = Case::new(plain());
    std::fs::write(case.home.path().join("hub"), "a file where the cache should be").unwrap();
    let said = case.resolve("owner/model", &[]).unwrap_err();
    assert!(said.contains("HF_HOME"), "{said}");
}
