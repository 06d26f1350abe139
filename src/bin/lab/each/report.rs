//! What a command that goes picture by picture reports.

use super::{Each, Piece};
use crate::output::{self, Made, json};
use crate::pictures;
use anyhow::Result;
use foolscope::classifier::catalogue::Entry;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Not;
use std::path::Path;

pub struct Report<E: Each> {
    pub made: Made,
    /// Which part of the pictures it is of.
    pub part: Option<String>,
    pub settings: E::Settings,
    pub summary: E::Summary,
    pub pieces: Vec<Piece<E::Found>>,
    pub unreadable: Vec<String>,
}

/// As JSON has it.
#[derive(Serialize)]
struct View<'a, S, U, F> {
    #[serde(flatten)]
    made: &'a Made,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: &'a Option<String>,
    #[serde(flatten)]
    settings: &'a S,
    #[serde(flatten)]
    summary: &'a U,
    #[serde(flatten)]
    listed: BTreeMap<&'static str, Vec<Listed<'a, F>>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unreadable: &'a [String],
}

/// A picture in the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a, F> {
    file: String,
    #[serde(skip_serializing_if = "Not::not")]
    cut_short: bool,
    #[serde(flatten)]
    found: &'a F,
}

impl<E: Each> Report<E> {
    pub fn new(
        made: Made,
        part: Option<String>,
        settings: E::Settings,
        entry: &'static Entry,
        pieces: Vec<Piece<E::Found>>,
        unreadable: Vec<String>,
    ) -> Result<Self> {
        Ok(Self {
            summary: E::summary(&settings, entry, &pieces)?,
            made,
            part,
            settings,
            pieces,
            unreadable,
        })
    }

    pub fn json(&self) -> Result<String> {
        let listed = E::listed(&self.settings).map(|name| {
            let pieces = self.pieces.iter().map(|piece| Listed {
                file: Self::name(piece),
                cut_short: piece.cut_short,
                found: &piece.found,
            });
            (name, pieces.collect())
        });
        json(&View {
            made: &self.made,
            part: &self.part,
            settings: &self.settings,
            summary: &self.summary,
            listed: listed.into_iter().collect(),
            unreadable: &self.unreadable,
        })
    }

    pub fn print(&self, as_json: bool) -> Result<()> {
        E::done(self)?;
        output::print(&match as_json {
            true => self.json()?,
            false => E::text(self),
        })
    }

    /// A picture's name in the table.
    pub fn name(piece: &Piece<E::Found>) -> String {
        let name = || pictures::name(Path::new(&piece.file));
        piece.name.clone().unwrap_or_else(name)
    }

    /// `in 1.5 s (lenet-mnist on CPU)`
    pub fn took(&self) -> String {
        let Made {
            seconds,
            network,
            device,
            ..
        } = &self.made;
        format!("in {seconds:.1} s ({network} on {device})")
    }
}
