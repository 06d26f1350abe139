//! Caffe's messages, with the fields that are needed and their tags in
//! `caffe.proto`. The same structs are read from the binary form and from text.
//!
//! Arrays of weights are not among them: [`super::blob`] leaves those in the
//! file.

use super::text;
use prost::Message;
use serde::Deserialize;

/// `NetParameter`.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Net {
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    #[prost(string, repeated, tag = "3")]
    pub input: Vec<String>,
    #[prost(int32, repeated, packed = "false", tag = "4")]
    pub input_dim: Vec<i32>,
    #[prost(message, repeated, tag = "8")]
    pub input_shape: Vec<BlobShape>,
    #[prost(message, repeated, tag = "100")]
    pub layer: Vec<Layer>,
    /// The older kind of layers, in text: the same fields under other numbers.
    #[prost(message, repeated, tag = "1000")]
    pub layers: Vec<Layer>,
}

/// `LayerParameter`.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Layer {
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    #[prost(string, optional, tag = "2")]
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[prost(string, repeated, tag = "3")]
    pub bottom: Vec<String>,
    #[prost(string, repeated, tag = "4")]
    pub top: Vec<String>,
    #[prost(message, repeated, tag = "8")]
    pub include: Vec<Rule>,
    #[prost(message, repeated, tag = "9")]
    pub exclude: Vec<Rule>,
    #[prost(message, optional, tag = "100")]
    pub transform_param: Option<Transform>,
    #[prost(message, optional, tag = "104")]
    pub concat_param: Option<Concat>,
    #[prost(message, optional, tag = "106")]
    pub convolution_param: Option<Convolution>,
    #[prost(message, optional, tag = "107")]
    pub data_param: Option<Data>,
    #[prost(message, optional, tag = "109")]
    pub dummy_data_param: Option<DummyData>,
    #[prost(message, optional, tag = "110")]
    pub eltwise_param: Option<Eltwise>,
    #[prost(message, optional, tag = "111")]
    pub exp_param: Option<BaseScaleShift>,
    #[prost(message, optional, tag = "117")]
    pub inner_product_param: Option<InnerProduct>,
    #[prost(message, optional, tag = "118")]
    pub lrn_param: Option<Lrn>,
    #[prost(message, optional, tag = "121")]
    pub pooling_param: Option<Pooling>,
    #[prost(message, optional, tag = "122")]
    pub power_param: Option<Power>,
    #[prost(message, optional, tag = "123")]
    pub relu_param: Option<Relu>,
    #[prost(message, optional, tag = "125")]
    pub softmax_param: Option<Softmax>,
    #[prost(message, optional, tag = "126")]
    pub slice_param: Option<Slice>,
    #[prost(message, optional, tag = "131")]
    pub prelu_param: Option<Prelu>,
    #[prost(message, optional, tag = "133")]
    pub reshape_param: Option<Reshape>,
    #[prost(message, optional, tag = "134")]
    pub log_param: Option<BaseScaleShift>,
    #[prost(message, optional, tag = "135")]
    pub flatten_param: Option<Flatten>,
    #[prost(message, optional, tag = "139")]
    pub batch_norm_param: Option<BatchNorm>,
    #[prost(message, optional, tag = "140")]
    pub elu_param: Option<Elu>,
    #[prost(message, optional, tag = "141")]
    pub bias_param: Option<Scale>,
    #[prost(message, optional, tag = "142")]
    pub scale_param: Option<Scale>,
    #[prost(message, optional, tag = "143")]
    pub input_param: Option<Input>,
    #[prost(message, optional, tag = "148")]
    pub clip_param: Option<Clip>,
    /// Set where a layer of the oldest kind is inside; it has no such tag.
    #[prost(bytes = "vec", optional, tag = "2000")]
    #[serde(skip)]
    pub oldest: Option<Vec<u8>>,
}

/// `NetStateRule`.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// TRAIN 0, TEST 1.
    #[prost(int32, optional, tag = "1")]
    #[serde(deserialize_with = "text::phase")]
    pub phase: Option<i32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct BlobShape {
    #[prost(int64, repeated, tag = "1")]
    pub dim: Vec<i64>,
}

/// `TransformationParameter`: how pixels go in.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Transform {
    #[prost(float, optional, tag = "1")]
    pub scale: Option<f32>,
    #[prost(uint32, optional, tag = "3")]
    pub crop_size: Option<u32>,
    #[prost(string, optional, tag = "4")]
    pub mean_file: Option<String>,
    #[prost(float, repeated, packed = "false", tag = "5")]
    pub mean_value: Vec<f32>,
}

/// `DataParameter`, where older files say how pixels go in.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Data {
    #[prost(float, optional, tag = "2")]
    pub scale: Option<f32>,
    #[prost(string, optional, tag = "3")]
    pub mean_file: Option<String>,
    #[prost(uint32, optional, tag = "5")]
    pub crop_size: Option<u32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct DummyData {
    #[prost(message, repeated, tag = "6")]
    pub shape: Vec<BlobShape>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Concat {
    #[prost(uint32, optional, tag = "1")]
    pub concat_dim: Option<u32>,
    #[prost(int32, optional, tag = "2")]
    pub axis: Option<i32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Convolution {
    #[prost(uint32, optional, tag = "1")]
    pub num_output: Option<u32>,
    #[prost(bool, optional, tag = "2")]
    pub bias_term: Option<bool>,
    #[prost(uint32, repeated, packed = "false", tag = "3")]
    pub pad: Vec<u32>,
    #[prost(uint32, repeated, packed = "false", tag = "4")]
    pub kernel_size: Vec<u32>,
    #[prost(uint32, optional, tag = "5")]
    pub group: Option<u32>,
    #[prost(uint32, repeated, packed = "false", tag = "6")]
    pub stride: Vec<u32>,
    #[prost(uint32, optional, tag = "9")]
    pub pad_h: Option<u32>,
    #[prost(uint32, optional, tag = "10")]
    pub pad_w: Option<u32>,
    #[prost(uint32, optional, tag = "11")]
    pub kernel_h: Option<u32>,
    #[prost(uint32, optional, tag = "12")]
    pub kernel_w: Option<u32>,
    #[prost(uint32, optional, tag = "13")]
    pub stride_h: Option<u32>,
    #[prost(uint32, optional, tag = "14")]
    pub stride_w: Option<u32>,
    #[prost(int32, optional, tag = "16")]
    pub axis: Option<i32>,
    #[prost(uint32, repeated, packed = "false", tag = "18")]
    pub dilation: Vec<u32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Eltwise {
    /// PROD 0, SUM 1, MAX 2.
    #[prost(int32, optional, tag = "1")]
    #[serde(deserialize_with = "text::operation")]
    pub operation: Option<i32>,
    #[prost(float, repeated, packed = "false", tag = "2")]
    pub coeff: Vec<f32>,
}

/// `ExpParameter` and `LogParameter`.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct BaseScaleShift {
    #[prost(float, optional, tag = "1")]
    pub base: Option<f32>,
    #[prost(float, optional, tag = "2")]
    pub scale: Option<f32>,
    #[prost(float, optional, tag = "3")]
    pub shift: Option<f32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct InnerProduct {
    #[prost(uint32, optional, tag = "1")]
    pub num_output: Option<u32>,
    #[prost(bool, optional, tag = "2")]
    pub bias_term: Option<bool>,
    #[prost(int32, optional, tag = "5")]
    pub axis: Option<i32>,
    #[prost(bool, optional, tag = "6")]
    pub transpose: Option<bool>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Lrn {
    #[prost(uint32, optional, tag = "1")]
    pub local_size: Option<u32>,
    #[prost(float, optional, tag = "2")]
    pub alpha: Option<f32>,
    #[prost(float, optional, tag = "3")]
    pub beta: Option<f32>,
    /// ACROSS_CHANNELS 0, WITHIN_CHANNEL 1.
    #[prost(int32, optional, tag = "4")]
    #[serde(deserialize_with = "text::region")]
    pub norm_region: Option<i32>,
    #[prost(float, optional, tag = "5")]
    pub k: Option<f32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Pooling {
    /// MAX 0, AVE 1, STOCHASTIC 2.
    #[prost(int32, optional, tag = "1")]
    #[serde(deserialize_with = "text::pool")]
    pub pool: Option<i32>,
    #[prost(uint32, optional, tag = "2")]
    pub kernel_size: Option<u32>,
    #[prost(uint32, optional, tag = "3")]
    pub stride: Option<u32>,
    #[prost(uint32, optional, tag = "4")]
    pub pad: Option<u32>,
    #[prost(uint32, optional, tag = "5")]
    pub kernel_h: Option<u32>,
    #[prost(uint32, optional, tag = "6")]
    pub kernel_w: Option<u32>,
    #[prost(uint32, optional, tag = "7")]
    pub stride_h: Option<u32>,
    #[prost(uint32, optional, tag = "8")]
    pub stride_w: Option<u32>,
    #[prost(uint32, optional, tag = "9")]
    pub pad_h: Option<u32>,
    #[prost(uint32, optional, tag = "10")]
    pub pad_w: Option<u32>,
    #[prost(bool, optional, tag = "12")]
    pub global_pooling: Option<bool>,
    /// CEIL 0, FLOOR 1.
    #[prost(int32, optional, tag = "13")]
    #[serde(deserialize_with = "text::rounding")]
    pub round_mode: Option<i32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Power {
    #[prost(float, optional, tag = "1")]
    pub power: Option<f32>,
    #[prost(float, optional, tag = "2")]
    pub scale: Option<f32>,
    #[prost(float, optional, tag = "3")]
    pub shift: Option<f32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Relu {
    #[prost(float, optional, tag = "1")]
    pub negative_slope: Option<f32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Softmax {
    #[prost(int32, optional, tag = "2")]
    pub axis: Option<i32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Slice {
    #[prost(uint32, optional, tag = "1")]
    pub slice_dim: Option<u32>,
    #[prost(uint32, repeated, packed = "false", tag = "2")]
    pub slice_point: Vec<u32>,
    #[prost(int32, optional, tag = "3")]
    pub axis: Option<i32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Prelu {
    #[prost(bool, optional, tag = "2")]
    pub channel_shared: Option<bool>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Reshape {
    #[prost(message, optional, tag = "1")]
    pub shape: Option<BlobShape>,
    #[prost(int32, optional, tag = "2")]
    pub axis: Option<i32>,
    #[prost(int32, optional, tag = "3")]
    pub num_axes: Option<i32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Flatten {
    #[prost(int32, optional, tag = "1")]
    pub axis: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub end_axis: Option<i32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct BatchNorm {
    #[prost(float, optional, tag = "3")]
    pub eps: Option<f32>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Elu {
    #[prost(float, optional, tag = "1")]
    pub alpha: Option<f32>,
}

/// `ScaleParameter`, and `BiasParameter`, which has its first two.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Scale {
    #[prost(int32, optional, tag = "1")]
    pub axis: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub num_axes: Option<i32>,
    #[prost(bool, optional, tag = "4")]
    pub bias_term: Option<bool>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Input {
    #[prost(message, repeated, tag = "1")]
    pub shape: Vec<BlobShape>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Clip {
    #[prost(float, optional, tag = "1")]
    pub min: Option<f32>,
    #[prost(float, optional, tag = "2")]
    pub max: Option<f32>,
}
