// A matrix times the flattened values of each picture: a workgroup an entry.

struct Params {
    rows: u32,
    inner: u32,
}

const THREADS: u32 = 64u;

var<workgroup> sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = group.x;
    let batch = group.y;
    var sum = 0.0;
    for (var i = thread; i < params.inner; i += THREADS) {
        sum += f32(weights[row * params.inner + i]) * x[batch * params.inner + i];
    }
    sums[thread] = sum;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
        if (thread < half) {
            sums[thread] += sums[thread + half];
        }
        workgroupBarrier();
    }
    if (thread == 0u) {
        finish(batch, params.rows, row, sums[0] + bias_of(row));
    }
}
