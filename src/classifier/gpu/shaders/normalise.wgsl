// What a network sees of a picture, x · scale + shift by channel; and back.

struct Params {
    channels: u32,
    pixels: u32,
    threads: u32,
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    let size = params.channels * params.pixels;
    for (var at = id.x; at < size; at += params.threads) {
        let channel = at / params.pixels;
        // Scales first, then shifts.
        var value = x[batch * size + at] * f32(weights[channel]);
        if (!TRANSPOSED) {
            value += f32(weights[params.channels + channel]);
        }
        finish(batch, size, at, value);
    }
}
