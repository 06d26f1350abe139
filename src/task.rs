//! Long work: progress, cancelling, and waiting.
//!
//! A browser cannot wait for a GPU and cannot paint or hear a click while a
//! worker computes, so whatever reads a value is an `async fn`, and between two
//! steps it passes a [`Task::checkpoint`]: progress goes out, the event loop
//! gets its turn, and a wish to stop comes in. Natively [`block_on`] drives the
//! same code.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::Tensor;
use thiserror::Error;

/// A wish to stop, shared between who computes and who waits.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Somebody wished to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("stopped before it was finished")]
pub struct Stopped;

/// What a long computation says of itself, as progress of type `P`, and where
/// it hears that it should stop.
pub struct Task<'a, P> {
    stop: StopFlag,
    report: Box<dyn FnMut(P) + 'a>,
}

impl<'a, P> Task<'a, P> {
    pub fn new(stop: StopFlag, report: impl FnMut(P) + 'a) -> Self {
        Self {
            stop,
            report: Box::new(report),
        }
    }

    /// Nobody listens and nobody stops it.
    pub fn silent() -> Self {
        Self::new(StopFlag::default(), |_| ())
    }

    /// Reports, lets others run, and says whether to go on.
    pub async fn checkpoint(&mut self, progress: P) -> Result<(), Stopped> {
        self.report(progress);
        self.pause().await
    }

    /// Only reports: for a part of the computation that pauses by itself.
    pub fn report(&mut self, progress: P) {
        (self.report)(progress);
    }

    /// Lets others run and says whether to go on, without a report.
    pub async fn pause(&self) -> Result<(), Stopped> {
        let_others_run().await;
        if self.stop.is_stopped() {
            Err(Stopped)
        } else {
            Ok(())
        }
    }

    /// The flag, to hand to a part of the computation.
    pub fn stop_flag(&self) -> StopFlag {
        self.stop.clone()
    }
}

/// In a worker, one turn of the event loop. Waking the waker alone would only
/// run other promises, never a message that asks to stop.
#[cfg(target_family = "wasm")]
async fn let_others_run() {
    use wasm_bindgen::{JsCast, JsValue};
    let turn = js_sys::Promise::new(&mut |resolve, _| {
        // A global without timers would leave the promise forever pending.
        let scheduled = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("setTimeout"))
            .ok()
            .and_then(|timer| timer.dyn_into::<js_sys::Function>().ok())
            .is_some_and(|timer| timer.call1(&JsValue::UNDEFINED, &resolve).is_ok());
        if !scheduled {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    let _ = wasm_bindgen_futures::JsFuture::from(turn).await;
}

#[cfg(not(target_family = "wasm"))]
async fn let_others_run() {}

/// Runs to completion on this thread.
#[cfg(not(target_family = "wasm"))]
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    pollster::block_on(future)
}

/// A value could not be read from the device.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the device did not give its result: {0}")]
pub struct ReadError(String);

/// The values of a tensor, in order.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ReadError> {
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| ReadError(format!("{error:?}")))?;
    data.convert::<f32>()
        .try_into_vec::<f32>()
        .map_err(|error| ReadError(format!("{error:?}")))
}

/// The values of some flat tensors, for which the device is waited for once.
pub async fn read_together<const N: usize>(
    tensors: [Tensor<1>; N],
) -> Result<[Vec<f32>; N], ReadError> {
    let lengths = tensors.each_ref().map(|tensor| tensor.dims()[0]);
    let all = read(Tensor::cat(tensors.to_vec(), 0)).await?;
    let mut rest = all.as_slice();
    Ok(lengths.map(|length| {
        let (first, others) = rest.split_at(length);
        rest = others;
        first.to_vec()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_reports_and_then_hears_the_wish_to_stop() {
        let stop = StopFlag::default();
        let mut seen = Vec::new();
        {
            let mut task = Task::new(stop.clone(), |step: usize| {
                seen.push(step);
                if step == 2 {
                    stop.stop();
                }
            });
            assert_eq!(block_on(task.checkpoint(1)), Ok(()));
            assert_eq!(block_on(task.checkpoint(2)), Err(Stopped));
        }
        assert_eq!(seen, [1, 2]);
    }
}
