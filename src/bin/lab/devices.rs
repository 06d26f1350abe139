//! `lab devices`

use crate::{Ending, output};
use anyhow::Result;
use foolscope::task::block_on;

/// List what there is to compute on.
///
/// Example: lab devices
#[derive(clap::Args)]
pub struct Options {}

pub fn run(_: &Options) -> Result<Ending> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapters = block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    let mut rows = vec![["cpu".to_owned(), "CPU".to_owned(), String::new()]];
    rows.extend(adapters.iter().map(|adapter| {
        let info = adapter.get_info();
        let software = info.device_type == wgpu::DeviceType::Cpu;
        let note = if software {
            "software, slower than cpu"
        } else {
            ""
        };
        let name = format!("{} ({})", info.name, info.backend);
        ["gpu".to_owned(), name, note.to_owned()]
    }));
    output::print(&output::table(["--device", "name", ""], &rows))?;
    if adapters.is_empty() {
        output::print("There is no GPU that Vulkan, Metal or DirectX can use.\n")?;
    }
    Ok(Ending::Done)
}
