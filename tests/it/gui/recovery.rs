//! Work is not lost when the program is killed.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use egui::{Key, accesskit::Role, vec2};
use meshboard::ui::Start;

use super::window::{PATIENCE, Window};

/// Tells the program that is to be killed where to keep its work aside.
const FOLDER: &str = "MESHBOARD_TEST_STATE_FOLDER";
/// What it says once it did.
const KEPT: &str = "kept aside";
const TEST: &str = "gui::recovery::work_of_a_killed_program_is_offered_at_the_next_start";

fn window_keeping_in(folder: &Path) -> Window {
    Window::open(Start {
        state_folder: Some(folder.to_owned()),
        ..Start::default()
    })
}

fn recovery_files(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let names = entries.map(|it| it.unwrap().file_name());
    names
        .filter(|it| it.to_string_lossy().ends_with(".recovery.json"))
        .count()
}

/// Draws a service, waits until it is kept aside, says so, and goes on until killed.
fn draw_and_wait_for_the_end(folder: &Path) {
    let mut window = window_keeping_in(folder);
    window.click("Blank");
    let canvas = window.place(Role::GraphicsDocument, "Canvas");
    window.click_at(canvas.center() + vec2(0.0, -120.0), 2);
    window.type_into("Name", "almost lost");
    window.press(Key::Enter);
    let limit = Instant::now() + PATIENCE;
    while recovery_files(folder) == 0 {
        assert!(Instant::now() < limit, "nothing was kept aside");
        std::thread::yield_now();
    }
    let mut out = std::io::stdout();
    writeln!(out, "\n{KEPT}").unwrap();
    // Ends by itself only if whoever started it is gone.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Runs this very test as another program, and kills it once its work is kept aside.
fn work_in_a_program_that_is_killed(folder: &Path) {
    let mut program = Command::new(env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(program.stdout.take().unwrap()).lines();
    let has_kept = said.any(|it| it.unwrap() == KEPT);
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(has_kept, "the program ended by itself");
}

#[test]
fn work_of_a_killed_program_is_offered_at_the_next_start() {
    if let Some(folder) = env::var_os(FOLDER) {
        draw_and_wait_for_the_end(&PathBuf::from(folder));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("recovery");
    work_in_a_program_that_is_killed(&folder);

    let mut window = window_keeping_in(&folder);
    assert!(window.shows("a project without a file"));
    assert!(window.shows("1 service, 0 dependencies"));
    window.click("Recover");
    window.card("almost lost");
    assert!(window.state().document.is_unsaved());
}
