// Sums, differences, products and quotients of two values, one of which may be
// repeated along the other's axes; walking back, what was repeated sums up.

struct Params {
    // Of the result.
    channels: u32,
    height: u32,
    width: u32,
    // From one number of the first input to the next along each axis, 0 where it
    // is repeated; of the second input.
    first_c: u32,
    first_y: u32,
    first_x: u32,
    second_c: u32,
    second_y: u32,
    second_x: u32,
    // How many numbers each input has.
    first_size: u32,
    second_size: u32,
    // Of the value that is written.
    out_channels: u32,
    out_height: u32,
    out_width: u32,
    threads: u32,
}

fn combined(picture: u32, batch: u32, c: u32, y: u32, z: u32) -> f32 {
    let size = params.channels * params.height * params.width;
    let first = c * params.first_c + y * params.first_y + z * params.first_x;
    let second = picture * params.second_size
        + c * params.second_c + y * params.second_y + z * params.second_x;
    if (!TRANSPOSED) {
        let a = x[batch * params.first_size + first];
        let b = read_again(second);
        if (OPERATION == 0u) {
            return a + b;
        }
        if (OPERATION == 1u) {
            return a - b;
        }
        if (OPERATION == 2u) {
            return a * b;
        }
        return a / b;
    }
    let g = x[batch * size + (c * params.height + y) * params.width + z];
    if (OPERATION == 0u) {
        return g;
    }
    if (OPERATION == 1u) {
        return select(g, -g, WHICH == 1u);
    }
    if (OPERATION == 2u) {
        // What is read again is the other one.
        let other = picture * params.first_size + first;
        return g * read_again(select(second, other, WHICH == 1u));
    }
    let b = read_again(second);
    if (WHICH == 0u) {
        return g / b;
    }
    return -g * read_also(picture * params.first_size + first) / (b * b);
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    let picture = (walk.first + batch) / walk.repeat;
    let size = params.out_channels * params.out_height * params.out_width;
    // How often each number was repeated.
    let times = vec3<u32>(
        params.channels / params.out_channels,
        params.height / params.out_height,
        params.width / params.out_width,
    );
    for (var at = id.x; at < size; at += params.threads) {
        let c = at / (params.out_height * params.out_width);
        let y = at / params.out_width % params.out_height;
        let z = at % params.out_width;
        var sum = 0.0;
        for (var i = 0u; i < times.x; i++) {
            for (var j = 0u; j < times.y; j++) {
                for (var k = 0u; k < times.z; k++) {
                    // An axis of the written value is whole, or of one place.
                    sum += combined(picture, batch, c + i, y + j, z + k);
                }
            }
        }
        finish(batch, size, at, sum);
    }
}
