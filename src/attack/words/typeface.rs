//! Words from a font's outlines. Natively only: a browser has a canvas.

use ab_glyph::{Font, FontVec, OutlineCurve, Point, point};
use ab_glyph_rasterizer::Rasterizer;
use thiserror::Error;

use super::{Placement, Stamp};

/// A font, from a TrueType or OpenType file.
pub struct Typeface(FontVec);

/// Why a word cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TypefaceError {
    #[error("this is not a font: a TrueType or OpenType file is needed")]
    NotAFont,
    #[error("this font has no letter for '{0}'")]
    NoLetter(char),
    #[error("'{0}' shows nothing")]
    Blank(String),
}

impl Typeface {
    /// From a file's bytes.
    ///
    /// # Errors
    /// When it is not a font.
    pub fn read(bytes: Vec<u8>) -> Result<Self, TypefaceError> {
        FontVec::try_from_vec(bytes)
            .map(Self)
            .map_err(|_| TypefaceError::NotAFont)
    }

    /// A word at its place: scaled, turned, and drawn with smooth edges.
    ///
    /// # Errors
    /// When the font has not all its letters, or it has none that shows.
    pub fn stamp(&self, word: &str, place: &Placement) -> Result<Stamp, TypefaceError> {
        let mut curves = self.outline(word)?;
        let all = || curves.iter().flat_map(|curve| curve.iter().copied());
        if curves.is_empty() {
            return Err(TypefaceError::Blank(word.to_owned()));
        }

        // Its middle comes to lie at the place; font units point upwards.
        let (low, high) = bounds(all());
        let middle = point((low.x + high.x) / 2.0, (low.y + high.y) / 2.0);
        let unit = place.size / f64::from(self.0.units_per_em().unwrap_or(1000.0));
        let (sin, cos) = place.degrees.to_radians().sin_cos();
        let to_picture = |at: Point| {
            let right = unit * f64::from(at.x - middle.x);
            let down = -unit * f64::from(at.y - middle.y);
            point(
                (place.x + cos * right - sin * down) as f32,
                (place.y + sin * right + cos * down) as f32,
            )
        };
        for at in curves.iter_mut().flatten() {
            *at = to_picture(*at);
        }

        let (low, high) = bounds(curves.iter().flatten().copied());
        let corner = point(low.x.floor(), low.y.floor());
        let width = (high.x - corner.x).ceil() as usize + 1;
        let height = (high.y - corner.y).ceil() as usize + 1;
        let mut drawing = Rasterizer::new(width, height);
        for curve in &curves {
            let at = |index: usize| curve[index] - corner;
            match curve.len() {
                2 => drawing.draw_line(at(0), at(1)),
                3 => drawing.draw_quad(at(0), at(1), at(2)),
                _ => drawing.draw_cubic(at(0), at(1), at(2), at(3)),
            }
        }
        let mut coverage = vec![0.0; width * height];
        drawing.for_each_pixel(|index, share| coverage[index] = share.clamp(0.0, 1.0));
        let stamp = Stamp::new(corner.x as i32, corner.y as i32, width, coverage);
        Ok(stamp.expect("the coverage was made to fit"))
    }

    /// A word's curves in font units, each of two, three or four points, with
    /// its letters side by side.
    fn outline(&self, word: &str) -> Result<Vec<Vec<Point>>, TypefaceError> {
        let mut pen = 0.0;
        let mut before = None;
        let mut curves = Vec::new();
        for letter in word.chars() {
            let glyph = self.0.glyph_id(letter);
            if glyph.0 == 0 {
                return Err(TypefaceError::NoLetter(letter));
            }
            pen += before.map_or(0.0, |before| self.0.kern_unscaled(before, glyph));
            for curve in self.0.outline(glyph).map_or(Vec::new(), |it| it.curves) {
                let mut curve = match curve {
                    OutlineCurve::Line(a, b) => vec![a, b],
                    OutlineCurve::Quad(a, b, c) => vec![a, b, c],
                    OutlineCurve::Cubic(a, b, c, d) => vec![a, b, c, d],
                };
                for at in &mut curve {
                    at.x += pen;
                }
                curves.push(curve);
            }
            pen += self.0.h_advance_unscaled(glyph);
            before = Some(glyph);
        }
        Ok(curves)
    }
}

/// The corners of the box around some points.
fn bounds(points: impl Iterator<Item = Point>) -> (Point, Point) {
    let start = (
        point(f32::INFINITY, f32::INFINITY),
        point(f32::NEG_INFINITY, f32::NEG_INFINITY),
    );
    points.fold(start, |(low, high), at| {
        (
            point(low.x.min(at.x), low.y.min(at.y)),
            point(high.x.max(at.x), high.y.max(at.y)),
        )
    })
}
