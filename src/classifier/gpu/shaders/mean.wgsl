// The mean over some axes, or a channel's largest number, and back.

struct Params {
    // Before, and after.
    channels: u32,
    height: u32,
    width: u32,
    out_channels: u32,
    out_height: u32,
    out_width: u32,
    threads: u32,
}

fn mean(batch: u32, at: u32) -> f32 {
    let plane = params.height * params.width;
    let start = batch * params.channels * plane;
    let times = vec3<u32>(
        params.channels / params.out_channels,
        params.height / params.out_height,
        params.width / params.out_width,
    );
    let c = at / (params.out_height * params.out_width);
    let y = at / params.out_width % params.out_height;
    let z = at % params.out_width;
    var sum = 0.0;
    for (var i = 0u; i < times.x; i++) {
        for (var j = 0u; j < times.y; j++) {
            for (var k = 0u; k < times.z; k++) {
                sum += x[start + (c + i) * plane + (y + j) * params.width + z + k];
            }
        }
    }
    return sum / f32(times.x * times.y * times.z);
}

fn share(batch: u32, at: u32) -> f32 {
    let c = at / (params.height * params.width);
    let y = at / params.width % params.height;
    let z = at % params.width;
    let size = params.out_channels * params.out_height * params.out_width;
    let count = params.channels * params.height * params.width / size;
    // An axis of the result is whole, or of one place.
    let place = (min(c, params.out_channels - 1u) * params.out_height
        + min(y, params.out_height - 1u)) * params.out_width
        + min(z, params.out_width - 1u);
    return x[batch * size + place] / f32(count);
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    let before = params.channels * params.height * params.width;
    let after = params.out_channels * params.out_height * params.out_width;
    if (TRANSPOSED) {
        for (var at = id.x; at < before; at += params.threads) {
            finish(batch, before, at, share(batch, at));
        }
    } else {
        for (var at = id.x; at < after; at += params.threads) {
            finish(batch, after, at, mean(batch, at));
        }
    }
}
