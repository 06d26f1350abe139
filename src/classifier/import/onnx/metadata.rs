//! What a file says about itself.

use super::error::plain;
use super::proto::{Graph, Model};

/// What exporters call every graph.
const NO_TITLES: [&str; 8] = [
    "main_graph",
    "torch_jit",
    "torch-jit-export",
    "main_graph_",
    "graph",
    "model",
    "tf2onnx",
    "onnx-model",
];

pub fn title(graph: &Graph) -> String {
    let name = plain(&graph.name);
    let name = name.trim();
    if NO_TITLES.contains(&name) {
        String::new()
    } else {
        name.to_owned()
    }
}

/// Names of the classes, which some exporters write as a list in JSON or as a
/// Python dictionary of numbers and names.
pub fn class_names(model: &Model, classes: usize) -> Option<Vec<String>> {
    const KEYS: [&str; 5] = ["names", "class_names", "classes", "labels", "categories"];
    let entries = model.metadata.iter();
    let named = entries.filter(|entry| KEYS.contains(&entry.key.to_ascii_lowercase().as_str()));
    named
        .filter_map(|entry| {
            serde_json::from_str(&entry.value)
                .ok()
                .or_else(|| dictionary(&entry.value))
        })
        .find(|names: &Vec<String>| names.len() == classes)
        .map(|names| names.iter().map(|name| plain(name)).collect())
}

/// `{0: 'tench', 1: "coot", …}` in order.
fn dictionary(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim().strip_prefix('{')?.trim_start();
    let mut names = Vec::new();
    while !rest.starts_with('}') {
        let (number, after) = rest.split_once(':')?;
        if number.trim().parse() != Ok(names.len()) {
            return None;
        }
        let after = after.trim_start();
        let quote = after
            .chars()
            .next()
            .filter(|quote| matches!(quote, '\'' | '"'))?;
        let mut name = String::new();
        let mut letters = after[1..].char_indices();
        let end = loop {
            match letters.next()? {
                (_, '\\') => name.push(letters.next()?.1),
                (at, letter) if letter == quote => break at + 2,
                (_, letter) => name.push(letter),
            }
        };
        names.push(name);
        rest = after[end..]
            .trim_start()
            .trim_start_matches(',')
            .trim_start();
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::dictionary;

    #[test]
    fn a_dictionary_of_names_is_read() {
        let names = dictionary(r#"{0: 'tench', 1: "bird's nest", 2: 'bird\'s eye'}"#);
        assert_eq!(names.unwrap(), ["tench", "bird's nest", "bird's eye"]);
        assert_eq!(dictionary("{1: 'tench'}"), None);
        assert_eq!(dictionary("{0: 'tench"), None);
        assert_eq!(dictionary("{0: "), None);
        assert_eq!(dictionary("{}"), Some(vec![]));
    }
}
