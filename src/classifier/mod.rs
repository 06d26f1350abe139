//! The thing under attack.
//!
//! [`Classifier`] is all that an attack sees of it: logits of a batch of
//! pictures in pixel space, and cotangents of the logits pulled back to the
//! pixels. [`network::Network`] is the one that is made of layers; tests attack
//! affine functions through the same trait.

pub mod architecture;
mod caffenet;
pub mod catalogue;
pub mod class_names;
#[cfg(test)]
mod drawn;
mod efficientnet_lite;
mod fully_connected;
mod googlenet;
pub mod import;
mod lenet;
mod network_in_network;
mod plain;
pub mod published;
mod resnet;
pub mod self_test;
mod vgg;
pub mod weights;

#[cfg(feature = "compute")]
pub(crate) mod cpu;
#[cfg(feature = "compute")]
mod gather;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(all(feature = "compute", not(target_family = "wasm")))]
pub(crate) mod layer;
#[cfg(feature = "compute")]
pub mod network;
#[cfg(feature = "compute")]
mod steps;
#[cfg(feature = "compute")]
mod under_attack;
#[cfg(all(test, feature = "compute"))]
mod vocabulary;

#[cfg(feature = "compute")]
pub use under_attack::{Classifier, ForwardPass, Waiting, one_hot, ready};
