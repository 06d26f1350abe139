//! Pictures, perturbations and the catalogue: what needs no session.

use js_sys::Uint8Array;
use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::error::{Failure, Kind, to_js};
use super::messages::{BallNorm, DrawnPerturbation, NetworkInfo};
use crate::classifier::architecture::Shape;
use crate::classifier::catalogue::{self, CATALOGUE, Entry};
use crate::npy;
use crate::photo::{Bitmap, Perturbation, Photo};
use crate::universal::{read_resampled, resampled};

/// Every network that there is.
#[wasm_bindgen(js_name = catalogue)]
pub fn networks() -> Result<Vec<Ts<NetworkInfo>>, JsValue> {
    CATALOGUE
        .iter()
        .map(|entry| Ok(to_js(info(entry))?))
        .collect()
}

/// What a network's classes are called, in order.
#[wasm_bindgen(js_name = classNames)]
pub fn class_names(network: &str) -> Result<Vec<String>, JsValue> {
    let names = find(network)?.class_names();
    Ok(names.iter().map(|&name| name.to_owned()).collect())
}

/// What had to be guessed of a `.npy` file, in a sentence for whoever brought
/// it; nothing of most.
#[wasm_bindgen(js_name = noteOnNpy)]
pub fn note_on_npy(network: &str, bytes: &[u8]) -> Result<Option<String>, JsValue> {
    let found = read_resampled(bytes, shape(find(network)?)).map_err(Failure::from)?;
    Ok(found.note)
}

/// The square that a network sees of a picture, as RGBA bytes; grey where it
/// sees no colours.
#[wasm_bindgen]
pub fn crop(
    network: &str,
    rgba: Vec<u8>,
    width: u32,
    height: u32,
    mirror: bool,
) -> Result<Vec<u8>, JsValue> {
    let entry = find(network)?;
    let bitmap = Bitmap::from_rgba(rgba, width, height).map_err(Failure::from)?;
    let square = square(entry, &bitmap, mirror)?;
    if shape(entry)[0] == 1 {
        let grey = square.to_photo(1).map_err(Failure::from)?;
        return Ok(grey.to_rgba());
    }
    Ok(square.into_rgba())
}

/// A square of RGBA bytes that a network of another size sees, as this one sees
/// it: the whole of it, resized.
#[wasm_bindgen(js_name = fitPicture)]
pub fn fit_picture(network: &str, rgba: Vec<u8>, from: u32) -> Result<Vec<u8>, JsValue> {
    let [_, side, _] = shape(find(network)?);
    let square = Bitmap::from_rgba(rgba, from, from).map_err(Failure::from)?;
    let square = square.crop(side, side).map_err(Failure::from)?;
    Ok(square.into_rgba())
}

/// A square perturbation of any size for a network's pictures, as large as it was
/// by a norm.
#[wasm_bindgen(js_name = fitPerturbation)]
pub fn fit_perturbation(network: &str, v: Vec<f32>, norm: &str) -> Result<Vec<f32>, JsValue> {
    let to = shape(find(network)?);
    let area = v.len() / to[0];
    let side = area.isqrt();
    if to[0] * side * side != v.len() {
        let message = format!(
            "expected a perturbation of {} squares of numbers, but found {} numbers",
            to[0],
            v.len()
        );
        return Err(Failure::new(Kind::BadPerturbation, message).into());
    }
    let v = Perturbation::new([to[0], side, side], v).map_err(Failure::from)?;
    let norm = BallNorm::named(norm)?.norm();
    let fitted = resampled(&v, to, norm)
        .map_err(|error| Failure::new(Kind::BadPerturbation, error.to_string()))?;
    Ok(fitted.into_values())
}

/// A perturbation as a `.npy` file of shape `[C, H, W]`, float32.
#[wasm_bindgen(js_name = perturbationToNpy)]
pub fn perturbation_to_npy(network: &str, v: Vec<f32>) -> Result<Vec<u8>, JsValue> {
    Ok(npy::to_bytes(&perturbation(network, v)?))
}

/// A square of RGBA bytes, as a network sees it, as a `.npy` file of shape
/// `[C, H, W]`, float32, in [0, 1].
#[wasm_bindgen(js_name = pictureToNpy)]
pub fn picture_to_npy(network: &str, rgba: &[u8]) -> Result<Vec<u8>, JsValue> {
    let x = planar(rgba, shape(find(network)?))?;
    Ok(npy::to_bytes(&perturbation(network, x)?))
}

/// The perturbation in a `.npy` file, resampled where it is for pictures of
/// another size.
#[wasm_bindgen(js_name = perturbationFromNpy)]
pub fn perturbation_from_npy(network: &str, bytes: &[u8]) -> Result<Vec<f32>, JsValue> {
    let found = read_resampled(bytes, shape(find(network)?)).map_err(Failure::from)?;
    Ok(found.perturbation.into_values())
}

/// A perturbation of this strength around mid-grey, amplified so that it can be
/// seen: what is drawn is `factor · strength · v`.
#[wasm_bindgen(js_name = drawPerturbation)]
pub fn draw_perturbation(
    network: &str,
    v: Vec<f32>,
    strength: f32,
) -> Result<Ts<DrawnPerturbation>, JsValue> {
    let v = perturbation(network, v)?;
    let factor = v.amplification(strength);
    Ok(to_js(DrawnPerturbation {
        rgba: Uint8Array::from(v.draw(factor * strength).as_slice()),
        // As it is written in decimals, not as the nearest 32-bit number.
        factor: factor.to_string().parse().unwrap_or(f64::from(factor)),
    })?)
}

/// The entry of a network that a page named.
pub(super) fn find(network: &str) -> Result<&'static Entry, Failure> {
    catalogue::find(network).ok_or_else(|| {
        let ids: Vec<&str> = CATALOGUE.iter().map(|entry| entry.id).collect();
        Failure::new(
            Kind::BadRequest,
            format!(
                "there is no network '{network}'; there are {}",
                ids.join(", ")
            ),
        )
    })
}

/// The square that a network sees of a picture, in colours.
pub(super) fn square(entry: &Entry, bitmap: &Bitmap, mirror: bool) -> Result<Bitmap, Failure> {
    let [_, side, _] = shape(entry);
    let square = bitmap.crop(entry.short_side, side)?;
    Ok(if mirror { square.mirrored() } else { square })
}

/// A square of RGBA bytes as planar pixels of a network's shape.
pub(super) fn planar(rgba: &[u8], [channels, height, width]: Shape) -> Result<Vec<f32>, Failure> {
    let photo =
        Bitmap::from_rgba(rgba.to_vec(), width as u32, height as u32)?.to_photo(channels)?;
    Ok(photo.into_values())
}

/// Planar pixels as RGBA bytes.
pub(super) fn rgba(values: &[f32], shape: Shape) -> Result<Vec<u8>, Failure> {
    Ok(Photo::new(shape, values.to_vec())?.to_rgba())
}

fn perturbation(network: &str, v: Vec<f32>) -> Result<Perturbation, Failure> {
    Perturbation::new(shape(find(network)?), v)
        .map_err(|error| Failure::new(Kind::BadPerturbation, error.to_string()))
}

pub(super) fn shape(entry: &Entry) -> Shape {
    entry.architecture().input
}

pub(super) fn info(entry: &Entry) -> NetworkInfo {
    let architecture = entry.architecture();
    let [channels, side, _] = architecture.input;
    let parameters = architecture.parameters();
    NetworkInfo {
        id: entry.id,
        title: entry.title,
        side,
        channels,
        classes: entry.class_names().len(),
        parameters,
        weight_bytes: entry.weight_file.map_or(0, |_| 2 * parameters),
        weight_file: entry.weight_file,
        licence: entry.licence,
        source: entry.source,
        data: entry.data,
        short_side: entry.short_side,
    }
}
