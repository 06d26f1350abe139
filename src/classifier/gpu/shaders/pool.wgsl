// Pooling, channel by channel. Walking back, each pixel gathers from the windows
// that it is in; of equal largest ones the first has been the largest.

struct Params {
    channels: u32,
    // Before the pooling.
    height: u32,
    width: u32,
    // After it.
    out_height: u32,
    out_width: u32,
    pad_top: u32,
    pad_left: u32,
    // The padding after the picture, where a mean counts it.
    pad_bottom: u32,
    pad_right: u32,
    threads: u32,
}

// By how many places of a window along an axis a mean divides.
fn counted(index: u32, stride: u32, kernel: u32, dilation: u32, before: u32, size: u32, after: u32) -> u32 {
    var count = 0u;
    for (var tap = 0u; tap < kernel; tap++) {
        let at = index * stride + tap * dilation;
        if (COUNTS_PADDING) {
            count += select(0u, 1u, at < before + size + after);
        } else {
            count += select(0u, 1u, at >= before && at < before + size);
        }
    }
    return count;
}

fn share(i: u32, j: u32) -> f32 {
    let rows = counted(i, STRIDE_Y, KERNEL_HEIGHT, DILATION_Y, params.pad_top, params.height, params.pad_bottom);
    let columns = counted(j, STRIDE_X, KERNEL_WIDTH, DILATION_X, params.pad_left, params.width, params.pad_right);
    return 1.0 / f32(rows * columns);
}

fn pooled(batch: u32, at: u32) -> f32 {
    let plane = params.out_height * params.out_width;
    let channel = at / plane;
    let i = at % plane / params.out_width;
    let j = at % params.out_width;
    let start = (batch * params.channels + channel) * params.height * params.width;
    var largest = -3.4028234e38;
    var sum = 0.0;
    for (var down = 0u; down < KERNEL_HEIGHT; down++) {
        // What is before the picture wraps around, far beyond its end.
        let row = i * STRIDE_Y + down * DILATION_Y - params.pad_top;
        if (row >= params.height) {
            continue;
        }
        for (var right = 0u; right < KERNEL_WIDTH; right++) {
            let column = j * STRIDE_X + right * DILATION_X - params.pad_left;
            if (column < params.width) {
                let value = x[start + row * params.width + column];
                largest = max(largest, value);
                sum += value;
            }
        }
    }
    if (MAXIMUM) {
        return largest;
    }
    return sum * share(i, j);
}

// Which pixel of a window the forward walk took.
fn first_largest(picture: u32, channel: u32, i: u32, j: u32) -> u32 {
    let start = (picture * params.channels + channel) * params.height * params.width;
    var found = 0u;
    var largest = 0.0;
    var any = false;
    for (var down = 0u; down < KERNEL_HEIGHT; down++) {
        let row = i * STRIDE_Y + down * DILATION_Y - params.pad_top;
        if (row >= params.height) {
            continue;
        }
        for (var right = 0u; right < KERNEL_WIDTH; right++) {
            let column = j * STRIDE_X + right * DILATION_X - params.pad_left;
            if (column < params.width) {
                let at = row * params.width + column;
                let value = read_again(start + at);
                if (!any || value > largest) {
                    any = true;
                    largest = value;
                    found = at;
                }
            }
        }
    }
    return found;
}

fn spread(batch: u32, at: u32) -> f32 {
    let picture = (walk.first + batch) / walk.repeat;
    let plane = params.height * params.width;
    let channel = at / plane;
    let row = at % plane / params.width;
    let column = at % params.width;
    let cotangents = (batch * params.channels + channel) * params.out_height * params.out_width;
    var total = 0.0;
    // Windows that have the pixel in one of their places.
    for (var down = 0u; down < KERNEL_HEIGHT; down++) {
        let y = row + params.pad_top - down * DILATION_Y;
        if (row + params.pad_top < down * DILATION_Y || y % STRIDE_Y != 0u) {
            continue;
        }
        let i = y / STRIDE_Y;
        if (i >= params.out_height) {
            continue;
        }
        for (var right = 0u; right < KERNEL_WIDTH; right++) {
            let z = column + params.pad_left - right * DILATION_X;
            if (column + params.pad_left < right * DILATION_X || z % STRIDE_X != 0u) {
                continue;
            }
            let j = z / STRIDE_X;
            if (j >= params.out_width) {
                continue;
            }
            let g = x[cotangents + i * params.out_width + j];
            if (MAXIMUM) {
                if (first_largest(picture, channel, i, j) == row * params.width + column) {
                    total += g;
                }
            } else {
                total += g * share(i, j);
            }
        }
    }
    return total;
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    var size = params.channels * params.out_height * params.out_width;
    if (TRANSPOSED) {
        size = params.channels * params.height * params.width;
    }
    for (var at = id.x; at < size; at += params.threads) {
        if (TRANSPOSED) {
            finish(batch, size, at, spread(batch, at));
        } else {
            finish(batch, size, at, pooled(batch, at));
        }
    }
}
