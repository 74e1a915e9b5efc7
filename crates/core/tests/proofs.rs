//! The way to `Cleared` is closed to everybody but the verbs. Each program under `ui/` names in its
//! `//~` line the errors that the compiler must give; an empty line means that it compiles.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    reason = "a test reads its programs from disk and may stop at the first surprise"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The newest build of the core beside this test.
fn core(deps: &Path) -> PathBuf {
    let built = std::fs::read_dir(deps)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let libraries = built.filter(|path| {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        name.starts_with("libbartizan_core-") && name.ends_with(".rlib")
    });
    libraries
        .max_by_key(|path| path.metadata().unwrap().modified().unwrap())
        .unwrap()
}

fn errors(program: &Path, deps: &Path) -> BTreeSet<String> {
    let out = Command::new("rustc")
        .args(["--edition", "2024", "--emit", "metadata", "-o"])
        .arg(std::env::temp_dir().join(format!("bartizan-ui-{}.rmeta", std::process::id())))
        .arg("--extern")
        .arg(format!("bartizan_core={}", core(deps).display()))
        .arg("-L")
        .arg(format!("dependency={}", deps.display()))
        .arg(program)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    let codes: BTreeSet<String> = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix("error[")?
                .split(']')
                .next()
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(
        codes.is_empty(),
        out.status.success(),
        "{}: {text}",
        program.display()
    );
    codes
}

fn expected(program: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(program).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("//~"))
        .unwrap()
        .to_owned();
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn proofs_cannot_be_made_copied_or_skipped_from_outside() {
    let exe = std::env::current_exe().unwrap();
    let deps = exe.parent().unwrap();
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut seen = 0;
    for entry in std::fs::read_dir(programs).unwrap() {
        let program = entry.unwrap().path();
        assert_eq!(
            errors(&program, deps),
            expected(&program),
            "{}",
            program.display()
        );
        seen += 1;
    }
    assert_eq!(seen, 6);
}
