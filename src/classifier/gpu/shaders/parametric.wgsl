// x where positive, else the channel's slope times x.

struct Params {
    channels: u32,
    pixels: u32,
    threads: u32,
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    let picture = (walk.first + batch) / walk.repeat;
    let size = params.channels * params.pixels;
    for (var at = id.x; at < size; at += params.threads) {
        let value = x[batch * size + at];
        var passed = value;
        if (TRANSPOSED) {
            passed = read_again(picture * size + at);
        }
        finish(batch, size, at, select(value * f32(weights[at / params.pixels]), value, passed > 0.0));
    }
}
