//! Errors as JavaScript sees them: an `Error` whose message is one sentence for
//! a visitor, and whose name tells the page what to do about it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tsify::{Ts, Tsify};
use wasm_bindgen::JsValue;

use crate::attack::AttackError;
use crate::classifier::import::ImportError;
use crate::classifier::weights::WeightsError;
#[cfg(feature = "explore")]
use crate::geometry::GeometryError;
use crate::npy::NpyError;
use crate::photo::PhotoError;
use crate::universal::UniversalError;

/// What went wrong, by what a page can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    BadPicture,
    BadNetwork,
    BadWeights,
    BadPerturbation,
    BadRequest,
    Cancelled,
    GpuRefused,
    GpuFailedSelfTest,
    GpuLost,
}

/// An error on its way out.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
}

impl Failure {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        let error = js_sys::Error::new(&failure.message);
        error.set_name(&format!("{:?}", failure.kind));
        error.into()
    }
}

impl From<WeightsError> for Failure {
    fn from(error: WeightsError) -> Self {
        Self::new(Kind::BadWeights, error.to_string())
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        Self::new(Kind::BadNetwork, error.to_string())
    }
}

impl From<PhotoError> for Failure {
    fn from(error: PhotoError) -> Self {
        Self::new(Kind::BadPicture, error.to_string())
    }
}

impl From<NpyError> for Failure {
    fn from(error: NpyError) -> Self {
        Self::new(Kind::BadPerturbation, error.to_string())
    }
}

impl From<AttackError> for Failure {
    fn from(error: AttackError) -> Self {
        let kind = match error {
            AttackError::Stopped(_) => Kind::Cancelled,
            AttackError::Read(_) => Kind::GpuLost,
            AttackError::PictureSize { .. }
            | AttackError::PictureNotFinite
            | AttackError::OutsideBox => Kind::BadPicture,
            AttackError::LogitsNotFinite => Kind::BadWeights,
            AttackError::TooFewClasses(_)
            | AttackError::Option { .. }
            | AttackError::OnlyL2(_)
            | AttackError::NotL1(_)
            | AttackError::Subspace(_) => Kind::BadRequest,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(feature = "explore")]
impl From<GeometryError> for Failure {
    fn from(error: GeometryError) -> Self {
        match error {
            GeometryError::Attack(error) => error.into(),
            _ => Self::new(Kind::BadRequest, error.to_string()),
        }
    }
}

impl From<UniversalError> for Failure {
    fn from(error: UniversalError) -> Self {
        let kind = match error {
            UniversalError::Attack(error) => return error.into(),
            UniversalError::PerturbationSize { .. } => Kind::BadPerturbation,
            UniversalError::NoPictures
            | UniversalError::Target { .. }
            | UniversalError::HoldOut { .. }
            | UniversalError::Option { .. } => Kind::BadRequest,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<tsify::Error> for Failure {
    fn from(error: tsify::Error) -> Self {
        // Before it stands which type of ours it is not.
        let text = error.to_string();
        let why = text
            .rsplit_once("`: ")
            .map_or(text.as_str(), |(_, why)| why);
        let sentence = format!("an option of this call is not what it takes: {why}");
        Self::new(Kind::BadRequest, sentence)
    }
}

/// A message on its way out.
pub fn to_js<T: Tsify + Serialize>(message: T) -> Result<Ts<T>, Failure> {
    Ok(message.into_ts()?)
}

/// A message that came in, whatever a page put into it.
pub fn from_js<T>(message: &Ts<T>) -> Result<T, Failure>
where
    T: Tsify + DeserializeOwned,
    T::JsType: Clone,
{
    Ok(message.to_rust()?)
}
