//! What the classes are called, in the order of the logits.

use std::sync::LazyLock;

/// One name a class.
pub type ClassNames = &'static [&'static str];

/// The 1000 classes of ImageNet (ILSVRC 2012) in their usual order, the order
/// of the WordNet ids.
///
/// Where WordNet's own short name is shared by two classes (two cranes, two
/// maillots), is nearly another's (sunglass, sunglasses; Cardigan, cardigan),
/// or means something else to most people (brass, file, pot), the name here
/// says which is meant.
pub fn imagenet() -> ClassNames {
    static NAMES: LazyLock<Vec<&str>> =
        LazyLock::new(|| include_str!("imagenet_classes.txt").lines().collect());
    &NAMES
}

/// The ten digits.
pub fn mnist() -> ClassNames {
    &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
}

/// The ten classes of CIFAR-10 in alphabetical order, which is also its own.
pub fn cifar10() -> ClassNames {
    &[
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_class_has_a_name_of_its_own() {
        for (names, count) in [(imagenet(), 1000), (mnist(), 10), (cifar10(), 10)] {
            assert_eq!(names.len(), count);
            // Neither capitals nor a plural would tell two apart.
            let heard: HashSet<String> = names
                .iter()
                .map(|name| name.to_lowercase().trim_end_matches('s').to_owned())
                .collect();
            assert_eq!(heard.len(), count);
            assert!(
                names
                    .iter()
                    .all(|name| !name.is_empty() && *name == name.trim())
            );
        }
    }

    #[test]
    fn the_order_is_imagenets() {
        let name = |index: usize| imagenet()[index];
        assert_eq!(name(0), "tench");
        assert_eq!(name(134), "crane (bird)");
        assert_eq!(name(281), "tabby cat");
        assert_eq!(name(517), "crane (machine)");
        assert_eq!(name(967), "espresso");
        assert_eq!(name(999), "toilet tissue");
    }
}
