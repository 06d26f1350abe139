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
    padding: u32,
    threads: u32,
}

// First and last (exclusive) row or column of a window inside the picture.
fn span(index: u32, size: u32) -> vec2<u32> {
    let start = index * STRIDE;
    let end = start + KERNEL;
    return vec2<u32>(
        max(start, params.padding) - params.padding,
        min(max(end, params.padding) - params.padding, size),
    );
}

fn pooled(batch: u32, at: u32) -> f32 {
    let plane = params.out_height * params.out_width;
    let channel = at / plane;
    let rows = span(at % plane / params.out_width, params.height);
    let columns = span(at % params.out_width, params.width);
    let start = (batch * params.channels + channel) * params.height * params.width;
    var largest = -3.4028234e38;
    var sum = 0.0;
    for (var y = rows.x; y < rows.y; y++) {
        for (var z = columns.x; z < columns.y; z++) {
            let value = x[start + y * params.width + z];
            largest = max(largest, value);
            sum += value;
        }
    }
    if (MAXIMUM) {
        return largest;
    }
    return sum / f32((rows.y - rows.x) * (columns.y - columns.x));
}

fn spread(batch: u32, at: u32) -> f32 {
    let plane = params.height * params.width;
    let channel = at / plane;
    let row = at % plane / params.width;
    let col = at % params.width;
    let cotangents = (batch * params.channels + channel) * params.out_height * params.out_width;
    var total = 0.0;
    // Windows whose span holds the pixel.
    let first_row = (max(row + params.padding + 1u, KERNEL) - KERNEL + STRIDE - 1u) / STRIDE;
    let last_row = min((row + params.padding) / STRIDE + 1u, params.out_height);
    let first_col = (max(col + params.padding + 1u, KERNEL) - KERNEL + STRIDE - 1u) / STRIDE;
    let last_col = min((col + params.padding) / STRIDE + 1u, params.out_width);
    for (var i = first_row; i < last_row; i++) {
        let rows = span(i, params.height);
        for (var j = first_col; j < last_col; j++) {
            let columns = span(j, params.width);
            let g = x[cotangents + i * params.out_width + j];
            if (MAXIMUM) {
                if (first_largest(batch, channel, rows, columns) == row * params.width + col) {
                    total += g;
                }
            } else {
                total += g / f32((rows.y - rows.x) * (columns.y - columns.x));
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
