//! The buffers of a walk and the bind groups between them, made once and used by
//! one pass after the other.

use super::plan::{Launch, Plan, Source, Walk};

/// All that a forward walk of at most so many pictures needs, and the walks
/// back from it.
#[derive(Debug)]
pub(super) struct Workspace {
    pub capacity: usize,
    forward: Space,
    back: Option<Space>,
}

/// One walk's buffers.
#[derive(Debug)]
struct Space {
    capacity: usize,
    values: Vec<wgpu::Buffer>,
    groups: Vec<wgpu::BindGroup>,
    /// Of the first of the batch: which cotangent it is; and how many each
    /// picture has.
    position: wgpu::Buffer,
    written: Option<[u32; 2]>,
}

/// A part of somebody else's buffer.
pub(super) struct Outside<'a> {
    pub buffer: &'a wgpu::Buffer,
    pub offset: u64,
}

impl Workspace {
    pub fn new(device: &wgpu::Device, plan: &Plan, capacity: usize) -> Self {
        let forward = Space::new(device, plan, &plan.forward, capacity, None);
        Self {
            capacity,
            forward,
            back: None,
        }
    }

    /// Pictures from outside to logits outside.
    pub fn forward(
        &mut self,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        plan: &Plan,
        count: usize,
        from: Outside,
        to: Outside,
    ) {
        self.forward.place(queue, [0, 1]);
        self.forward.walk(encoder, &plan.forward, count, from, to);
    }

    /// Cotangents `first..first + count` of the pictures of the last forward
    /// walk, of which each has `each`, to gradients.
    #[allow(clippy::too_many_arguments)]
    pub fn back(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        plan: &Plan,
        [first, each]: [usize; 2],
        count: usize,
        from: Outside,
        to: Outside,
    ) {
        if self.back.as_ref().is_none_or(|back| back.capacity < count) {
            let back = Space::new(device, plan, &plan.back, count, Some(&self.forward));
            self.back = Some(back);
        }
        let back = self.back.as_mut().expect("just made");
        back.place(queue, [first as u32, each as u32]);
        back.walk(encoder, &plan.back, count, from, to);
    }
}

impl Space {
    fn new(
        device: &wgpu::Device,
        plan: &Plan,
        walk: &Walk,
        capacity: usize,
        forward: Option<&Space>,
    ) -> Self {
        let buffer = |size: u64, usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let storage = wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST;
        let values: Vec<wgpu::Buffer> = walk
            .sizes
            .iter()
            .map(|&size| buffer(bytes(capacity * size).max(16), storage))
            .collect();
        let uniform = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let position = buffer(16, uniform);
        let source = |source: &'_ Source| match source {
            Source::Weights(buffer) => buffer.clone(),
            Source::Forward(value) => match forward {
                Some(forward) => forward.values[*value].clone(),
                None => values[*value].clone(),
            },
            Source::Back(value) => values[*value].clone(),
        };
        let groups = walk
            .launches
            .iter()
            .map(|launch| bind(device, plan, launch, &position, &source, &values))
            .collect();
        Self {
            capacity,
            values,
            groups,
            position,
            written: None,
        }
    }

    fn place(&mut self, queue: &wgpu::Queue, position: [u32; 2]) {
        if self.written != Some(position) {
            let mut words = [0; 16];
            words[..4].copy_from_slice(&position[0].to_le_bytes());
            words[4..8].copy_from_slice(&position[1].to_le_bytes());
            queue.write_buffer(&self.position, 0, &words);
            self.written = Some(position);
        }
    }

    fn walk(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        walk: &Walk,
        count: usize,
        from: Outside,
        to: Outside,
    ) {
        debug_assert!(count <= self.capacity);
        let (first, last) = (&self.values[walk.first], &self.values[walk.last]);
        // The sizes of what shares a buffer may be larger than what comes in.
        let [comes, goes] = walk.ends.map(|size| bytes(count * size));
        encoder.copy_buffer_to_buffer(from.buffer, from.offset, first, 0, comes);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for (launch, group) in walk.launches.iter().zip(&self.groups) {
            let [x, y, z] = launch.grid.of(count as u32);
            pass.set_pipeline(&launch.kernel.pipeline);
            pass.set_bind_group(0, group, &[]);
            pass.dispatch_workgroups(x, y, z);
        }
        drop(pass);
        encoder.copy_buffer_to_buffer(last, 0, to.buffer, to.offset, goes);
    }
}

fn bind(
    device: &wgpu::Device,
    plan: &Plan,
    launch: &Launch,
    position: &wgpu::Buffer,
    source: &impl Fn(&Source) -> wgpu::Buffer,
    values: &[wgpu::Buffer],
) -> wgpu::BindGroup {
    let reads: Vec<wgpu::Buffer> = launch.reads.iter().map(source).collect();
    let params = wgpu::BufferBinding {
        buffer: &plan.params,
        offset: launch.params.start,
        size: wgpu::BufferSize::new(launch.params.end - launch.params.start),
    };
    let mut entries = vec![
        wgpu::BindGroupEntry {
            binding: 0,
            resource: wgpu::BindingResource::Buffer(params),
        },
        wgpu::BindGroupEntry {
            binding: 1,
            resource: position.as_entire_binding(),
        },
    ];
    let buffers = reads.iter().chain([&values[launch.writes]]);
    entries.extend(
        buffers
            .zip(2..)
            .map(|(buffer, binding)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            }),
    );
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &launch.kernel.layout,
        entries: &entries,
    })
}

fn bytes(numbers: usize) -> u64 {
    (numbers * size_of::<f32>()) as u64
}
