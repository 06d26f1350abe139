// A function of each number; walking back, times its slope.

struct Params {
    count: u32,
    threads: u32,
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    let picture = (walk.first + batch) / walk.repeat;
    for (var at = id.x; at < params.count; at += params.threads) {
        var value = x[batch * params.count + at];
        if (TRANSPOSED) {
            value *= slope(read_again(picture * params.count + at));
        } else {
            value = function(value);
        }
        finish(batch, params.count, at, value);
    }
}
