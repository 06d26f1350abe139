use foolscope::classifier::import::Imported;

pub fn logits(_: &Imported, _: &[f32]) -> Option<Vec<f32>> {
    None
}

pub fn gradients(_: &Imported, _: &[f32], _: &[usize]) -> Vec<f32> {
    Vec::new()
}
