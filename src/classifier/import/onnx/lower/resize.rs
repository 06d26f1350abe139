//! Pictures scaled to another size: each axis by itself, as a matrix.

use crate::classifier::architecture::Layer;
use crate::classifier::import::ImportError;
use crate::classifier::import::onnx::call::{Call, Tensor};
use crate::classifier::import::onnx::net::canonical;
use crate::classifier::import::onnx::reader::Reader;

/// Larger ones are of no classifier's pictures.
const LARGEST: usize = 1 << 12;

/// How an axis is scaled.
struct Rule<'a> {
    mode: &'a str,
    /// Where among the places before a place afterwards lies.
    coordinates: &'a str,
    /// Which of two places is the nearest.
    nearest: &'a str,
    /// Of a cubic, and whether places outside have no part.
    cubic: f64,
    excludes: bool,
}

impl Rule<'_> {
    /// Where a place lies, of `from` places before and `to` afterwards.
    fn place(&self, index: usize, [from, to]: [usize; 2], scale: f64) -> Option<f64> {
        let at = index as f64;
        let half = (at + 0.5) / scale - 0.5;
        Some(match self.coordinates {
            "half_pixel" => half,
            "half_pixel_symmetric" => {
                let (from, to) = (from as f64, to as f64);
                from / 2.0 * (1.0 - to / (scale * from)) + half
            }
            "pytorch_half_pixel" => f64::from(u8::from(to > 1)) * half,
            "align_corners" if to == 1 => 0.0,
            // The last place is where it would be before sizes are made whole.
            "align_corners" => at * (from - 1) as f64 / (scale * from as f64 - 1.0),
            "asymmetric" => at / scale,
            _ => return None,
        })
    }

    /// Which places have a part in a value, and how large.
    fn taps(&self, at: f64) -> Option<Vec<(f64, f64)>> {
        let (first, t) = (at.floor(), at - at.floor());
        let a = self.cubic;
        Some(match (self.mode, self.nearest) {
            ("nearest", "round_prefer_floor") => vec![((at - 0.5).ceil(), 1.0)],
            ("nearest", "round_prefer_ceil") => vec![((at + 0.5).floor(), 1.0)],
            ("nearest", "floor") => vec![(first, 1.0)],
            ("nearest", "ceil") => vec![(at.ceil(), 1.0)],
            ("linear", _) => vec![(first, 1.0 - t), (first + 1.0, t)],
            ("cubic", _) => {
                // Keys 1981: near the place, and one further.
                let near = |d: f64| ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0;
                let far = |d: f64| ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a;
                vec![
                    (first - 1.0, far(1.0 + t)),
                    (first, near(t)),
                    (first + 1.0, near(1.0 - t)),
                    (first + 2.0, far(2.0 - t)),
                ]
            }
            _ => return None,
        })
    }

    /// `[to, from]`; none where the rule is not known.
    fn matrix(&self, [from, to]: [usize; 2], scale: f64) -> Option<Vec<f32>> {
        let last = (from - 1) as f64;
        let mut matrix = vec![0.0; from * to];
        for (index, row) in matrix.chunks_exact_mut(from).enumerate() {
            let mut taps = self.taps(self.place(index, [from, to], scale)?)?;
            if self.excludes {
                taps.retain(|(at, _)| (0.0..=last).contains(at));
                let sum: f64 = taps.iter().map(|(_, part)| part).sum();
                taps.iter_mut().for_each(|(_, part)| *part /= sum);
            }
            for (at, part) in taps {
                row[at.clamp(0.0, last) as usize] += part as f32;
            }
        }
        Some(matrix)
    }
}

impl Reader<'_> {
    pub(super) fn resize(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let or = |text: &'static str, default: &'static str| match call.string(text) {
            "" => default.to_owned(),
            text => text.to_owned(),
        };
        // Before opset 11 there was one way only.
        let old = call.opset < 11 || call.operator() == "Upsample";
        let (coordinates, nearest) = match old {
            true => ("asymmetric".to_owned(), "floor".to_owned()),
            false => (
                or("coordinate_transformation_mode", "half_pixel"),
                or("nearest_mode", "round_prefer_floor"),
            ),
        };
        let rule = Rule {
            mode: &or("mode", "nearest"),
            coordinates: &coordinates,
            nearest: &nearest,
            cubic: f64::from(call.float("cubic_coeff_a", -0.75)),
            excludes: call.int("exclude_outside", 0) != 0,
        };
        let policy = or("keep_aspect_ratio_policy", "stretch");
        if call.int("antialias", 0) != 0 || policy != "stretch" {
            return Err(call.refuse("scales in a way that is not known here"));
        }
        let rank = x.dims.len();
        let all = (0..rank as i64).collect();
        let axes = call.ints("axes").unwrap_or(all);
        let scales = self.scales(call, &x.dims, &axes, old)?;
        if scales.len() != axes.len() || rank < 3 {
            return Err(call.refuse("has another number of scales than of axes"));
        }
        let mut value = self.view(&x, canonical(&x.dims))?;
        let mut dims = x.dims.clone();
        for (&axis, (scale, to)) in axes.iter().zip(scales) {
            let axis = call.axis(axis, rank)?;
            let from = dims[axis];
            if from == to && scale == 1.0 {
                continue;
            }
            if axis + 2 < rank || !(1..=LARGEST).contains(&to) || from == 0 {
                return Err(call.refuse(format!("scales axis {axis} from {from} to {to}")));
            }
            let Some(matrix) = rule.matrix([from, to], scale) else {
                return Err(call.refuse("scales in a way that is not known here"));
            };
            value = if axis + 1 == rank {
                let name = self.net.name("");
                self.net
                    .weight(format!("{name}.weight"), &[to, from], matrix);
                self.net
                    .weight(format!("{name}.bias"), &[to], vec![0.0; to]);
                let layer = Layer::LinearRows {
                    name,
                    input: from,
                    output: to,
                };
                self.net.add(layer, &[value])?
            } else {
                let rows = self.net.constant([1, to, from], matrix)?;
                self.net.add(Layer::MatrixProduct, &[rows, value])?
            };
            dims[axis] = to;
        }
        Ok(Tensor::made(dims, value))
    }

    /// Of each axis by how much it is scaled, and to how many places.
    fn scales(
        &mut self,
        call: &Call,
        dims: &[usize],
        axes: &[i64],
        old: bool,
    ) -> Result<Vec<(f64, usize)>, ImportError> {
        let mut sizes = Vec::new();
        for &axis in axes {
            sizes.push(dims[call.axis(axis, dims.len())?]);
        }
        if !old && call.has(3) {
            let to = call.integers(&mut self.files, 3)?;
            let both = sizes.iter().zip(to);
            return Ok(both
                .map(|(&from, to)| (to as f64 / from as f64, to.max(0) as usize))
                .collect());
        }
        let place = if old { 1 } else { 2 };
        let scales = match call.attribute("scales") {
            Some(scales) => scales.floats.clone(),
            None => call.floats(&mut self.files, place)?,
        };
        let both = sizes.iter().zip(scales);
        Ok(both
            .map(|(&from, scale)| {
                let scale = f64::from(scale);
                (scale, (from as f64 * scale).floor().max(0.0) as usize)
            })
            .collect())
    }
}
