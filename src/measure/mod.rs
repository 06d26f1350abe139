//! What is reported of a classifier and of an attack on it: numbers over many
//! pictures, as they stand in `www/results`.

mod accuracy;
mod attacks;
mod flatness;
mod interval;
mod normals;
mod occlusion;
mod robustness;
pub mod semi_random;
mod transfer;
mod transformation;

pub use accuracy::Accuracy;
pub use attacks::{Needed, Row, centred_size};
pub use flatness::Flatness;
pub use interval::Estimate;
pub use normals::Normals;
pub use occlusion::OcclusionRobustness;
pub use robustness::{Fooled, Robustness};
pub use transfer::{Network, Tally, TransferError};
pub use transformation::TransformationRobustness;
