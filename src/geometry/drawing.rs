//! A section as a picture: a colour for each class, brighter where the answer
//! is firmer.

use std::collections::HashMap;

use super::section::Section;

/// What the largest regions are drawn in, by [`Section::regions`]: well apart
/// for most eyes, also for those that confuse red and green. All further
/// regions share the last, grey.
pub const COLOURS: [(&str, [u8; 3]); 9] = [
    ("blue", [64, 140, 224]),
    ("orange", [240, 150, 40]),
    ("green", [40, 180, 130]),
    ("yellow", [240, 225, 80]),
    ("purple", [190, 110, 190]),
    ("red", [222, 90, 60]),
    ("sky", [140, 215, 240]),
    ("pink", [245, 175, 195]),
    ("grey", [150, 150, 150]),
];

/// What is left of a colour on a boundary.
const DARKEST: f32 = 0.4;

/// The place among [`COLOURS`] of a region, by its rank.
pub fn colour(rank: usize) -> (&'static str, [u8; 3]) {
    COLOURS[rank.min(COLOURS.len() - 1)]
}

/// A section as opaque RGBA bytes, each point a square of `zoom` pixels: n·zoom
/// wide and high. The perturbation points to the right, the second direction
/// up. Brightness grows with the lead of the answer, in each region up to where
/// nine tenths of its own points are: else a region that lies far from its
/// class would be all dark. x is marked by a white cross, x + r, where it is inside, by a
/// black one. Points that a stopped section has not are black.
pub fn draw(section: &Section, zoom: usize) -> Vec<u8> {
    let n = section.coordinates.len();
    let zoom = zoom.max(1);
    let regions: HashMap<usize, ([u8; 3], f32)> = section
        .regions()
        .into_iter()
        .enumerate()
        .map(|(rank, (label, _))| (label, (colour(rank).1, firm(section, label))))
        .collect();
    let pixel = |i: usize| -> [u8; 3] {
        let Some(label) = section.labels.get(i) else {
            return [0; 3];
        };
        let (colour, firm) = regions[label];
        // Of no lead anywhere, nothing is dark.
        let firmness = if firm > 0.0 {
            (section.leads[i] / firm).min(1.0)
        } else {
            1.0
        };
        let light = DARKEST + (1.0 - DARKEST) * firmness.sqrt();
        colour.map(|value| (f32::from(value) * light).round() as u8)
    };

    let side = n * zoom;
    let mut rgba = Vec::with_capacity(side * side * 4);
    for y in 0..side {
        for x in 0..side {
            let [red, green, blue] = pixel((n - 1 - y / zoom) * n + x / zoom);
            rgba.extend([red, green, blue, u8::MAX]);
        }
    }
    let reach = section.coordinates.last().copied().unwrap_or(0.0);
    let across = |a: f64| ((a + reach) / (2.0 * reach) * (side - 1) as f64).round() as i64;
    let middle = across(0.0);
    cross(&mut rgba, side, [middle, middle], u8::MAX);
    if section.length <= reach {
        cross(&mut rgba, side, [across(section.length), middle], 0);
    }
    rgba
}

/// What nine tenths of the leads in a region do not exceed.
fn firm(section: &Section, label: usize) -> f32 {
    let points = section.labels.iter().zip(&section.leads);
    let inside = points.filter(|point| *point.0 == label);
    let mut leads: Vec<f32> = inside.map(|point| *point.1).collect();
    leads.sort_unstable_by(f32::total_cmp);
    leads.get(leads.len() * 9 / 10).copied().unwrap_or(0.0)
}

/// An upright cross of one grey level, as far as it is inside.
fn cross(rgba: &mut [u8], side: usize, [x, y]: [i64; 2], level: u8) {
    let arm = (side / 80).max(1) as i64;
    for along in -arm..=arm {
        for [x, y] in [[x + along, y], [x, y + along]] {
            let inside = |value: i64| usize::try_from(value).ok().filter(|&value| value < side);
            if let (Some(x), Some(y)) = (inside(x), inside(y)) {
                let start = (y * side + x) * 4;
                rgba[start..start + 3].fill(level);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_their_colours_and_the_second_direction_points_up() {
        let section = Section {
            clean_label: 4,
            adversarial_label: 8,
            length: 2.0,
            coordinates: vec![-1.0, 0.0, 1.0],
            // The first row is that of the smallest b, and drawn at the bottom.
            labels: vec![4, 4, 4, 4, 4, 4, 8, 8, 9],
            leads: vec![5.0; 9],
            margins: vec![0.0; 9],
            stopped: false,
        };
        let zoom = 5;
        let rgba = draw(&section, zoom);
        assert_eq!(rgba.len(), 15 * 15 * 4);
        let at = |x: usize, y: usize| &rgba[(y * 15 + x) * 4..][..4];
        let opaque = |rank: usize| [&COLOURS[rank].1[..], &[255]].concat();
        assert_eq!(at(0, 0), opaque(1));
        assert_eq!(at(14, 0), opaque(2));
        assert_eq!(at(0, 14), opaque(0));
        // x in the middle; x + r lies outside.
        assert_eq!(at(7, 7), [255; 4]);
        assert_eq!(rgba.chunks(4).filter(|p| p[..3] == [0; 3]).count(), 0);
    }

    #[test]
    fn each_region_is_darker_towards_its_boundary() {
        let section = Section {
            clean_label: 0,
            adversarial_label: 1,
            length: 9.0,
            coordinates: vec![-3.0, -1.0, 1.0, 3.0],
            labels: vec![0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1],
            leads: [8.0, 0.0, 0.0, 0.5].repeat(4),
            margins: vec![0.0; 16],
            stopped: false,
        };
        let rgba = draw(&section, 1);
        let at = |i: usize| &rgba[i * 4..i * 4 + 3];
        // The top row; the cross is below. The other region's leads are
        // smaller, and its far end is as bright.
        assert_eq!((at(0), at(3)), (&COLOURS[0].1[..], &COLOURS[1].1[..]));
        let half = |colour: [u8; 3]| colour.map(|value| value / 2);
        assert!(at(1) < &half(COLOURS[0].1)[..] && at(2) < &half(COLOURS[1].1)[..]);
    }

    #[test]
    fn further_classes_share_grey() {
        let section = Section {
            clean_label: 0,
            adversarial_label: 1,
            length: 9.0,
            coordinates: vec![-3.0, -1.0, 1.0, 3.0],
            labels: (0..16).collect(),
            leads: vec![1.0; 16],
            margins: vec![0.0; 16],
            stopped: false,
        };
        let rgba = draw(&section, 1);
        // Classes 8 and 11 begin and end the third row from below.
        assert_eq!(rgba[4 * 4..4 * 4 + 3], COLOURS[8].1);
        assert_eq!(rgba[7 * 4..7 * 4 + 3], COLOURS[8].1);
        assert_eq!(colour(8), colour(900));
    }
}
