//! The tensor library's tensors as the buffers that they are, without a way
//! through the CPU.

use burn::backend::Cube;
use burn::tensor::{DType, Shape, Tensor};
use burn_cubecl::cubecl::client::Client;
use burn_cubecl::cubecl::server::Handle;
use burn_cubecl::cubecl::wgpu::{AutoCompiler, WgpuResource, WgpuServer};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

/// A tensor of f32 whose values lie in order in a buffer.
pub(super) struct Shared {
    tensor: CubeTensor,
}

/// Where a tensor's values are.
pub(super) struct Place {
    pub buffer: wgpu::Buffer,
    pub offset: u64,
}

impl Shared {
    /// A tensor on the GPU.
    pub fn of<const D: usize>(tensor: Tensor<D>) -> Self {
        let tensor = tensor
            .try_into_primitive::<Cube>()
            .expect("a tensor for a GPU is on a GPU");
        debug_assert_eq!(tensor.dtype, DType::F32);
        Self {
            tensor: into_contiguous(tensor),
        }
    }

    /// A new tensor, not yet written, beside another one.
    pub fn beside(other: &Self, shape: &[usize]) -> Self {
        let CubeTensor { client, device, .. } = &other.tensor;
        let count: usize = shape.iter().product();
        let handle = client.empty(count * size_of::<f32>());
        Self {
            tensor: CubeTensor::new_contiguous(
                client.clone(),
                device.clone(),
                Shape::from(shape.to_vec()),
                handle,
                DType::F32,
            ),
        }
    }

    /// Sends off what the tensor library was asked to compute so far: the queue
    /// then has it before whatever follows.
    pub fn flush(&self) {
        // A failure is the device's; it comes again with the next read.
        let _ = self.tensor.client.flush();
    }

    pub fn place(&self) -> Place {
        let WgpuResource { buffer, offset, .. } =
            resource(&self.tensor.client, self.tensor.handle.clone());
        Place { buffer, offset }
    }

    pub fn into_tensor<const D: usize>(self) -> Tensor<D> {
        Tensor::from_primitive::<Cube>(self.tensor)
    }
}

fn resource(client: &Client, handle: Handle) -> WgpuResource {
    client
        .get_resource::<WgpuServer<AutoCompiler>>(handle)
        .expect("a tensor on a GPU that was opened here has a buffer")
        .resource()
        .clone()
}
