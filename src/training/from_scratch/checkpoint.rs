//! What of a training is kept, to go on from another time.

use burn::tensor::Device;

use super::{Options, Training};
use crate::classifier::architecture::Architecture;
use crate::classifier::weights::Weights;
use crate::training::TrainingError;
use crate::training::learned::{self, Moments};
use crate::training::set::LabelledPictures;

impl<'a> Training<'a> {
    /// Goes on from [`Training::checkpoint`].
    ///
    /// # Errors
    /// As [`Training::new`]; and when the checkpoint is damaged, or of another
    /// network or other options.
    pub fn resumed(
        architecture: &Architecture,
        pictures: &'a LabelledPictures,
        options: &Options,
        device: &Device,
        checkpoint: &[u8],
    ) -> Result<Self, TrainingError> {
        let mut training = Self::new(architecture, pictures, options, device)?;
        let kept = Weights::from_safetensors(checkpoint)?;
        let notes = Weights::notes(checkpoint)?;
        let note = |key: &str| {
            notes
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, v)| v.as_str())
        };
        let step = note("step").and_then(|step| step.parse().ok());
        let is_same = note("options") == Some(&*training.about())
            && note("pictures") == Some(&*pictures.len().to_string());
        let (Some(step), true) = (step, is_same) else {
            return Err(TrainingError::OtherTraining);
        };
        let mut velocities = Vec::new();
        for (index, tensor) in learned::tensors(architecture).iter().enumerate() {
            let get = |kind: &str| kept.get(&format!("{kind}.{}", tensor.name), &tensor.shape);
            training.learned[index] = get("learned")?.to_vec();
            if step > 0 && options.momentum > 0.0 {
                velocities.push(get("velocity")?.to_vec());
            }
        }
        if !velocities.is_empty() {
            training.descent.set_velocities(velocities);
        }
        for (index, (name, channels)) in learned::batch_norms(architecture).iter().enumerate() {
            let get = |part: &str| kept.get(&format!("{part}.{name}"), &[*channels]);
            training.moments[index] = Moments {
                mean: get("mean")?.to_vec(),
                variance: get("variance")?.to_vec(),
            };
        }
        for _ in 0..step {
            training.schedule.step();
        }
        training.step = step;
        if step % training.steps_an_epoch() != 0 {
            training.order = training.order_of(training.epoch());
        }
        Ok(training)
    }

    /// All that is needed to go on: a safetensors file.
    ///
    /// # Errors
    /// When a weight is no longer finite.
    pub fn checkpoint(&self) -> Result<Vec<u8>, TrainingError> {
        let mut kept = Weights::new();
        let tensors = learned::tensors(&self.architecture);
        let velocities = self.descent.velocities();
        for ((tensor, values), velocity) in tensors.iter().zip(&self.learned).zip(velocities) {
            kept.insert(
                format!("learned.{}", tensor.name),
                &tensor.shape,
                values.clone(),
            )?;
            if let Some(velocity) = velocity {
                kept.insert(format!("velocity.{}", tensor.name), &tensor.shape, velocity)?;
            }
        }
        let norms = learned::batch_norms(&self.architecture);
        for ((name, channels), moments) in norms.iter().zip(&self.moments) {
            kept.insert(format!("mean.{name}"), &[*channels], moments.mean.clone())?;
            kept.insert(
                format!("variance.{name}"),
                &[*channels],
                moments.variance.clone(),
            )?;
        }
        let (step, count) = (self.step.to_string(), self.pictures.len().to_string());
        let notes = [
            ("step", &*step),
            ("pictures", &*count),
            ("options", &*self.about()),
        ];
        Ok(kept.to_safetensors_f32(&notes)?)
    }

    /// The options, in one line.
    fn about(&self) -> String {
        serde_json::to_string(&self.options).expect("plain numbers")
    }
}
