// The mean over all pixels of a channel, and back.

struct Params {
    channels: u32,
    pixels: u32,
    threads: u32,
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    var size = params.channels;
    if (TRANSPOSED) {
        size = params.channels * params.pixels;
    }
    for (var at = id.x; at < size; at += params.threads) {
        var value = 0.0;
        if (TRANSPOSED) {
            value = x[batch * params.channels + at / params.pixels] / f32(params.pixels);
        } else {
            let start = (batch * params.channels + at) * params.pixels;
            for (var pixel = 0u; pixel < params.pixels; pixel++) {
                value += x[start + pixel];
            }
            value /= f32(params.pixels);
        }
        finish(batch, size, at, value);
    }
}
