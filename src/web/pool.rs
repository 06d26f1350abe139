//! One network on several cores: the engine's worker does its share of the
//! pictures and cotangents, and helper workers do theirs ([`super::helper`]).
//!
//! Who does what is planned in `www/engine/pool.js`. A share is always of the
//! first rows for this worker, and of the next ones for one helper after the
//! other; each row is computed by the same code wherever it is computed, so that
//! results do not depend on how many workers there are. What a helper fails to
//! give is computed here.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};
use js_sys::{Array, Float32Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::classifier::architecture::Shape;
use crate::classifier::network::Network;
use crate::classifier::{Classifier, ForwardPass, Waiting};
use crate::task::read;

#[wasm_bindgen]
extern "C" {
    /// The helpers.
    pub type Pool;

    /// Whether there is anybody to share so many pictures with. Long work, such
    /// as whatever needs gradients, starts the helpers for the next time.
    #[wasm_bindgen(method, js_name = isReady)]
    fn is_ready(this: &Pool, pictures: usize, gradients: bool) -> bool;

    /// Has helpers begin their share of `[N, C, H, W]`.
    #[wasm_bindgen(method)]
    fn logits(this: &Pool, x: &[f32], pictures: usize) -> Shared;

    /// The same, kept by them until it is forgotten.
    #[wasm_bindgen(method)]
    fn forward(this: &Pool, x: &[f32], pictures: usize) -> SharedPass;

    type SharedPass;

    /// Of how many pictures this worker has to keep the pass: the first ones.
    #[wasm_bindgen(method, getter)]
    fn own(this: &SharedPass) -> usize;

    /// A row a picture.
    #[wasm_bindgen(method, getter)]
    fn logits(this: &SharedPass) -> Shared;

    /// Has helpers begin their share of cotangents `[N, K, classes]`; a row a
    /// cotangent.
    #[wasm_bindgen(method, js_name = pullBack)]
    fn pull_back(this: &SharedPass, cotangents: &[f32], k: usize) -> Shared;

    #[wasm_bindgen(method)]
    fn forget(this: &SharedPass);

    type Shared;

    /// How many rows are this worker's: the first ones.
    #[wasm_bindgen(method, getter)]
    fn own(this: &Shared) -> usize;

    /// Waits for the other rows, to be called after the own ones are done:
    /// helpers get a few times as long. An array of [`Part`].
    #[wasm_bindgen(method)]
    fn collect(this: &Shared) -> Promise;

    type Part;

    #[wasm_bindgen(method, getter)]
    fn rows(this: &Part) -> usize;

    /// None where the helper has failed.
    #[wasm_bindgen(method, getter)]
    fn values(this: &Part) -> Option<Float32Array>;
}

/// A network that shares its work with a pool, where there is one.
pub(super) struct Pooled<'a> {
    pub network: &'a Network,
    pub pool: Option<&'a Pool>,
}

impl<'a> Pooled<'a> {
    fn ready_pool(&self, pictures: usize, gradients: bool) -> Option<&'a Pool> {
        self.pool.filter(|pool| pool.is_ready(pictures, gradients))
    }
}

impl Classifier for Pooled<'_> {
    fn input_shape(&self) -> Shape {
        self.network.input_shape()
    }

    fn class_count(&self) -> usize {
        self.network.class_count()
    }

    fn device(&self) -> &Device {
        self.network.device()
    }

    fn logits(&self, x: Tensor<4>) -> Waiting<'_, Tensor<2>> {
        match self.ready_pool(x.dims()[0], false) {
            None => self.network.logits(x),
            Some(pool) => Box::pin(logits(self.network, pool, x)),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Waiting<'_, Box<dyn ForwardPass + '_>> {
        match self.ready_pool(x.dims()[0], true) {
            None => self.network.forward(x),
            Some(pool) => Box::pin(async move {
                Box::new(PooledPass::new(self.network, pool, x).await) as Box<dyn ForwardPass>
            }),
        }
    }
}

async fn logits(network: &Network, pool: &Pool, x: Tensor<4>) -> Tensor<2> {
    let [n, ..] = x.dims();
    let shared = pool.logits(&values(x.clone()).await, n);
    let logits = gather(&shared, n, async |rows| {
        values(network.logits(pictures(&x, rows)).await).await
    });
    let logits = TensorData::new(logits.await, [n, network.class_count()]);
    Tensor::from_data(logits, network.device())
}

/// A forward pass of which each worker keeps what it may have to walk back.
struct PooledPass<'a> {
    network: &'a Network,
    x: Tensor<4>,
    logits: Tensor<2>,
    /// On the first `shared.own()` pictures.
    own: Box<dyn ForwardPass + 'a>,
    shared: SharedPass,
}

impl<'a> PooledPass<'a> {
    async fn new(network: &'a Network, pool: &Pool, x: Tensor<4>) -> Self {
        let [n, ..] = x.dims();
        let shared = pool.forward(&values(x.clone()).await, n);
        let rows = shared.logits();
        let own = network.forward(pictures(&x, 0..shared.own())).await;
        let logits = gather(&rows, n, async |rows| {
            if rows.start == 0 {
                values(own.logits()).await
            } else {
                values(network.logits(pictures(&x, rows)).await).await
            }
        });
        let logits = TensorData::new(logits.await, [n, network.class_count()]);
        Self {
            network,
            logits: Tensor::from_data(logits, network.device()),
            x,
            own,
            shared,
        }
    }

    /// Some rows of cotangents, `[rows, classes]`, with k rows a picture.
    async fn walk_back(&self, cotangents: &[f32], rows: Range<usize>, k: usize) -> Vec<f32> {
        let classes = self.network.class_count();
        let own = self.shared.own();
        let walk = async |pass: &dyn ForwardPass, pictures: usize, rows: Range<usize>| {
            let shape = [pictures, rows.len() / pictures, classes];
            let cotangents = cotangents[rows.start * classes..rows.end * classes].to_vec();
            let cotangents = TensorData::new(cotangents, shape);
            let cotangents = Tensor::from_data(cotangents, self.network.device());
            values(pass.pull_back(cotangents).await).await
        };
        if rows == (0..own * k) {
            return walk(&*self.own, own, rows).await;
        }
        let mut gradients = Vec::new();
        let mut from = rows.start;
        while from < rows.end {
            let picture = from / k;
            let to = rows.end.min((picture + 1) * k);
            gradients.extend(if picture == 0 && own == 1 {
                walk(&*self.own, 1, from..to).await
            } else {
                // A helper's, which has failed.
                let again = pictures(&self.x, picture..picture + 1);
                walk(&*self.network.forward(again).await, 1, from..to).await
            });
            from = to;
        }
        gradients
    }
}

impl ForwardPass for PooledPass<'_> {
    fn logits(&self) -> Tensor<2> {
        self.logits.clone()
    }

    fn pull_back(&self, cotangents: Tensor<3>) -> Waiting<'_, Tensor<5>> {
        Box::pin(async move {
            let [n, k, _] = cotangents.dims();
            let [c, h, w] = self.network.input_shape();
            let cotangents = values(cotangents).await;
            let shared = self.shared.pull_back(&cotangents, k);
            let gradients = gather(&shared, n * k, async |rows| {
                self.walk_back(&cotangents, rows, k).await
            });
            let gradients = TensorData::new(gradients.await, [n, k, c, h, w]);
            Tensor::from_data(gradients, self.network.device())
        })
    }
}

impl Drop for PooledPass<'_> {
    fn drop(&mut self) {
        self.shared.forget();
    }
}

/// All rows of what is shared, in order. `compute` does the own ones, while the
/// helpers do theirs, and then those that a helper owes.
async fn gather(
    shared: &Shared,
    rows: usize,
    compute: impl AsyncFn(Range<usize>) -> Vec<f32>,
) -> Vec<f32> {
    let own = shared.own();
    let mut values = compute(0..own).await;
    values.reserve_exact((rows - own) * (values.len() / own.max(1)));
    let mut done = own;
    let parts = match JsFuture::from(shared.collect()).await {
        Ok(parts) => Array::from(&parts),
        Err(_) => Array::new(),
    };
    for part in parts {
        let part: Part = part.unchecked_into();
        let to = done + part.rows();
        match part.values() {
            Some(theirs) => {
                let at = values.len();
                values.resize(at + theirs.length() as usize, 0.0);
                theirs.copy_to(&mut values[at..]);
            }
            None => values.extend(compute(done..to).await),
        }
        done = to;
    }
    if done < rows {
        values.extend(compute(done..rows).await);
    }
    values
}

/// Some pictures of a batch.
fn pictures(x: &Tensor<4>, which: Range<usize>) -> Tensor<4> {
    x.clone().narrow(0, which.start, which.len())
}

async fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    read(tensor)
        .await
        .expect("a tensor on the CPU can be read at any time")
}
