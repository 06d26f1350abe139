//! Which axis of an array is which.

use npyz::Order;

/// How far apart neighbours lie in an array's numbers, along the channels,
/// down, and across.
pub type Strides = [usize; 3];

/// The strides of an array of a shape, if it is one of a picture `[C, H, W]`.
///
/// Axes of length one count for nothing: a batch of one is its picture. Those
/// that are left are channels, height, width, or height, width, channels; the
/// first where both fit (3 × 3 × 3). A grey picture may also be flat.
pub fn strides(found: &[u64], order: Order, expected: [usize; 3]) -> Option<Strides> {
    let lengths = long(found);
    let mut steps = vec![1usize; lengths.len()];
    let mut step = 1;
    let mut extend = |axis: usize| {
        steps[axis] = step;
        step *= lengths[axis];
    };
    match order {
        Order::C => (0..lengths.len()).rev().for_each(&mut extend),
        Order::Fortran => (0..lengths.len()).for_each(&mut extend),
    }
    for axes in [[0, 1, 2], [1, 2, 0]] {
        let axes = axes.map(|axis| (axis, expected[axis]));
        let wanted: Vec<(usize, usize)> = axes.into_iter().filter(|axis| axis.1 != 1).collect();
        if wanted.iter().map(|axis| axis.1).eq(lengths.iter().copied()) {
            let mut strides = [0; 3];
            for ((axis, _), step) in wanted.into_iter().zip(steps) {
                strides[axis] = step;
            }
            return Some(strides);
        }
    }
    let [channels, height, width] = expected;
    (channels == 1 && lengths == [height * width]).then_some([0, width, 1])
}

/// An array's numbers in the order of `[C, H, W]`.
pub fn arranged(values: Vec<f32>, [c, y, x]: Strides, shape: [usize; 3]) -> Vec<f32> {
    let [channels, height, width] = shape;
    let mut arranged = Vec::with_capacity(values.len());
    for plane in 0..channels {
        for row in 0..height {
            let start = plane * c + row * y;
            arranged.extend((0..width).map(|column| values[start + column * x]));
        }
    }
    arranged
}

/// The shape `[C, H, W]` of a picture of so many channels and any size, if an
/// array is one.
pub fn picture(found: &[u64], channels: usize) -> Option<[usize; 3]> {
    match long(found)[..] {
        [c, height, width] | [height, width, c] if c == channels => Some([c, height, width]),
        [height, width] if channels == 1 => Some([1, height, width]),
        _ => None,
    }
}

/// What to do about an array of another shape.
pub fn advice(found: &[u64], expected: [usize; 3]) -> String {
    let [channels, height, width] = expected;
    let lengths = long(found);
    let is_picture = |shape: &[usize]| match *shape {
        [a, b, c] => [[a, b, c], [c, a, b]].contains(&expected),
        [a, b] => channels == 1 && [a, b] == [height, width],
        _ => false,
    };
    let sides = match lengths[..] {
        [3, height, width] | [height, width, 3] | [height, width] => Some([height, width]),
        _ => None,
    };
    let is_plane = |shape: &[usize]| shape == [height, width];
    match (&lengths[..], sides) {
        ([3, ..] | [.., 3], Some(found)) if channels == 1 && found == [height, width] => {
            "it has colours, which this classifier does not see, so take their mean".to_owned()
        }
        ([count, rest @ ..], _) if is_picture(rest) => {
            format!("it holds {count} of them, so save one, as v[0]")
        }
        ([count, ..], _) if channels == 3 && is_plane(&lengths[1..]) => match count {
            4.. => format!("it has {count} channels, so save the first three, as v[:3]"),
            _ => format!("it has {count} channels, so save one that has three"),
        },
        ([.., count], _) if is_plane(&lengths[..lengths.len() - 1]) => match channels {
            3 if *count > 3 => {
                format!("it has {count} channels, so save the first three, as v[..., :3]")
            }
            3 => format!("it has {count} channels, so save one that has three"),
            _ => format!("it has {count} channels, so save one of them, as v[..., 0]"),
        },
        ([all], _) if *all == channels * height * width => {
            format!("call .reshape({channels}, {height}, {width}) first")
        }
        (_, Some(found)) if found != [height, width] => format!(
            "it is of {} × {} pixels, so choose a classifier that sees pictures of that size",
            found[1], found[0]
        ),
        ([_, _], Some(_)) => "it is grey, so repeat it with numpy.stack([v, v, v])".to_owned(),
        _ => "reshape or transpose it first".to_owned(),
    }
}

/// The axes along which there is more than one number, or none.
fn long(shape: &[u64]) -> Vec<usize> {
    let lengths = shape.iter().map(|&length| length as usize);
    lengths.filter(|&length| length != 1).collect()
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn wrong_channels_are_told_from_a_wrong_order() {
        let of_colours = |found: &[u64]| advice(found, [3, 4, 5]);
        assert!(of_colours(&[4, 4, 5]).contains("the first three, as v[:3]"));
        assert!(of_colours(&[1, 4, 5, 4]).contains("the first three, as v[..., :3]"));
        assert!(of_colours(&[2, 4, 5]).contains("has 2 channels, so save one that has three"));
        assert!(of_colours(&[4, 5]).contains("it is grey"));
        assert!(of_colours(&[5, 3, 4]).contains("transpose"));
        let of_grey = |found: &[u64]| advice(found, [1, 4, 5]);
        assert!(of_grey(&[4, 5, 3]).contains("take their mean"));
        assert!(of_grey(&[4, 5, 4]).contains("one of them, as v[..., 0]"));
        assert!(of_grey(&[4, 4, 5]).contains("it holds 4 of them"));
    }
}
