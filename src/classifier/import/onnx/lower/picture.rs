//! Operators on pictures: convolution and pooling.

use crate::classifier::architecture::{Convolution, Layer, Value, Window};
use crate::classifier::import::ImportError;
use crate::classifier::import::onnx::call::{Call, Tensor};
use crate::classifier::import::onnx::reader::Reader;

/// Two sizes of a kernel, stride or dilation.
fn pair(call: &Call, name: &str) -> Result<Option<[usize; 2]>, ImportError> {
    let Some(sizes) = call.ints(name).filter(|sizes| !sizes.is_empty()) else {
        return Ok(None);
    };
    let size = |size: i64| {
        usize::try_from(size)
            .ok()
            .filter(|size| (1..1 << 16).contains(size))
    };
    match sizes[..] {
        [h, w] => match (size(h), size(w)) {
            (Some(h), Some(w)) => Ok(Some([h, w])),
            _ => Err(call.refuse(format!("has impossible {name} {sizes:?}"))),
        },
        _ => Err(call.refuse(format!(
            "slides along {} axes, where only 2 are known here",
            sizes.len()
        ))),
    }
}

/// Places before and after, of height and of width.
fn padding(
    call: &Call,
    size: [usize; 2],
    span: [usize; 2],
    stride: [usize; 2],
) -> Result<[(usize, usize); 2], ImportError> {
    let same = |lower: bool| {
        [0, 1].map(|axis| {
            let windows = size[axis].div_ceil(stride[axis]);
            let reach = windows.saturating_sub(1) * stride[axis] + span[axis];
            let total = reach.saturating_sub(size[axis]);
            let (small, large) = (total / 2, total - total / 2);
            if lower {
                (large, small)
            } else {
                (small, large)
            }
        })
    };
    match call.string("auto_pad") {
        "" | "NOTSET" => {}
        "VALID" => return Ok([(0, 0); 2]),
        "SAME_UPPER" => return Ok(same(false)),
        "SAME_LOWER" => return Ok(same(true)),
        _ => return Err(call.refuse("has an unknown rule of padding")),
    }
    let pads = call.ints("pads").filter(|pads| !pads.is_empty());
    let pads = pads.unwrap_or_else(|| vec![0; 4]);
    let sizes: Option<Vec<usize>> = pads
        .iter()
        .map(|&pad| usize::try_from(pad).ok().filter(|&pad| pad < 1 << 16))
        .collect();
    match sizes.as_deref() {
        Some(&[top, left, bottom, right]) => Ok([(top, bottom), (left, right)]),
        _ => Err(call.refuse(format!("has the padding {pads:?}, which is not known here"))),
    }
}

fn span(kernel: [usize; 2], dilation: [usize; 2]) -> [usize; 2] {
    [0, 1].map(|axis| (kernel[axis] - 1) * dilation[axis] + 1)
}

impl Reader<'_> {
    /// A picture `[1, C, H, W]` as a value `[C, H, W]`.
    fn picture(&mut self, call: &Call, x: &Tensor) -> Result<(Value, [usize; 3]), ImportError> {
        match x.dims[..] {
            [1, c, h, w] => Ok((self.view(x, [c, h, w])?, [c, h, w])),
            _ => Err(call.refuse(format!(
                "works on a tensor of shape {:?}, where only pictures [1, C, H, W] are known here",
                x.dims
            ))),
        }
    }

    pub(super) fn convolution(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let (value, [c, h, w]) = self.picture(call, &x)?;
        let weight = call.constant(1)?;
        let [output, each, kh, kw] = weight.dims[..] else {
            let rank = weight.dims.len();
            return Err(call.refuse(format!(
                "has a weight of {rank} axes, where 4 are known here"
            )));
        };
        let kernel = pair(call, "kernel_shape")?.unwrap_or([kh, kw]);
        let groups = usize::try_from(call.int("group", 1)).unwrap_or(0);
        let small = |size: usize| (1..1 << 16).contains(&size);
        let whole = small(kh) && small(kw) && small(groups) && small(output) && small(each);
        if kernel != [kh, kw] || !whole || each.checked_mul(groups) != Some(c) {
            let why = format!(
                "has a weight of shape {:?} in {groups} groups for a picture of shape {:?}",
                weight.dims, x.dims
            );
            return Err(call.refuse(why));
        }
        let stride = pair(call, "strides")?.unwrap_or([1; 2]);
        let dilation = pair(call, "dilations")?.unwrap_or([1; 2]);
        let padding = padding(call, [h, w], span(kernel, dilation), stride)?;
        let bias = if call.has(2) {
            self.files.floats(&call.constant(2)?)?
        } else {
            vec![0.0; output]
        };
        if bias.len() != output {
            return Err(call.refuse(format!(
                "has a bias of {} numbers, not {output}",
                bias.len()
            )));
        }
        let name = self.net.name(&call.node.inputs[1]);
        let conv = Convolution {
            stride,
            padding,
            dilation,
            groups,
            kernel,
            ..Convolution::new(name.clone(), c, output, 1)
        };
        let made = self.net.add(conv, &[value])?;
        let values = self.files.floats(&weight)?;
        self.net
            .weight(format!("{name}.weight"), &weight.dims, values);
        self.net.weight(format!("{name}.bias"), &[output], bias);
        let [c, h, w] = self.net.shape(made);
        Ok(Tensor::made(vec![1, c, h, w], made))
    }

    pub(super) fn pool(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        call.only_one_output(|name| self.reads(name))?;
        let Some(kernel) = pair(call, "kernel_shape")? else {
            return Err(call.refuse("has no kernel_shape"));
        };
        let x = call.input(0)?.clone();
        let (value, [_, h, w]) = self.picture(call, &x)?;
        let stride = pair(call, "strides")?.unwrap_or([1; 2]);
        let dilation = pair(call, "dilations")?.unwrap_or([1; 2]);
        let padding = padding(call, [h, w], span(kernel, dilation), stride)?;
        let automatic = !matches!(call.string("auto_pad"), "" | "NOTSET");
        let window = Window {
            kernel,
            stride,
            padding,
            dilation,
            ceil: !automatic && call.int("ceil_mode", 0) != 0,
            counts_padding: call.int("count_include_pad", 0) != 0,
        };
        let layer = match call.operator() {
            "MaxPool" => Layer::MaxPool(window),
            _ => Layer::AveragePool(window),
        };
        let made = self.net.add(layer, &[value])?;
        let [c, h, w] = self.net.shape(made);
        Ok(Tensor::made(vec![1, c, h, w], made))
    }

    pub(super) fn global_pool(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let mut dims = x.dims.clone();
        let (1.., [1, c, rest @ ..]) = (x.count(), &mut dims[..]) else {
            return Err(call.refuse(format!("works on a tensor of shape {:?}", x.dims)));
        };
        let shape = match rest {
            [h, w] => [*c, *h, *w],
            _ => [*c, rest.iter().product(), 1],
        };
        rest.fill(1);
        let value = self.view(&x, shape)?;
        let layer = match call.operator() {
            "GlobalMaxPool" => Layer::GlobalMax,
            _ => Layer::GlobalAverage,
        };
        let made = self.net.add(layer, &[value])?;
        Ok(Tensor::made(dims, made))
    }

    pub(super) fn local_response(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let (value, _) = self.picture(call, &x)?;
        let size = usize::try_from(call.int("size", 0)).unwrap_or(0);
        let layer = Layer::LocalResponse {
            size,
            alpha: f64::from(call.float("alpha", 1e-4)),
            beta: f64::from(call.float("beta", 0.75)),
            k: f64::from(call.float("bias", 1.0)),
        };
        let made = self.net.add(layer, &[value])?;
        Ok(Tensor::made(x.dims, made))
    }

    /// Blocks of pixels to channels and back.
    pub(super) fn blocks(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let (_, [c, h, w]) = self.picture(call, &x)?;
        let block = usize::try_from(call.int("blocksize", 0)).unwrap_or(0);
        let fits = |size: usize| (1..1 << 12).contains(&block) && size.is_multiple_of(block);
        let to_space = call.operator() == "DepthToSpace";
        let whole = match to_space {
            true => fits(c) && (c / block).is_multiple_of(block),
            false => fits(h) && fits(w),
        };
        if !whole {
            return Err(call.refuse(format!("cannot make blocks of {block} of {:?}", x.dims)));
        }
        let (from, order, to) = if to_space {
            let c = c / block / block;
            let (from, order) = match call.string("mode") {
                "CRD" => (vec![c, block, block, h, w], [0, 3, 1, 4, 2]),
                _ => (vec![block, block, c, h, w], [2, 3, 0, 4, 1]),
            };
            (from, order, vec![1, c, h * block, w * block])
        } else {
            let from = vec![c, h / block, block, w / block, block];
            (
                from,
                [2, 4, 0, 1, 3],
                vec![1, c * block * block, h / block, w / block],
            )
        };
        Ok(self.transpose(&x.viewed(from), &order)?.viewed(to))
    }
}
