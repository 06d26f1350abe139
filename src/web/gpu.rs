//! A GPU that we asked for ourselves, so that its adapter, its loss and its
//! uncaptured errors are ours to see; burn gets the finished device.

use std::sync::{Arc, Mutex};

use burn::tensor::Device;
use burn::tensor::wgpu::WgpuSetup;
use futures_channel::oneshot;

use super::error::{Failure, Kind};
use crate::classifier::gpu::adopt;

/// A device that burn computes on, and the news of its end.
pub struct Gpu {
    pub device: Device,
    pub name: String,
    /// Whether a processor only pretends to be a GPU.
    pub software: bool,
    /// Comes with a sentence when the device is lost, or reports an error that
    /// nobody was waiting for: from then on its results cannot be trusted.
    pub end: oneshot::Receiver<String>,
}

impl Gpu {
    /// Asks the browser for its fastest adapter and a device with all that the
    /// adapter has.
    pub async fn request() -> Result<Self, Failure> {
        let refused = |why: String| Failure::new(Kind::GpuRefused, why);
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends: wgpu::Backends::BROWSER_WEBGPU,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::HighPerformance,
                ..Default::default()
            })
            .await
            .map_err(|_| refused("the browser offers no WebGPU adapter".into()))?;
        if !adapter.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            // burn times its kernels and panics where it cannot.
            return Err(refused(
                "the GPU cannot time its work (WebGPU feature timestamp-query)".into(),
            ));
        }
        let info = adapter.get_info();
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("foolscope"),
                required_features: adapter
                    .features()
                    .difference(wgpu::Features::MAPPABLE_PRIMARY_BUFFERS),
                required_limits: adapter.limits(),
                memory_hints: wgpu::MemoryHints::MemoryUsage,
                ..Default::default()
            })
            .await
            .map_err(|error| refused(format!("the GPU refused to open: {error}")))?;

        let (sender, end) = oneshot::channel();
        let sender = Arc::new(Mutex::new(Some(sender)));
        let announce = move |sentence: String| {
            if let Ok(mut sender) = sender.lock()
                && let Some(sender) = sender.take()
            {
                // Nobody may be listening; then nobody needs to know.
                let _ = sender.send(sentence);
            }
        };
        let on_error = announce.clone();
        device.on_uncaptured_error(Arc::new(move |error| {
            on_error(format!("the GPU reported an error: {error}"));
        }));
        device.set_device_lost_callback(move |_, message| {
            announce(if message.is_empty() {
                "the GPU was lost".into()
            } else {
                format!("the GPU was lost: {message}")
            });
        });

        let software = info.device_type == wgpu::DeviceType::Cpu
            || [&info.name, &info.driver, &info.driver_info]
                .iter()
                .any(|text| text.to_lowercase().contains("swiftshader"));
        let backend = info.backend;
        let setup = WgpuSetup {
            instance,
            adapter,
            device,
            queue,
            backend,
        };
        let device = adopt(setup)
            .map_err(|error| refused(format!("the GPU could not be set up: {error}")))?;
        Ok(Self {
            device,
            name: if info.name.is_empty() {
                "WebGPU".into()
            } else {
                info.name
            },
            software,
            end,
        })
    }
}
