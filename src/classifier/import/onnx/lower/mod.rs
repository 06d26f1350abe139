//! From ONNX's operators to layers.

mod activation;
mod arithmetic;
mod axes;
mod extreme;
mod matrix;
mod normalise;
mod picture;
mod reduce;
mod resize;

use super::call::{Call, Tensor, What};
use super::constant::Constant;
use super::net::canonical;
use super::reader::Reader;
use super::shape;
use crate::classifier::architecture::{Activation, Layer, Shape, Value};
use crate::classifier::import::ImportError;

/// Every operator that is known here, on constants or on what depends on the
/// picture.
pub const OPERATORS: &str = " Abs Add And AveragePool BatchNormalization Cast CastLike Ceil Celu \
    Clip Concat Constant ConstantOfShape Conv DepthToSpace Div Dropout Elu Equal Erf Exp Expand \
    Flatten Floor Gather Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual \
    GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization LRN \
    LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max MaxPool Mean Min Mish \
    Mod Mul Neg Not Or PRelu Pad Pow Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum \
    ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu \
    Reshape Resize Selu Shape Sigmoid Sign Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt \
    Squeeze Sub Sum Tanh Tile Transpose Unsqueeze Upsample Where ";

impl Reader<'_> {
    /// The value of a tensor, under whatever shape it has.
    fn value(&mut self, x: &Tensor) -> Result<Value, ImportError> {
        match &x.what {
            What::Made(value) => Ok(*value),
            What::Constant(_) => self.view(x, canonical(&x.dims)),
        }
    }

    /// The value of a tensor under a shape.
    fn view(&mut self, x: &Tensor, shape: Shape) -> Result<Value, ImportError> {
        match &x.what {
            What::Made(value) => self.net.view(*value, shape),
            What::Constant(data) => {
                let constant = Constant {
                    dims: x.dims.clone(),
                    data: data.clone(),
                };
                let values = self.files.floats(&constant)?;
                self.net.constant(shape, values)
            }
        }
    }

    /// A layer of one tensor that keeps its shape.
    fn then(&mut self, x: &Tensor, layer: impl Into<Layer>) -> Result<Tensor, ImportError> {
        let value = self.value(x)?;
        let made = self.net.add(layer, &[value])?;
        Ok(Tensor::made(x.dims.clone(), made))
    }

    /// The outputs of a node.
    pub fn lower(&mut self, call: &Call, ending: bool) -> Result<Vec<Tensor>, ImportError> {
        let one = |tensor: Result<Tensor, ImportError>| tensor.map(|tensor| vec![tensor]);
        let operator = call.operator();
        match operator {
            "Shape" => return one(self.shape(call)),
            "Size" => {
                let count = call.input(0)?.count();
                let size = Constant::integers(vec![], vec![count as i64]);
                return Ok(vec![size.into()]);
            }
            "Identity" => return Ok(vec![call.input(0)?.clone()]),
            "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => {
                let x = call.input(0)?;
                let batch = self.batch;
                let files = &mut self.files;
                let dims = match operator {
                    "Reshape" => shape::reshaped(call, files, &x.dims, batch)?,
                    "Flatten" => shape::flattened(call, &x.dims)?,
                    "Squeeze" => shape::squeezed(call, files, &x.dims)?,
                    _ => shape::unsqueezed(call, files, &x.dims)?,
                };
                return Ok(vec![x.viewed(dims)]);
            }
            _ => {}
        }
        if call
            .inputs
            .iter()
            .flatten()
            .all(|input| input.value().is_none())
            && let Some(constants) = super::fold::fold(call, &mut self.files)?
        {
            return Ok(constants.into_iter().map(Tensor::from).collect());
        }
        match operator {
            "Dropout" => one(self.dropout(call)),
            "Cast" | "CastLike" => one(self.cast(call)),
            "Conv" => one(self.convolution(call)),
            "MaxPool" | "AveragePool" => one(self.pool(call)),
            "GlobalAveragePool" | "GlobalMaxPool" => one(self.global_pool(call)),
            "LRN" => one(self.local_response(call)),
            "Resize" | "Upsample" => one(self.resize(call)),
            "DepthToSpace" | "SpaceToDepth" => one(self.blocks(call)),
            "BatchNormalization" => one(self.batch_norm(call)),
            "LayerNormalization" => one(self.layer_norm(call)),
            "InstanceNormalization" | "GroupNormalization" => one(self.group_norm(call)),
            "Softmax" | "LogSoftmax" => one(self.softmax(call, ending)),
            "Gemm" => one(self.gemm(call)),
            "MatMul" => one(self.matrix_product(call)),
            "Add" | "Sub" | "Mul" | "Div" | "Sum" | "Mean" => one(self.arithmetic(call)),
            "Pow" => one(self.power(call)),
            "Clip" => one(self.clip(call)),
            "Min" | "Max" => one(self.extreme(call)),
            "PRelu" => one(self.parametric(call)),
            "Transpose" => {
                let x = call.input(0)?.clone();
                let order = shape::order(call, x.dims.len())?;
                one(self.transpose(&x, &order))
            }
            "Concat" => one(self.concatenate(call)),
            "Slice" => one(self.slice(call)),
            "Split" => self.split(call),
            "Gather" => one(self.gather(call)),
            "Pad" => one(self.pad(call)),
            "Expand" => one(self.expand(call)),
            "Tile" => one(self.tile(call)),
            _ if operator.starts_with("Reduce") => one(self.reduce(call)),
            _ => one(self.activation(call)),
        }
    }

    fn shape(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let dims = &call.input(0)?.dims;
        let rank = dims.len() as i64;
        let place = |at: i64| {
            let at = if at < 0 { at.saturating_add(rank) } else { at };
            at.clamp(0, rank) as usize
        };
        let (start, end) = (place(call.int("start", 0)), place(call.int("end", rank)));
        let sizes = dims.get(start..end).unwrap_or_default();
        let sizes: Vec<i64> = sizes.iter().map(|&size| size as i64).collect();
        Ok(Constant::integers(vec![sizes.len()], sizes).into())
    }

    fn dropout(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        if call.has(2) && call.integers(&mut self.files, 2)?.iter().any(|&on| on != 0) {
            return Err(call.refuse(TRAINING));
        }
        call.only_one_output(|name| self.reads(name))?;
        Ok(call.input(0)?.clone())
    }

    fn cast(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let floats = match call.operator() {
            "Cast" => super::constant::is_float(call.int("to", 0)),
            _ => {
                let like = call.input(1)?;
                like.constant().is_none_or(|constant| constant.is_float())
            }
        };
        if !floats {
            return Err(call.refuse("makes whole numbers, which have no gradient"));
        }
        Ok(call.input(0)?.clone())
    }
}

/// Said of a node that does something only in training.
const TRAINING: &str = "is that of training: export the network in evaluation mode";

/// A rectifier or clip by its bounds.
fn clip(call: &Call, low: f32, high: f32) -> Result<Activation, ImportError> {
    if low.is_nan() || high.is_nan() {
        return Err(call.refuse("has a bound that is not a number"));
    }
    Ok(if low == 0.0 && high == 6.0 {
        Activation::Relu6
    } else if low == 0.0 && high >= f32::MAX {
        Activation::Relu
    } else {
        // Infinities do not survive JSON.
        let (low, high) = (low.max(f32::MIN), high.min(f32::MAX));
        Activation::Clip { low, high }
    })
}
