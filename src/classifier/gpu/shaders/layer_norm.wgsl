// Runs of values with their mean taken away and divided by their deviation; and
// back. A thread a run.

struct Params {
    runs: u32,
    size: u32,
    threads: u32,
}

fn input(picture: u32, batch: u32, at: u32) -> f32 {
    let size = params.runs * params.size;
    if (TRANSPOSED) {
        return read_again(picture * size + at);
    }
    return x[batch * size + at];
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    let picture = (walk.first + batch) / walk.repeat;
    let size = params.runs * params.size;
    let count = f32(params.size);
    for (var run = id.x; run < params.runs; run += params.threads) {
        let start = run * params.size;
        var mean = 0.0;
        for (var i = 0u; i < params.size; i++) {
            mean += input(picture, batch, start + i);
        }
        mean /= count;
        var squares = 0.0;
        for (var i = 0u; i < params.size; i++) {
            let off = input(picture, batch, start + i) - mean;
            squares += off * off;
        }
        let scale = inverseSqrt(squares / count + EPSILON);
        if (!TRANSPOSED) {
            for (var i = 0u; i < params.size; i++) {
                let z = (x[batch * size + start + i] - mean) * scale;
                let value = z * f32(weights[i]) + f32(weights[params.size + i]);
                finish(batch, size, start + i, value);
            }
            continue;
        }
        var level = 0.0;
        var along = 0.0;
        for (var i = 0u; i < params.size; i++) {
            let h = x[batch * size + start + i] * f32(weights[i]);
            level += h;
            along += h * (input(picture, batch, start + i) - mean) * scale;
        }
        level /= count;
        along /= count;
        for (var i = 0u; i < params.size; i++) {
            let h = x[batch * size + start + i] * f32(weights[i]);
            let z = (input(picture, batch, start + i) - mean) * scale;
            finish(batch, size, start + i, scale * (h - level - z * along));
        }
    }
}
