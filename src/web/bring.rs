//! A network that a visitor brought, made known to this module: from then on it
//! is found by its id like those of the catalogue.

use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::error::{Failure, Kind, to_js};
use super::messages::NetworkInfo;
use super::pictures::info;
use super::source::{File, Pieces};
use crate::classifier::catalogue::{self, Brought, CATALOGUE};
use crate::classifier::import::own::{self, Card};
use crate::classifier::import::{check_pictures, names};

/// What a file of our own format says beside its weights, to be handed to
/// `bring` of every module.
#[wasm_bindgen(js_name = readCard)]
pub fn read_card(file: Pieces) -> Result<String, JsValue> {
    Ok(own::card(&mut File::new(file)).map_err(Failure::from)?)
}

/// Makes a network known under an id.
#[wasm_bindgen]
pub fn bring(id: &str, card: &str) -> Result<Ts<NetworkInfo>, JsValue> {
    let brought = brought(id, Card::parse(card).map_err(Failure::from)?)?;
    Ok(to_js(info(catalogue::bring(brought)))?)
}

fn brought(id: &str, card: Card) -> Result<Brought, Failure> {
    if CATALOGUE.iter().any(|entry| entry.id == id) {
        let message = format!("'{id}' is a network of this page: bring yours under another id");
        return Err(Failure::new(Kind::BadRequest, message));
    }
    check_pictures(&card.architecture)?;
    let classes = card.architecture.classes().map_err(import)?;
    let data = match (names::by_count(classes), &card.classes[..]) {
        (Some(names), own) if names == own => format!("ImageNet (ILSVRC 2012), {classes} classes"),
        (_, [first, second, ..]) => format!("{classes} classes: {first}, {second}, …"),
        _ => format!("{classes} classes"),
    };
    Ok(Brought {
        id: id.to_owned(),
        data,
        class_names: match card.classes.is_empty() {
            true => names::numbers(classes),
            false => card.classes,
        },
        title: card.title,
        licence: card.licence,
        source: card.source,
        short_side: card.short_side,
        architecture: card.architecture,
    })
}

fn import(error: crate::classifier::architecture::ShapeError) -> Failure {
    crate::classifier::import::ImportError::from(error).into()
}
