//! The GPUs that were opened here: the tensor library computes on them too, and
//! gives nobody the device and the queue back, so they are remembered.

use burn::tensor::Device;
use burn::tensor::wgpu::{WgpuInitError, WgpuSetup};

/// A device and its queue.
#[derive(Debug, Clone)]
pub(crate) struct Handles {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
}

#[cfg(not(target_family = "wasm"))]
mod memory {
    use super::{Device, Handles};
    use std::sync::{Mutex, PoisonError};

    static OPENED: Mutex<Vec<(Device, Handles)>> = Mutex::new(Vec::new());

    pub fn with<T>(use_them: impl FnOnce(&mut Vec<(Device, Handles)>) -> T) -> T {
        use_them(&mut OPENED.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a browser's GPU is made of stays on its thread.
#[cfg(target_family = "wasm")]
mod memory {
    use super::{Device, Handles};
    use std::cell::RefCell;

    thread_local! {
        static OPENED: RefCell<Vec<(Device, Handles)>> = const { RefCell::new(Vec::new()) };
    }

    pub fn with<T>(use_them: impl FnOnce(&mut Vec<(Device, Handles)>) -> T) -> T {
        OPENED.with_borrow_mut(use_them)
    }
}

/// The best GPU there is.
///
/// # Errors
/// When there is none that can compute, or one was opened by other means.
#[cfg(not(target_family = "wasm"))]
pub fn open() -> Result<(Device, WgpuSetup), WgpuInitError> {
    let (device, setup) = Device::wgpu_options().init_with_setup()?;
    remember(&device, &setup);
    Ok((device, setup))
}

/// A GPU that the caller opened.
///
/// # Errors
/// When the tensor library cannot compute on it.
pub fn adopt(setup: WgpuSetup) -> Result<Device, WgpuInitError> {
    let device = Device::wgpu_options().setup(setup.clone()).init()?;
    remember(&device, &setup);
    Ok(device)
}

fn remember(device: &Device, setup: &WgpuSetup) {
    let handles = Handles {
        device: setup.device.clone(),
        queue: setup.queue.clone(),
    };
    memory::with(|opened| opened.push((device.clone(), handles)));
}

/// The device and the queue under one of the tensor library's devices; none
/// where it was not opened here.
pub(crate) fn handles(device: &Device) -> Option<Handles> {
    memory::with(|opened| {
        let found = opened.iter().find(|(other, _)| other == device);
        found.map(|(_, handles)| handles.clone())
    })
}
