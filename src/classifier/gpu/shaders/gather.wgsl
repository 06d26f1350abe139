// Values in other places: each is one of what is read, or FILL.

struct Params {
    count: u32,
    source_size: u32,
    threads: u32,
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    for (var at = id.x; at < params.count; at += params.threads) {
        let place = f32(weights[at]);
        var value = FILL;
        if (place >= 0.0) {
            value = x[batch * params.source_size + u32(place)];
        }
        finish(batch, params.count, at, value);
    }
}
