//! The README's sessions, run: what it shows is what a reader gets.
#![cfg(feature = "cli")]

use assert_cmd::Command;

const README: &str = include_str!("../README.md");

/// The contents of the fenced blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    let block = |rest: &'static str| rest.split("```").next().expect("a first part");
    README.split(fence.as_str()).skip(1).map(block).collect()
}

#[test]
fn sessions_print_what_the_readme_says() {
    let folder = std::env::temp_dir().join(format!("score-readme-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in ["law.toml", "model.toml"].into_iter().zip(blocks("toml")) {
        assert!(text.starts_with(&format!("# {name}\n")), "{text}");
        std::fs::write(folder.join(name), text).unwrap();
    }
    let law = blocks("toml")[0].replace("\"2/3\"", "\"0.6\"");
    std::fs::write(folder.join("mistyped.toml"), law).unwrap();
    let sessions = blocks("console");
    assert_eq!(sessions.len(), 5);
    for session in sessions {
        let (command, expected) = session.split_once('\n').unwrap();
        let arguments = command.strip_prefix("$ score ").expect("a command of ours");
        let output = Command::new(env!("CARGO_BIN_EXE_score"))
            .args(arguments.split(' '))
            .current_dir(&folder)
            .output()
            .unwrap();
        let printed = [output.stdout, output.stderr].concat();
        assert_eq!(String::from_utf8(printed).unwrap(), expected, "{command}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
