//! Chance, one picture at a time.
//!
//! What is drawn for a picture depends on the seed and on the picture, never
//! on where in a batch it lies: so it gets in company what it gets alone.

/// The seed of draw number `draw` for a picture, from the seed that a person
/// chose.
pub fn picture_seed(seed: u64, draw: u64, picture: &[f32]) -> u64 {
    let bits = picture.iter().map(|value| u64::from(value.to_bits()));
    [seed, draw]
        .into_iter()
        .chain(bits)
        .fold(0, |state, word| scrambled(state ^ word))
}

/// A bijection under which every bit of the word changes half of the bits of
/// the result (the last step of SplitMix64).
fn scrambled(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_draw_and_picture_each_make_a_difference() {
        let all = [
            picture_seed(0, 0, &[0.5, 0.25]),
            picture_seed(1, 0, &[0.5, 0.25]),
            picture_seed(0, 1, &[0.5, 0.25]),
            picture_seed(0, 0, &[0.25, 0.5]),
            picture_seed(0, 0, &[0.5]),
        ];
        for (index, seed) in all.iter().enumerate() {
            assert!(!all[..index].contains(seed));
        }
        assert_eq!(all[0], picture_seed(0, 0, &[0.5, 0.25]));
    }
}
