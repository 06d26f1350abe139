//! Everything that needs a network, in one binary: linking it takes longer than
//! running it.

#![cfg(feature = "compute")]

mod affine;
mod data;
mod deepfool;
mod efficientnet;
mod network;
mod occlusion;
#[path = "../shared/mod.rs"]
mod shared;
mod subspace;
mod transformation;
mod universal;
mod words;
