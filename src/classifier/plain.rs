//! What comes out of a file and is said to a person: in one line, and not endless.

/// A name.
pub fn plain(name: &str) -> String {
    cut(name, 80)
}

/// What a library says of a file.
pub fn in_a_line(text: &str) -> String {
    cut(text, 400)
}

fn cut(text: &str, most: usize) -> String {
    let clean = |letter: char| if letter.is_control() { ' ' } else { letter };
    let mut short: String = text.chars().take(most).map(clean).collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_what_is_long_is_cut() {
        assert_eq!(plain("conv1.weight"), "conv1.weight");
        assert_eq!(plain("a\nb"), "a b");
        assert_eq!(plain(&"é".repeat(81)), "é".repeat(80) + "…");
    }
}
