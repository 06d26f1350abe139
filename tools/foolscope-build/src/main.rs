//! The three steps of the page's build that need native Rust:
//!
//! ```text
//! foolscope-build bindgen <in.wasm> <out folder> [--keep-names]
//! foolscope-build import <in.pth> <out.safetensors> --network <id>
//! foolscope-build thumbnail <in.png> <out.jpg>
//! ```
//!
//! It is a library call each. Having them here means that the build needs no
//! program beside cargo and Node, and that versions are pinned in one place.

mod relaxed;

use std::path::Path;

use anyhow::{Context, Result, bail};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage:
  foolscope-build bindgen <in.wasm> <out folder> [--keep-names]
  foolscope-build import <in.pth> <out.safetensors> --network <id>
  foolscope-build thumbnail <in.png> <out.jpg>";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["bindgen", wasm, out] => bindgen(wasm, out, false),
        ["bindgen", wasm, out, "--keep-names"] => bindgen(wasm, out, true),
        ["import", weights, out, "--network", network] => import(weights, out, network),
        ["thumbnail", photo, out] => thumbnail(photo, out),
        _ => bail!("{USAGE}"),
    }
}

/// Writes the JavaScript, the TypeScript declarations and the bound wasm, which
/// comes twice: as it is, and for browsers without relaxed vector instructions.
fn bindgen(wasm: &str, out: &str, keep_names: bool) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(true)
        // The page's bundler finds the wasm by the path in the JavaScript.
        .omit_default_module_path(false)
        .remove_name_section(!keep_names)
        .remove_producers_section(true)
        .generate(out)
        .with_context(|| format!("cannot bind {wasm}"))?;
    let relaxed = Path::new(out).join("foolscope_bg.wasm");
    let wasm = std::fs::read(&relaxed)?;
    let wasm = relaxed::without_relaxed(&wasm)
        .with_context(|| format!("cannot rewrite {}", relaxed.display()))?;
    std::fs::write(Path::new(out).join("foolscope_simd128.wasm"), wasm)?;
    Ok(())
}

/// Reads a PyTorch file and writes what the page downloads.
fn import(weights: &str, out: &str, network: &str) -> Result<()> {
    let bytes = foolscope::classifier::weights::import(network, Path::new(weights))
        .with_context(|| format!("cannot import {weights}"))?;
    std::fs::write(out, bytes).with_context(|| format!("cannot write {out}"))
}

/// Sharp on a screen with two dots a pixel, where it is 60 pixels wide.
const THUMBNAIL_SIDE: u32 = 120;
const THUMBNAIL_QUALITY: u8 = 82;

/// The middle square of a photo, small, so that choosing one does not mean to
/// download them all.
fn thumbnail(photo: &str, out: &str) -> Result<()> {
    let photo = image::open(photo).with_context(|| format!("cannot read {photo}"))?;
    let small = photo.resize_to_fill(THUMBNAIL_SIDE, THUMBNAIL_SIDE, FilterType::Lanczos3);
    let file = std::fs::File::create(out).with_context(|| format!("cannot write {out}"))?;
    JpegEncoder::new_with_quality(file, THUMBNAIL_QUALITY)
        .encode_image(&small.into_rgb8())
        .with_context(|| format!("cannot write {out}"))
}
