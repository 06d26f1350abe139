//! Foolscope: how image classifiers are fooled.
//!
//! In reading order:
//!
//! - [`photo`]: a picture as pixels, planar in [0, 1].
//! - [`npy`]: a perturbation as a `.npy` file.
//! - [`data`]: pictures in folders, and sets of them in one file.
//! - [`statistics`]: means and shares, and when there is none.
//! - [`task`]: progress, cancelling, and waiting, for everything that is long.
//! - [`classifier`]: the thing under attack, the networks there are, and files
//!   in which people bring theirs.
//! - [`attack`]: one picture: DeepFool and what it is compared with.
//! - [`universal`]: one perturbation for all pictures.
//! - [`geometry`]: why that works: the boundaries between the classes.
//! - [`measure`]: what is reported of many pictures.
//! - [`training`]: changing a network's weights (natively).
//! - `web`: the face that the browser sees; `bin/lab` is the one of the
//!   command line. Neither holds any mathematics.
//!
//! What is later in this list imports what is before it, not the other way round,
//! but for the random directions that [`universal`] takes from [`geometry`]. Every
//! public number is in pixel units, where a picture's range is [0, 1]; what is
//! shown to a person is in grey levels, 0 to 255.
//!
//! The five calls that people come for, each with an example: [`photo::open`],
//! [`classifier::network::Network::new`], [`attack::deepfool::deepfool`],
//! [`universal::stochastic::stochastic`] and [`npy::to_bytes`].

pub mod classifier;
pub mod data;
pub mod npy;
pub mod photo;
pub mod statistics;

/// The tensor library, whose devices and tensors our calls take and give.
#[cfg(feature = "compute")]
pub use burn;

#[cfg(feature = "compute")]
pub mod attack;
#[cfg(feature = "compute")]
pub mod geometry;
#[cfg(feature = "compute")]
pub mod measure;
#[cfg(feature = "compute")]
pub mod task;
#[cfg(all(feature = "compute", not(target_family = "wasm")))]
pub mod training;
#[cfg(feature = "compute")]
pub mod universal;

#[cfg(all(feature = "compute", target_family = "wasm"))]
pub mod web;
