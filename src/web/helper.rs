//! What a helper worker does for the engine's: its share of pictures and of
//! cotangents, on a network and in a wasm of its own. [`super::pool`] asks.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};
use js_sys::Float32Array;
use wasm_bindgen::prelude::*;

use super::error::{Failure, Kind};
use super::pictures::find;
use super::session::own_weights;
use super::source::Pieces;
use crate::attack::batch;
use crate::classifier::architecture::Architecture;
use crate::classifier::network::Network;
use crate::classifier::weights::Weights;
use crate::classifier::{Classifier, ForwardPass};
use crate::task::read;

/// A network on the CPU, and the forward passes that may still be walked back.
#[wasm_bindgen]
pub struct Helper {
    network: &'static Network,
    passes: RefCell<HashMap<u32, Rc<Kept>>>,
}

struct Kept {
    pictures: usize,
    pass: Box<dyn ForwardPass>,
}

#[wasm_bindgen]
impl Helper {
    /// With the weights of a safetensors file that the engine has tried already.
    pub fn open(network: &str, weights: Vec<u8>) -> Result<Helper, JsValue> {
        let entry = find(network)?;
        let architecture = entry.architecture();
        let read = Weights::from_safetensors(&weights).map_err(Failure::from)?;
        // Where the network's own copy can lie.
        drop(weights);
        let read = read.fit(&architecture).map_err(Failure::from)?.weights;
        Ok(Self::of(&architecture, &read)?)
    }

    /// The same of a network that was brought, whose weights are read in pieces.
    #[wasm_bindgen(js_name = openFile)]
    pub fn open_file(network: &str, file: Pieces) -> Result<Helper, JsValue> {
        let architecture = find(network)?.architecture();
        Ok(Self::of(&architecture, &own_weights(file)?)?)
    }

    /// `[n, C, H, W]` to `[n, classes]`.
    pub async fn logits(&self, x: Vec<f32>) -> Result<Float32Array, JsValue> {
        let (_, x) = self.batch(&x)?;
        Ok(values(self.network.logits(x).await).await?)
    }

    /// The same, kept as this pass until it is forgotten.
    pub async fn forward(&self, pass: u32, x: Vec<f32>) -> Result<Float32Array, JsValue> {
        let (pictures, x) = self.batch(&x)?;
        let kept = self.network.forward(x).await;
        let logits = values(kept.logits()).await?;
        let kept = Kept {
            pictures,
            pass: kept,
        };
        self.passes.borrow_mut().insert(pass, Rc::new(kept));
        Ok(logits)
    }

    /// Cotangents `[n, k, classes]` of a pass on n pictures to
    /// `[n, k, C, H, W]`.
    #[wasm_bindgen(js_name = pullBack)]
    pub async fn pull_back(
        &self,
        pass: u32,
        cotangents: Vec<f32>,
    ) -> Result<Float32Array, JsValue> {
        let kept = self.passes.borrow().get(&pass).cloned();
        let kept = kept.ok_or_else(|| {
            Failure::new(Kind::BadRequest, format!("there is no pass {pass} here"))
        })?;
        let (n, classes) = (kept.pictures, self.network.class_count());
        let shape = [n, cotangents.len() / (n * classes), classes];
        let cotangents = TensorData::new(cotangents, shape);
        let cotangents = Tensor::from_data(cotangents, self.network.device());
        let pulled = kept.pass.pull_back(cotangents).await;
        Ok(values(pulled).await?)
    }

    pub fn forget(&self, pass: u32) {
        self.passes.borrow_mut().remove(&pass);
    }
}

impl Helper {
    fn of(architecture: &Architecture, weights: &Weights) -> Result<Self, Failure> {
        let network = Network::new(architecture, weights, &Device::flex())?;
        Ok(Self {
            // A helper has one network as long as it lives; the passes borrow it.
            network: Box::leak(Box::new(network)),
            passes: RefCell::default(),
        })
    }

    fn batch(&self, x: &[f32]) -> Result<(usize, Tensor<4>), Failure> {
        let size: usize = self.network.input_shape().iter().product();
        let pictures: Vec<&[f32]> = x.chunks(size).collect();
        Ok((pictures.len(), batch(self.network, &pictures)?))
    }
}

async fn values<const D: usize>(tensor: Tensor<D>) -> Result<Float32Array, Failure> {
    let values = read(tensor)
        .await
        .map_err(|error| Failure::new(Kind::BadRequest, error.to_string()))?;
    Ok(Float32Array::from(values.as_slice()))
}
