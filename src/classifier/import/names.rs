//! What a network's classes are called: ImageNet's by their count, or a file
//! that comes with the network, or numbers.

use super::ImportError;
use crate::classifier::class_names;
use serde_json::Value;

/// The class that networks of TensorFlow's have before ImageNet's own.
const NOTHING: &str = "background";

/// The names of so many classes, if the count tells what they are.
pub fn by_count(classes: usize) -> Option<Vec<String>> {
    let imagenet = class_names::imagenet().iter().map(|&name| name.to_owned());
    match classes {
        1000 => Some(imagenet.collect()),
        1001 => Some(
            std::iter::once(NOTHING.to_owned())
                .chain(imagenet)
                .collect(),
        ),
        _ => None,
    }
}

/// Numbers from 0 on.
pub fn numbers(classes: usize) -> Vec<String> {
    (0..classes).map(|class| class.to_string()).collect()
}

/// The names in a file: one a line, with or without WordNet's ids before them
/// (`synset_words.txt`), or JSON that gives each name or number the other.
///
/// # Errors
/// When it names another count of classes, or one of them not at all.
pub fn read(text: &str, classes: usize) -> Result<Vec<String>, ImportError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let names = match serde_json::from_str::<Value>(text) {
        Ok(value @ (Value::Array(_) | Value::Object(_))) => {
            from_json(&value, classes).ok_or(ImportError::Names { classes })?
        }
        _ => text.lines().filter_map(from_line).collect(),
    };
    if names.len() != classes {
        return Err(ImportError::NameCount {
            classes,
            found: names.len(),
        });
    }
    Ok(names.iter().map(|name| tidy(name)).collect())
}

/// Without an id of WordNet's, a number, or what Python puts around a
/// dictionary's lines.
fn from_line(line: &str) -> Option<String> {
    let line = line
        .trim()
        .trim_start_matches('{')
        .trim_end_matches(['}', ','])
        .trim();
    if let Some((number, name)) = line.split_once(':')
        && number.trim().parse::<usize>().is_ok()
    {
        return Some(name.trim().trim_matches(['\'', '"']).to_owned());
    }
    match line.split_once([' ', '\t', ',']) {
        Some((id, name)) if is_wordnet(id) => Some(name.trim().to_owned()),
        _ => (!line.is_empty()).then(|| line.to_owned()),
    }
}

fn is_wordnet(id: &str) -> bool {
    id.strip_prefix('n')
        .is_some_and(|digits| digits.len() == 8 && digits.bytes().all(|it| it.is_ascii_digit()))
}

fn from_json(value: &Value, classes: usize) -> Option<Vec<String>> {
    match value {
        Value::Array(names) => names.iter().map(name).collect(),
        Value::Object(entries) => {
            let mut names = vec![None; classes.min(entries.len())];
            for (key, value) in entries {
                let (index, name) = match key.parse::<usize>() {
                    Ok(index) => (index, name(value)?),
                    // A number for every name.
                    Err(_) => (usize::try_from(value.as_u64()?).ok()?, key.clone()),
                };
                *names.get_mut(index)? = Some(name);
            }
            names.into_iter().collect()
        }
        _ => None,
    }
}

/// A name, or the last of what stands for it, as after WordNet's id.
fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(name) => Some(name.clone()),
        Value::Array(parts) => parts.last()?.as_str().map(str::to_owned),
        _ => None,
    }
}

/// The first of several names, with spaces, and not endless.
fn tidy(name: &str) -> String {
    let first = name.split(',').next().unwrap_or(name).trim();
    first.replace('_', " ").chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imagenets_names_go_by_the_count() {
        assert_eq!(by_count(1000).unwrap()[0], "tench");
        let more = by_count(1001).unwrap();
        assert_eq!(
            (more.len(), &*more[0], &*more[1]),
            (1001, "background", "tench")
        );
        assert_eq!(by_count(10), None);
        assert_eq!(numbers(3), ["0", "1", "2"]);
    }

    #[test]
    fn every_usual_form_is_read() {
        for text in [
            "tench\ntabby cat\n",
            "\u{feff}n01440764 tench, Tinca tinca\nn02123045 tabby cat\n",
            "n01440764\ttench\nn02123045\ttabby_cat",
            "{0: 'tench, Tinca tinca',\n 1: 'tabby cat'}",
            "0: tench\n1: tabby cat",
            r#"["tench", "tabby cat"]"#,
            r#"{"1": "tabby cat", "0": "tench"}"#,
            r#"{"0": ["n01440764", "tench"], "1": ["n02123045", "tabby_cat"]}"#,
            r#"{"tabby cat": 1, "tench": 0}"#,
        ] {
            assert_eq!(read(text, 2).unwrap(), ["tench", "tabby cat"], "{text}");
        }
    }

    #[test]
    fn names_of_other_classes_are_refused() {
        assert_eq!(
            read("a\nb\nc", 2).unwrap_err().to_string(),
            "the file names 3 classes, but the network has 2: bring the names of its own"
        );
        for text in [r#"{"0": "a", "2": "c"}"#, r#"{"0": "a", "1": 7}"#, "[1, 2]"] {
            let error = read(text, 2).unwrap_err().to_string();
            assert!(
                error.starts_with("the file does not name each of 2 classes"),
                "{error}"
            );
        }
    }
}
