// Products of two values as matrices, forward and back to either: each result
// sums up, over an inner index, products of a number of x and one of what is
// read again.

struct Params {
    // How many matrices, rows and columns are written, how long the sums are, and
    // over how many matrices they go.
    matrices: u32,
    rows: u32,
    columns: u32,
    inner: u32,
    repeats: u32,
    // Of x: its size, and from one number to the next along each of these.
    x_size: u32,
    x_matrix: u32,
    x_row: u32,
    x_column: u32,
    x_inner: u32,
    x_repeat: u32,
    // Of what is read again.
    other_size: u32,
    other_matrix: u32,
    other_row: u32,
    other_column: u32,
    other_inner: u32,
    other_repeat: u32,
    threads: u32,
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    let picture = (walk.first + batch) / walk.repeat;
    let size = params.matrices * params.rows * params.columns;
    for (var at = id.x; at < size; at += params.threads) {
        let matrix = at / (params.rows * params.columns);
        let row = at / params.columns % params.rows;
        let column = at % params.columns;
        var sum = 0.0;
        for (var repeat = 0u; repeat < params.repeats; repeat++) {
            var mine = batch * params.x_size + matrix * params.x_matrix + row * params.x_row
                + column * params.x_column + repeat * params.x_repeat;
            var other = picture * params.other_size + matrix * params.other_matrix
                + row * params.other_row + column * params.other_column
                + repeat * params.other_repeat;
            for (var i = 0u; i < params.inner; i++) {
                sum += x[mine] * read_again(other);
                mine += params.x_inner;
                other += params.other_inner;
            }
        }
        finish(batch, size, at, sum);
    }
}
