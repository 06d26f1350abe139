// A convolution as a matrix product: rows are the channels that come out,
// columns the pixels of one picture, and the inner index runs over the channels
// that go in and the places of the kernel. Each workgroup makes a tile of
// TILE_ROWS × TILE_COLUMNS, each thread 4 × 4 of it; where a layer has few
// pixels, SLICES threads share the inner index of the same 4 × 4.

struct Params {
    rows: u32,
    inner: u32,
    columns: u32,
    groups: u32,
    // Of the picture that is read: channels of a group, height, width.
    channels: u32,
    height: u32,
    width: u32,
    // Of the picture that is written.
    out_width: u32,
    pad_top: u32,
    pad_left: u32,
}

const THREADS: u32 = TILE_ROWS / 4u * (TILE_COLUMNS / 4u) * SLICES;
const A_VECTORS: u32 = DEPTH * TILE_ROWS / 4u;
const B_VECTORS: u32 = DEPTH * TILE_COLUMNS / 4u;

var<workgroup> a_tile: array<vec4<f32>, A_VECTORS>;
var<workgroup> b_tile: array<vec4<f32>, B_VECTORS>;
// Of each 4 × 4, the sums of all slices but the first.
var<workgroup> partial: array<vec4<f32>, PARTIALS>;

// The value of the picture that the inner index meets at a column; 0 outside.
fn source(start: u32, inner: u32, column: u32) -> f32 {
    if (inner >= params.inner || column >= params.columns) {
        return 0.0;
    }
    if (WINDOW == 1u) {
        return x[start + inner * params.columns + column];
    }
    if (WINDOW == 0u) {
        // Rows of values, each of which is a column here.
        return x[start + column * params.inner + inner];
    }
    let channel = inner / (KERNEL_HEIGHT * KERNEL_WIDTH);
    let place = inner % (KERNEL_HEIGHT * KERNEL_WIDTH);
    var row = i32(column / params.out_width);
    var col = i32(column % params.out_width);
    let down = i32(place / KERNEL_WIDTH * DILATION_Y);
    let right = i32(place % KERNEL_WIDTH * DILATION_X);
    if (TRANSPOSED) {
        // Walking back: which output had this pixel at this place of its window?
        row = row + i32(params.pad_top) - down;
        col = col + i32(params.pad_left) - right;
        if (row < 0 || col < 0 || row % i32(STRIDE_Y) != 0 || col % i32(STRIDE_X) != 0) {
            return 0.0;
        }
        row = row / i32(STRIDE_Y);
        col = col / i32(STRIDE_X);
    } else {
        row = row * i32(STRIDE_Y) + down - i32(params.pad_top);
        col = col * i32(STRIDE_X) + right - i32(params.pad_left);
    }
    if (row < 0 || col < 0 || row >= i32(params.height) || col >= i32(params.width)) {
        return 0.0;
    }
    return x[start + (channel * params.height + u32(row)) * params.width + u32(col)];
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let tile_row = group.y * TILE_ROWS;
    let tile_column = group.x * TILE_COLUMNS;
    let batch = group.z / params.groups;
    let part = group.z % params.groups;
    let x_start = group.z * params.channels * params.height * params.width;
    // Weights lie [group][inner][rows / 4] as vectors of 4 rows.
    let row_vectors = (params.rows + 3u) / 4u;
    let a_start = part * params.inner * row_vectors;

    let across = TILE_COLUMNS / 4u;
    let slice = thread / (across * (TILE_ROWS / 4u));
    let cell = thread % (across * (TILE_ROWS / 4u));
    let cell_row = cell / across;
    let cell_column = cell % across;

    var sums = array<vec4<f32>, 4>();
    for (var depth = 0u; depth < params.inner; depth += DEPTH) {
        for (var i = thread; i < A_VECTORS; i += THREADS) {
            let inner = depth + i / (TILE_ROWS / 4u);
            let vector = tile_row / 4u + i % (TILE_ROWS / 4u);
            var value = vec4<f32>();
            if (inner < params.inner && vector < row_vectors) {
                value = vec4<f32>(weights[a_start + inner * row_vectors + vector]);
            }
            a_tile[i] = value;
        }
        for (var i = thread; i < B_VECTORS; i += THREADS) {
            let inner = depth + i / across;
            let column = tile_column + i % across * 4u;
            b_tile[i] = vec4<f32>(
                source(x_start, inner, column),
                source(x_start, inner, column + 1u),
                source(x_start, inner, column + 2u),
                source(x_start, inner, column + 3u),
            );
        }
        workgroupBarrier();
        for (var k = slice; k < DEPTH; k += SLICES) {
            let a = a_tile[k * (TILE_ROWS / 4u) + cell_row];
            let b = b_tile[k * across + cell_column];
            sums[0] += a.x * b;
            sums[1] += a.y * b;
            sums[2] += a.z * b;
            sums[3] += a.w * b;
        }
        workgroupBarrier();
    }

    if (SLICES > 1u) {
        let cells = across * (TILE_ROWS / 4u);
        if (slice > 0u) {
            for (var i = 0u; i < 4u; i++) {
                partial[((slice - 1u) * cells + cell) * 4u + i] = sums[i];
            }
        }
        workgroupBarrier();
        if (slice > 0u) {
            return;
        }
        for (var other = 0u; other < SLICES - 1u; other++) {
            for (var i = 0u; i < 4u; i++) {
                sums[i] += partial[(other * cells + cell) * 4u + i];
            }
        }
    }

    let size = params.groups * params.rows * params.columns;
    for (var i = 0u; i < 4u; i++) {
        let row = tile_row + cell_row * 4u + i;
        if (row >= params.rows) {
            break;
        }
        let channel = part * params.rows + row;
        for (var j = 0u; j < 4u; j++) {
            let column = tile_column + cell_column * 4u + j;
            if (column >= params.columns) {
                break;
            }
            var at = channel * params.columns + column;
            if (WINDOW == 0u) {
                at = column * params.rows + row;
            }
            finish(batch, size, at, sums[i][j] + bias_of(channel));
        }
    }
}
