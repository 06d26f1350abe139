// One filter a channel, forward and back to its input.

struct Params {
    channels: u32,
    // Of the picture that is read.
    height: u32,
    width: u32,
    // Of the picture that is written.
    out_height: u32,
    out_width: u32,
    pad_top: u32,
    pad_left: u32,
    threads: u32,
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    let size = params.channels * params.out_height * params.out_width;
    for (var at = id.x; at < size; at += params.threads) {
        let channel = at / (params.out_height * params.out_width);
        let pixel = at % (params.out_height * params.out_width);
        let row = i32(pixel / params.out_width);
        let col = i32(pixel % params.out_width);
        let start = (batch * params.channels + channel) * params.height * params.width;
        let filter_start = channel * KERNEL_HEIGHT * KERNEL_WIDTH;
        var sum = bias_of(channel);
        for (var down = 0; down < i32(KERNEL_HEIGHT); down++) {
            var y = row * i32(STRIDE_Y) + down * i32(DILATION_Y) - i32(params.pad_top);
            if (TRANSPOSED) {
                y = row + i32(params.pad_top) - down * i32(DILATION_Y);
                if (y < 0 || y % i32(STRIDE_Y) != 0) {
                    continue;
                }
                y = y / i32(STRIDE_Y);
            }
            if (y < 0 || y >= i32(params.height)) {
                continue;
            }
            for (var right = 0; right < i32(KERNEL_WIDTH); right++) {
                var z = col * i32(STRIDE_X) + right * i32(DILATION_X) - i32(params.pad_left);
                if (TRANSPOSED) {
                    z = col + i32(params.pad_left) - right * i32(DILATION_X);
                    if (z < 0 || z % i32(STRIDE_X) != 0) {
                        continue;
                    }
                    z = z / i32(STRIDE_X);
                }
                if (z < 0 || z >= i32(params.width)) {
                    continue;
                }
                let weight = f32(weights[filter_start + u32(down) * KERNEL_WIDTH + u32(right)]);
                sum += weight * x[start + u32(y) * params.width + u32(z)];
            }
        }
        finish(batch, size, at, sum);
    }
}
