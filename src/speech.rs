//! The machine's voice: `spd-say` or `espeak-ng`, looked up once at the start; without one there is none.
//!
//! The text goes to the program's standard input: a command line can be read by every process of the machine.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// In which language a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Vietnamese.
    Vietnamese,
    /// English.
    English,
}

impl Language {
    const fn code(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Program {
    /// Speech-dispatcher's client: it hands over line by line, and the server speaks.
    SpdSay,
    /// Speaks by itself.
    EspeakNg,
}

impl Program {
    const ALL: [Self; 2] = [Self::SpdSay, Self::EspeakNg];

    const fn name(self) -> &'static str {
        match self {
            Self::SpdSay => "spd-say",
            Self::EspeakNg => "espeak-ng",
        }
    }
}

/// One voice, which says one thing at a time.
pub struct Voice {
    program: Program,
    file: PathBuf,
    speaking: Option<Child>,
    /// What was asked to be silent, or to silence others, and may not have ended yet.
    ending: Vec<Child>,
}

impl Voice {
    /// The first of `spd-say` and `espeak-ng` among the folders of `path`, written as `PATH` is.
    pub fn find(path: &OsStr) -> Option<Self> {
        let folders: Vec<PathBuf> = std::env::split_paths(path).collect();
        Program::ALL.into_iter().find_map(|program| {
            let file = folders.iter().map(|folder| folder.join(program.name())).find(|file| file.is_file())?;
            Some(Self { program, file, speaking: None, ending: Vec::new() })
        })
    }

    /// Says `text`, one sentence a line, in place of what is being said. A voice that fails stays silent.
    pub fn say(&mut self, text: &str, language: Language) {
        self.hush();
        let mut command = Command::new(&self.file);
        match self.program {
            // Waits for each line, so that no more than the one being said is with the server.
            Program::SpdSay => command.args(["--wait", "--pipe-mode", "--language", language.code()]),
            Program::EspeakNg => command.args(["--stdin", "-v", language.code()]),
        };
        let Some(mut child) = start(&mut command, Stdio::piped()) else { return };
        if let Some(mut line) = child.stdin.take() {
            // A screen's sentences are far less than what a pipe holds, so this waits for nobody.
            let _ = line.write_all(text.as_bytes());
        }
        self.speaking = Some(child);
    }

    /// Silence, at once.
    pub fn hush(&mut self) {
        self.ending.retain_mut(|child| child.try_wait().is_ok_and(|ended| ended.is_none()));
        let Some(mut child) = self.speaking.take() else { return };
        if child.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        // It may have ended meanwhile.
        let _ = child.kill();
        self.ending.push(child);
        if self.program == Program::SpdSay {
            // The server goes on with what it was given.
            self.ending.extend(start(Command::new(&self.file).arg("--cancel"), Stdio::null()));
        }
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.hush();
        // Killed, or about to end by itself: nobody is left behind as a zombie.
        for child in &mut self.ending {
            let _ = child.wait();
        }
    }
}

fn start(command: &mut Command, input: Stdio) -> Option<Child> {
    command.stdin(input).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
}
