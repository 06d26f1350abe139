//! The smaller and the larger of tensors, number by number.

use super::clip;
use super::reduce::shared;
use crate::classifier::architecture::Activation;
use crate::classifier::import::ImportError;
use crate::classifier::import::onnx::call::{Call, Tensor};
use crate::classifier::import::onnx::reader::Reader;
use crate::classifier::import::onnx::shape;

impl Reader<'_> {
    pub(super) fn extreme(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let mut all = call.input(0)?.clone();
        for index in 1..call.inputs.len() {
            let next = call.input(index)?.clone();
            all = self.extreme_of(call, &all, &next)?;
        }
        Ok(all)
    }

    /// Of a value and a number, which is a clip; or of two.
    fn extreme_of(&mut self, call: &Call, a: &Tensor, b: &Tensor) -> Result<Tensor, ImportError> {
        let (x, other) = match a.value() {
            Some(_) => (a, b),
            None => (b, a),
        };
        if let Some(bound) = other.constant().filter(|bound| bound.count() == 1) {
            let bound = self.files.floats(&bound)?[0];
            let dims = shape::broadcast(call, &a.dims, &b.dims)?;
            let (low, high) = match call.operator() {
                "Max" => (bound, f32::MAX),
                _ => (f32::MIN, bound),
            };
            return Ok(self.then(x, clip(call, low, high)?)?.viewed(dims));
        }
        // max(x, y) = x + max(y − x, 0), and min(x, y) = x − max(x − y, 0).
        let (x, other) = (shared(x), shared(other));
        let (first, second, sign) = match call.operator() {
            "Max" => (&other, &x, "Add"),
            _ => (&x, &other, "Sub"),
        };
        let more = self.pair(call, "Sub", first, second)?;
        let more = self.then(&more, Activation::Relu)?;
        self.pair(call, sign, &x, &more)
    }
}
