//! The words of a dictionary of cspell.

use std::collections::BTreeMap;

#[derive(Default)]
struct Node {
    is_word: bool,
    next: BTreeMap<char, usize>,
}

/// The words of a cspell `TrieXv3` file: a letter goes one level down, `$` ends a word and goes one up, `<` goes one
/// up, a digit behind either so many in all, and `#12;` is the node with that number in base 32.
pub(super) fn words(text: &str) -> Vec<String> {
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
