// Softmax over one axis, and back. A thread a run along the axis.

struct Params {
    runs: u32,
    // How many values a run has, and how far apart they lie.
    count: u32,
    stride: u32,
    threads: u32,
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    let picture = (walk.first + batch) / walk.repeat;
    let size = params.runs * params.count;
    for (var run = id.x; run < params.runs; run += params.threads) {
        let start = run / params.stride * params.count * params.stride + run % params.stride;
        if (TRANSPOSED) {
            var mean = 0.0;
            for (var i = 0u; i < params.count; i++) {
                let at = start + i * params.stride;
                mean += x[batch * size + at] * read_again(picture * size + at);
            }
            for (var i = 0u; i < params.count; i++) {
                let at = start + i * params.stride;
                let y = read_again(picture * size + at);
                finish(batch, size, at, y * (x[batch * size + at] - mean));
            }
            continue;
        }
        var most = x[batch * size + start];
        for (var i = 1u; i < params.count; i++) {
            most = max(most, x[batch * size + start + i * params.stride]);
        }
        var sum = 0.0;
        for (var i = 0u; i < params.count; i++) {
            sum += exp(x[batch * size + start + i * params.stride] - most);
        }
        for (var i = 0u; i < params.count; i++) {
            let at = start + i * params.stride;
            finish(batch, size, at, exp(x[batch * size + at] - most) / sum);
        }
    }
}
