//! A pickle, followed without running it.
//!
//! A pickle is a program for a small machine with a stack: it makes Python's
//! values, and may call any function that it names. Here it calls none. The names
//! that make tensors and dictionaries are known ([`Global`]), and what comes of any
//! other is an object of which only what it holds is seen.

mod call;
mod global;
mod heap;
mod machine;

pub use global::Global;
pub use heap::{Heap, Tensor, Value};
pub use machine::run;
