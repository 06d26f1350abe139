// The largest number of each channel, of equal ones the first; and back.

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
    for (var channel = id.x; channel < params.channels; channel += params.threads) {
        let start = channel * params.pixels;
        if (TRANSPOSED) {
            var most = 0u;
            for (var pixel = 1u; pixel < params.pixels; pixel++) {
                let value = read_again(picture * size + start + pixel);
                if (value > read_again(picture * size + start + most)) {
                    most = pixel;
                }
            }
            for (var pixel = 0u; pixel < params.pixels; pixel++) {
                let g = x[batch * params.channels + channel];
                finish(batch, size, start + pixel, select(0.0, g, pixel == most));
            }
        } else {
            var most = x[batch * size + start];
            for (var pixel = 1u; pixel < params.pixels; pixel++) {
                most = max(most, x[batch * size + start + pixel]);
            }
            finish(batch, params.channels, channel, most);
        }
    }
}
