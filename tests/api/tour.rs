//! The README's tour: each printed command is run against the demo, and its output compared.

use crate::harness::app::TestApp;

/// The commands of the tour with the output printed below each.
fn tour(readme: &str) -> Vec<(String, String)> {
    let blocks = readme.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut steps: Vec<(String, String)> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match line.strip_prefix("$ ") {
            Some(command) => steps.push((command.into(), String::new())),
            None => {
                let (_, output) = steps.last_mut().expect("a command comes before its output");
                output.push_str(line);
                output.push('\n');
            }
        }
    }
    steps
}

#[test]
fn each_command_of_the_tour_prints_what_the_readme_says() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("the README");
    let steps = tour(&readme);
    assert!(steps.len() >= 5, "the tour has {} commands", steps.len());
    let has = |tool: &str| std::process::Command::new(tool).arg("--version").output().is_ok();
    if !(has("curl") && has("jq")) {
        assert_ne!(std::env::var("WEGWIJZER_TEST_TOUR").as_deref(), Ok("required"), "the tour needs curl and jq");
        eprintln!("SKIPPED: the tour needs curl and jq");
        return;
    }
    let app = TestApp::shared_demo();
    for (command, expected) in steps {
        let here = command.replace("localhost:8080", &app.address.to_string());
        let run = std::process::Command::new("sh").args(["-c", &here]).output().expect("a shell");
        let printed = String::from_utf8_lossy(&run.stdout);
        assert_eq!(printed.trim_end(), expected.trim_end(), "{command}");
    }
}
