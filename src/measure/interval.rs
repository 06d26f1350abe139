// Stand-in until the real one is there; not committed.
use serde::Serialize;
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub count: usize,
}
impl Estimate {
    pub fn share(fooled: usize, count: usize, _seed: u64) -> Self {
        let value = fooled as f64 / count.max(1) as f64;
        Self {
            value,
            low: value,
            high: value,
            count,
        }
    }
}
