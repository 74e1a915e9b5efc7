//! The official JSON Schema suite through our own tape: every required test of draft 4 and 2020-12.
//! Source of the vectors: json-schema-org/JSON-Schema-Test-Suite, read in place.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test driver reads files and fails loudly"
)]

use std::path::{Path, PathBuf};

use bartizan_core::budget::{Bounds, Budget};
use bartizan_core::codes::Code;
use bartizan_core::inspect::testing::{Dialect, Single};
use bartizan_core::parse::json::{JsonRules, parse_json};
use serde_json::Value;

fn suite() -> PathBuf {
    let folder = std::env::var_os("BARTIZAN_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    let suite = folder.join("json-schema");
    assert!(
        suite.is_dir(),
        "the JSON Schema suite is not there: set BARTIZAN_VECTORS"
    );
    suite
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            found.push(path);
        }
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The remote documents that are written for one draft, or for all.
fn remotes(suite: &Path, draft: &str) -> Vec<(String, Value)> {
    let root = suite.join("remotes");
    let mut found = Vec::new();
    files(&root, &mut found);
    found
        .iter()
        .filter(|path| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            name.starts_with(draft) || !(name.starts_with("draft") || name.starts_with("v1"))
        })
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            (format!("http://localhost:1234/{name}"), read(path))
        })
        .collect()
}

/// How many passed, and what failed.
fn run(paths: &[PathBuf], dialect: Dialect, remotes: &[(String, Value)]) -> (usize, Vec<String>) {
    let (mut passed, mut failed) = (0, Vec::new());
    for path in paths {
        let groups = read(path);
        for group in groups.as_array().unwrap() {
            let file = path.file_name().unwrap().to_str().unwrap();
            let title = format!("{file}: {}", group["description"]);
            let single = Single::build(&group["schema"], dialect, remotes);
            for test in group["tests"].as_array().unwrap() {
                let outcome = match &single {
                    Ok(single) => judge(single, &test["data"]),
                    Err(message) => Err(message.clone()),
                };
                if outcome == Ok(test["valid"].as_bool().unwrap()) {
                    passed += 1;
                } else {
                    failed.push(format!("{title}: {}: {outcome:?}", test["description"]));
                }
            }
        }
    }
    (passed, failed)
}

fn judge(single: &Single, data: &Value) -> Result<bool, String> {
    let bounds = Bounds {
        json_digits_max: 1_000,
        ..Bounds::default()
    };
    let rules = JsonRules::STRICT
        .relax(Code::ParseJsonNumber)
        .relax(Code::ParsePrototypeKey);
    let text = data.to_string();
    let tape = parse_json(text.as_bytes(), &rules, &bounds, &mut Budget::new(&bounds))
        .map_err(|fault| format!("{fault:?}"))?;
    let (valid, errors) = single.judge(&tape);
    if valid == errors.is_empty() {
        Ok(valid)
    } else {
        Err(format!("fast path {valid}, errors {errors:?}"))
    }
}

fn required(folder: &str, dialect: Dialect, at_least: usize) {
    let suite = suite();
    let root = suite.join("tests").join(folder);
    let mut paths = Vec::new();
    files(&root, &mut paths);
    paths.retain(|path| !path.starts_with(root.join("optional")));
    let (passed, failed) = run(&paths, dialect, &remotes(&suite, folder));
    println!("{folder}: {passed} passed");
    assert!(
        failed.is_empty(),
        "{} failed:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(passed >= at_least, "only {passed} tests were found");
}

#[test]
fn every_required_test_of_draft_4_passes() {
    required("draft4", Dialect::Draft4, 500);
}

#[test]
fn every_required_test_of_2020_12_passes() {
    required("draft2020-12", Dialect::Draft202012, 1_200);
}

/// Formats of internationalised names need tables that we do not carry.
const WITHOUT: [&str; 2] = ["idn-email.json", "idn-hostname.json"];

#[test]
fn the_optional_format_tests_pass_but_for_the_named_ones() {
    let suite = suite();
    let mut paths = Vec::new();
    files(
        &suite.join("tests/draft2020-12/optional/format"),
        &mut paths,
    );
    paths.retain(|path| !WITHOUT.iter().any(|name| path.ends_with(name)));
    let (passed, failed) = run(
        &paths,
        Dialect::Draft202012Formats,
        &remotes(&suite, "draft2020-12"),
    );
    println!("optional formats: {passed} passed");
    assert!(
        failed.is_empty(),
        "{} failed:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(passed >= 300, "only {passed} tests were found");
}
