//! Everything that needs a network, in one binary: linking it takes longer than
//! running it.

#![cfg(feature = "compute")]

mod affine;
mod attacks;
mod average;
mod caffe;
mod data;
mod deepfool;
mod efficientnet;
#[cfg(feature = "gpu")]
mod gpu;
mod label_graph;
mod lite;
mod network;
mod normals;
mod occlusion;
mod piecewise;
mod section;
#[path = "../shared/mod.rs"]
mod shared;
mod small_networks;
mod smallest;
mod sphere;
mod stalls;
mod subspace;
mod torchvision;
mod training;
mod transfer;
mod transformation;
mod universal;
mod words;
