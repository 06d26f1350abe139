// Values one after the other along an axis that is not the first: runs of one
// among those of all.

struct Params {
    count: u32,
    // How long a run of this one is, of all together, and where this one's begins.
    run: u32,
    whole: u32,
    start: u32,
    // How many values there are of all together.
    size: u32,
    threads: u32,
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    for (var at = id.x; at < params.count; at += params.threads) {
        let place = at / params.run * params.whole + params.start + at % params.run;
        if (TRANSPOSED) {
            finish(batch, params.count, at, x[batch * params.size + place]);
        } else {
            finish(batch, params.size, place, x[batch * params.count + at]);
        }
    }
}
