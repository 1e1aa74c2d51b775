//! Load for `scripts/bench/serve`: the library alone, or a server in a closed or an open loop.
//! Prints a JSON object.
//!
//! `load library INDEX QUERIES K THREADS SECONDS [MODEL]`: searches on so many threads.
//! `load closed ADDRESS QUERIES K CONNECTIONS SECONDS`: each connection asks again once it has its
//! answer.
//! `load open ADDRESS QUERIES K CONNECTIONS SECONDS RATE DEADLINE`: so many requests a second
//! arrive, answered or not. Times count from when a request was due, so that a server that stalls
//! can't hide it. A request that no connection was free for within 5 ms is not sent, and counted.
//! `load get ADDRESS PATH QUERIES K CONNECTIONS SECONDS`: a closed loop of GETs, as Anserini's
//! clients ask; PATH is the index's, such as /v1/passages.
//!
//! QUERIES has a JSON object a line, with `vector` or `text`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use spork_search::{LoadOptions, Query, SearchOptions, open, open_model};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What a thread has seen.
#[derive(Default)]
struct Seen {
    /// Microseconds of the answers of each status.
    times: BTreeMap<u16, Vec<u64>>,
    exact: u64,
    failed: u64,
    unsent: u64,
}

/// How late a request is sent at most.
const LATE: Duration = Duration::from_millis(5);

impl Seen {
    fn join(mut self, other: Self) -> Self {
        for (status, times) in other.times {
            self.times.entry(status).or_default().extend(times);
        }
        self.exact += other.exact;
        self.failed += other.failed;
        self.unsent += other.unsent;
        self
    }

    fn report(mut self, seconds: f64) -> Value {
        let of = |times: &mut Vec<u64>| {
            times.sort_unstable();
            let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
            json!({
                "requests": times.len(), "a_second": times.len() as f64 / seconds,
                "p50_us": at(0.5), "p95_us": at(0.95), "p99_us": at(0.99), "max_us": at(1.0),
            })
        };
        let statuses: Map<String, Value> =
            self.times.iter_mut().map(|(status, times)| (status.to_string(), of(times))).collect();
        json!({
            "seconds": seconds, "statuses": statuses, "exact": self.exact, "failed": self.failed,
            "unsent": self.unsent,
        })
    }
}

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let report = match args.as_slice() {
        ["library", index, queries, k, threads, seconds, model @ ..] => library(
            index,
            &read(queries)?,
            k.parse()?,
            threads.parse()?,
            seconds.parse()?,
            model.first().copied(),
        )?,
        ["closed", address, queries, k, connections, seconds] => {
            let requests = posts(address, &read(queries)?, k.parse()?, None);
            let duration = Duration::from_secs_f64(seconds.parse()?);
            server(address, &requests, connections.parse()?, duration, None)?
        }
        ["get", address, path, queries, k, connections, seconds] => {
            let requests = gets(address, path, &read(queries)?, k.parse()?);
            let duration = Duration::from_secs_f64(seconds.parse()?);
            server(address, &requests, connections.parse()?, duration, None)?
        }
        ["open", address, queries, k, connections, seconds, rate, deadline] => {
            let requests = posts(address, &read(queries)?, k.parse()?, Some(deadline.parse()?));
            let duration = Duration::from_secs_f64(seconds.parse()?);
            server(address, &requests, connections.parse()?, duration, Some(rate.parse()?))?
        }
        _ => return Err("see the head of benches/load.rs".into()),
    };
    println!("{report}");
    Ok(())
}

fn read(path: &str) -> Outcome<Vec<Value>> {
    let lines = BufReader::new(std::fs::File::open(path)?).lines();
    lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

/// Searches by POST.
fn posts(address: &str, queries: &[Value], k: usize, deadline: Option<u64>) -> Vec<String> {
    let request = |query: &Value| {
        let mut body = json!({"k": k});
        for (name, from) in [("vector", "vector"), ("query", "text")] {
            if let Some(given) = query.get(from) {
                body[name] = given.clone();
            }
        }
        if let Some(deadline) = deadline {
            body["deadline_ms"] = deadline.into();
        }
        let body = body.to_string();
        format!(
            "POST /v1/search HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    queries.iter().map(request).collect()
}

/// Searches of texts by GET.
fn gets(address: &str, path: &str, queries: &[Value], k: usize) -> Vec<String> {
    let request = |query: &Value| {
        let text = escaped(query["text"].as_str().unwrap_or_default());
        format!("GET {path}/search?query={text}&hits={k} HTTP/1.1\r\nHost: {address}\r\n\r\n")
    };
    queries.iter().map(request).collect()
}

/// A text as part of an address.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// The library's own rate, without a server.
fn library(
    index: &str,
    queries: &[Value],
    k: usize,
    threads: usize,
    seconds: f64,
    model: Option<&str>,
) -> Outcome<Value> {
    let mut index = open(index)?;
    if let Some(model) = model {
        index = index.with_model(open_model(model, &LoadOptions::default())?)?;
    }
    let query = |query: &Value| match query["text"].as_str() {
        Some(text) => Query::Text(text.to_owned()),
        None => {
            let weights = query["vector"].as_object().into_iter().flatten();
            let weights = weights
                .map(|(term, weight)| (term.clone(), weight.as_f64().unwrap_or_default() as f32));
            Query::Vector(weights.collect())
        }
    };
    let queries: Vec<Query> = queries.iter().map(query).collect();
    let (options, start) = (SearchOptions::default(), Instant::now());
    let seen = std::thread::scope(|scope| {
        let search = |first: usize| {
            let (index, queries, options) = (&index, &queries, &options);
            move || -> Outcome<Seen> {
                let mut seen = Seen::default();
                for query in queries.iter().cycle().skip(first) {
                    if start.elapsed().as_secs_f64() >= seconds {
                        break;
                    }
                    let began = Instant::now();
                    let answer = index.search_with(query.clone(), k, options)?;
                    index.hits(&answer)?;
                    let took = began.elapsed().as_micros() as u64;
                    seen.times.entry(200).or_default().push(took);
                    seen.exact += u64::from(answer.is_exact());
                }
                Ok(seen)
            }
        };
        let running: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(search(thread * queries.len() / threads)))
            .collect();
        joined(running)
    })?;
    Ok(seen.report(start.elapsed().as_secs_f64()))
}

/// Many connections, each on a thread of its own.
fn server(
    address: &str,
    requests: &[String],
    connections: usize,
    duration: Duration,
    rate: Option<f64>,
) -> Outcome<Value> {
    let start = Instant::now();
    let seen = std::thread::scope(|scope| {
        let ask = |place: usize| {
            move || -> Outcome<Seen> {
                let mut connection = Connection::open(address)?;
                let mut seen = Seen::default();
                for (number, request) in requests.iter().cycle().skip(place * 7).enumerate() {
                    // In an open loop requests are due whether or not earlier ones are answered.
                    let due = match rate {
                        None => Instant::now(),
                        Some(rate) => {
                            let number = (number * connections + place) as f64;
                            start + Duration::from_secs_f64(number / rate)
                        }
                    };
                    if due.duration_since(start) >= duration || start.elapsed() >= duration * 2 {
                        break;
                    }
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    if due.elapsed() > LATE {
                        seen.unsent += 1;
                        continue;
                    }
                    match connection.ask(request) {
                        Ok((status, exact)) => {
                            let took = due.elapsed().as_micros() as u64;
                            seen.times.entry(status).or_default().push(took);
                            seen.exact += u64::from(exact);
                        }
                        Err(_) => {
                            seen.failed += 1;
                            connection = Connection::open(address)?;
                        }
                    }
                }
                Ok(seen)
            }
        };
        joined((0..connections).map(|place| scope.spawn(ask(place))).collect())
    })?;
    Ok(seen.report(start.elapsed().as_secs_f64()))
}

fn joined(running: Vec<std::thread::ScopedJoinHandle<'_, Outcome<Seen>>>) -> Outcome<Seen> {
    let mut all = Seen::default();
    for thread in running {
        all = all.join(thread.join().map_err(|_| "a thread panicked")??);
    }
    Ok(all)
}

/// A connection that is kept.
struct Connection {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Connection {
    fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self { stream: BufReader::new(stream), body: Vec::new() })
    }

    /// Asks, and returns the status and whether the answer is exact.
    fn ask(&mut self, request: &str) -> Outcome<(u16, bool)> {
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (mut status, mut length, mut line) = (None, Some(0), String::new());
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err("the connection ended".into());
            }
            let trimmed = line.trim_end();
            if status.is_none() {
                status = Some(trimmed.split(' ').nth(1).unwrap_or_default().parse()?);
            } else if let Some((name, value)) = trimmed.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = Some(value.trim().parse()?);
                } else if name.eq_ignore_ascii_case("transfer-encoding") {
                    length = None;
                }
            } else if trimmed.is_empty() {
                break;
            }
        }
        self.read_body(length)?;
        let exact = self.body.windows(12).any(|part| part == b"\"exact\":true");
        Ok((status.unwrap_or_default(), exact))
    }

    /// Reads a body of this length, or one in chunks.
    fn read_body(&mut self, length: Option<usize>) -> Outcome<()> {
        self.body.clear();
        let mut line = String::new();
        loop {
            let size = match length {
                Some(length) => length,
                None => {
                    line.clear();
                    self.stream.read_line(&mut line)?;
                    usize::from_str_radix(line.trim_end(), 16)?
                }
            };
            let begin = self.body.len();
            self.body.resize(begin + size, 0);
            self.stream.read_exact(&mut self.body[begin..])?;
            if length.is_some() {
                return Ok(());
            }
            // The end of the chunk, or of all.
            self.stream.read_line(&mut line)?;
            if size == 0 {
                return Ok(());
            }
        }
    }
}
