//! The matrices that take tiles and filters to where they are multiplied place by
//! place, and back.

/// Pixels a side of a tile; the points are 0, 1, −1, 2, −2 and infinity.
pub(super) const SIDE: usize = 6;
pub(super) const PLACES: usize = SIDE * SIDE;

/// Rows of coefficients.
pub(super) type Matrix = Vec<Vec<f32>>;

pub(super) fn b_transposed() -> Matrix {
    [
        [4.0, 0.0, -5.0, 0.0, 1.0, 0.0],
        [0.0, -4.0, -4.0, 1.0, 1.0, 0.0],
        [0.0, 4.0, -4.0, -1.0, 1.0, 0.0],
        [0.0, -2.0, -1.0, 2.0, 1.0, 0.0],
        [0.0, 2.0, -1.0, -2.0, 1.0, 0.0],
        [0.0, 4.0, 0.0, -5.0, 0.0, 1.0],
    ]
    .map(Vec::from)
    .into()
}

const POINTS: [f32; SIDE - 1] = [0.0, 1.0, -1.0, 2.0, -2.0];

/// Row i has the points' i-th powers, and infinity's is the last row's.
pub(super) fn a_transposed(outputs: usize) -> Matrix {
    let row = |power: usize| {
        let mut row: Vec<f32> = POINTS.iter().map(|p| p.powi(power as i32)).collect();
        row.push(f32::from(u8::from(power + 1 == outputs)));
        row
    };
    (0..outputs).map(row).collect()
}

/// A row a point with its powers, over what `Bᵀ` was multiplied by for whole
/// numbers.
pub(super) fn g(kernel: usize) -> Matrix {
    let scales = [4.0, -6.0, -6.0, 24.0, 24.0];
    let points = POINTS.iter().zip(scales);
    let rows = points.map(|(p, scale)| (0..kernel).map(|k| p.powi(k as i32) / scale).collect());
    let mut rows: Matrix = rows.collect();
    let mut last = vec![0.0; kernel];
    last[kernel - 1] = 1.0;
    rows.push(last);
    rows
}

pub(super) fn transposed(matrix: &Matrix) -> Matrix {
    let columns = 0..matrix[0].len();
    columns
        .map(|at| matrix.iter().map(|row| row[at]).collect())
        .collect()
}

/// `L X Lᵀ` of as many matrices side by side: X is `[C, C, len]`, places
/// `stride` apart, and what comes is `[R, R, len]`.
pub(super) fn sandwich<'a>(
    l: &Matrix,
    (x, stride): (&[f32], usize),
    room: &'a mut Vec<f32>,
    len: usize,
) -> &'a [f32] {
    let (rows, columns) = (l.len(), l[0].len());
    let half = rows * columns * len;
    room.resize(half + rows * rows * len, 0.0);
    let (middle, out) = room.split_at_mut(half);
    for column in 0..columns {
        // L X, a column of X after the other.
        let x = &x[column * stride..];
        combine(
            l,
            (x, columns * stride),
            (&mut middle[column * len..], columns * len),
            len,
        );
    }
    for row in 0..rows {
        let from = &middle[row * columns * len..];
        combine(l, (from, len), (&mut out[row * rows * len..], len), len);
    }
    &out[..rows * rows * len]
}

/// Each row of coefficients times vectors, `stride` apart.
fn combine(
    l: &Matrix,
    (from, stride): (&[f32], usize),
    (to, to_stride): (&mut [f32], usize),
    len: usize,
) {
    for (row, coefficients) in l.iter().enumerate() {
        let to = &mut to[row * to_stride..][..len];
        to.fill(0.0);
        for (column, &coefficient) in coefficients.iter().enumerate() {
            if coefficient != 0.0 {
                let from = &from[column * stride..][..len];
                for (to, from) in to.iter_mut().zip(from) {
                    *to += coefficient * from;
                }
            }
        }
    }
}
