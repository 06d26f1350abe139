// Values as they are, from a part of what is read to a part of what is written:
// for sums, joined channels, and rectifiers that stand alone.

struct Params {
    count: u32,
    // Of one picture: how many values there are, and where the part begins.
    source_size: u32,
    source_start: u32,
    target_size: u32,
    target_start: u32,
    threads: u32,
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    for (var i = id.x; i < params.count; i += params.threads) {
        let value = x[batch * params.source_size + params.source_start + i];
        finish(batch, params.target_size, params.target_start + i, value);
    }
}
