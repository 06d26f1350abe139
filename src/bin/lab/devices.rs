//! `lab devices`

use crate::{Ending, output};
use anyhow::Result;

/// List what there is to compute on.
///
/// Example: lab devices
#[derive(clap::Args)]
pub struct Options {}

pub fn run(_: &Options) -> Result<Ending> {
    let mut rows = vec![["cpu".to_owned(), "CPU".to_owned(), String::new()]];
    let gpus = gpus();
    let none = gpus.is_empty();
    rows.extend(gpus);
    output::print(&output::table(["--device", "name", ""], &rows))?;
    if none {
        output::print(if cfg!(feature = "gpu") {
            "There is no GPU that Vulkan, Metal or DirectX can use.\n"
        } else {
            "This lab was built without the feature `gpu`.\n"
        })?;
    }
    Ok(Ending::Done)
}

/// Whether there is a GPU that no processor pretends to be.
pub fn has_gpu() -> bool {
    gpus().iter().any(|[_, _, note]| note.is_empty())
}

#[cfg(not(feature = "gpu"))]
fn gpus() -> Vec<[String; 3]> {
    Vec::new()
}

#[cfg(feature = "gpu")]
fn gpus() -> Vec<[String; 3]> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapters = foolscope::task::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    let row = |adapter: &wgpu::Adapter| {
        let info = adapter.get_info();
        let software = info.device_type == wgpu::DeviceType::Cpu;
        let note = if software {
            "software, slower than cpu"
        } else {
            ""
        };
        let name = format!("{} ({})", info.name, info.backend);
        ["gpu".to_owned(), name, note.to_owned()]
    };
    adapters.iter().map(row).collect()
}
