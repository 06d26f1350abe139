//! The vector instructions that the CPU path is written in.
//!
//! A [`Kernel`] is written once, over any width; [`run`] carries it out with
//! the widest instructions that this processor has. WebAssembly cannot ask: it
//! is compiled with the relaxed multiply-add, and the build makes a second file
//! of it, with a product and a sum instead, for browsers that know no relaxed
//! instructions.

/// Single-precision numbers, some side by side.
///
/// # Safety
/// `load` and `store` take pointers to `WIDTH` numbers, aligned to 4 bytes. An
/// implementation may use instructions that only [`run`] has checked for.
pub(super) trait Lanes {
    type V: Copy;
    const WIDTH: usize;
    /// Rows of a tile of the matrix product: as many as there are registers
    /// for, with two vectors a row.
    const ROWS: usize;

    unsafe fn splat(value: f32) -> Self::V;
    unsafe fn load(from: *const f32) -> Self::V;
    unsafe fn store(to: *mut f32, v: Self::V);
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    /// `a · b + c`, rounded once or twice.
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    unsafe fn min(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V;
    /// `v` where the byte is [`OPEN`], 0 where it is [`SHUT`]: `WIDTH` bytes lie
    /// at the pointer.
    unsafe fn where_open(v: Self::V, mask: *const u8) -> Self::V;
    /// A bit for each number, the first one's the lowest: whether `0 < y < limit`.
    unsafe fn open_bits(y: Self::V, limit: Self::V) -> u32;
}

/// A byte of a mask whose value passes: all bits, so that it widens to a mask of
/// a vector as a signed number does.
pub(super) const OPEN: u8 = u8::MAX;
/// One whose value does not.
pub(super) const SHUT: u8 = 0;

/// Something to compute with vectors of any width.
pub(super) trait Kernel {
    /// Must be `#[inline(always)]`, and so must be all that it calls with `L`:
    /// only then does it have L's instructions.
    ///
    /// # Safety
    /// The processor has L's instructions.
    unsafe fn run<L: Lanes>(self);
}

/// The instructions to use, found out once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Any processor, four numbers at a time.
    #[cfg(not(target_family = "wasm"))]
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_family = "wasm")]
    Wasm,
}

impl Level {
    /// The best that there is here.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                return Self::Avx2;
            }
        }
        #[cfg(target_family = "wasm")]
        {
            Self::Wasm
        }
        #[cfg(not(target_family = "wasm"))]
        Self::Portable
    }

    /// All that there are here, for tests.
    #[cfg(test)]
    pub fn all() -> Vec<Self> {
        #[allow(unused_mut)]
        let mut all = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                all.push(Self::Avx2);
            }
            if is_x86_feature_detected!("avx512f") {
                all.push(Self::Avx512);
            }
        }
        all
    }

    /// [`Lanes::ROWS`] at this level.
    pub fn rows(self) -> usize {
        match self {
            #[cfg(not(target_family = "wasm"))]
            Self::Portable => Portable::ROWS,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => x86::Avx2::ROWS,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => x86::Avx512::ROWS,
            #[cfg(target_family = "wasm")]
            Self::Wasm => wasm::Relaxed::ROWS,
        }
    }
}

/// Carries out a kernel with the instructions of a level, which must be one
/// that this processor has: [`Level::best`] or one of [`Level::all`].
pub(super) fn run(level: Level, kernel: impl Kernel) {
    // SAFETY: a level is only made where its instructions were found.
    unsafe {
        match level {
            #[cfg(not(target_family = "wasm"))]
            Level::Portable => kernel.run::<Portable>(),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => x86::avx2(kernel),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => x86::avx512(kernel),
            #[cfg(target_family = "wasm")]
            Level::Wasm => wasm::relaxed(kernel),
        }
    }
}

/// Four numbers in an array, which the compiler makes of what there is.
#[cfg(not(target_family = "wasm"))]
pub(super) enum Portable {}

#[cfg(not(target_family = "wasm"))]
impl Lanes for Portable {
    type V = [f32; 4];
    const WIDTH: usize = 4;
    const ROWS: usize = 4;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self::V {
        [value; 4]
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::V {
        unsafe { from.cast::<[f32; 4]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, v: Self::V) {
        unsafe { to.cast::<[f32; 4]>().write_unaligned(v) }
    }
    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        std::array::from_fn(|i| a[i] + b[i])
    }
    #[inline(always)]
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        std::array::from_fn(|i| a[i] * b[i] + c[i])
    }
    #[inline(always)]
    unsafe fn min(a: Self::V, b: Self::V) -> Self::V {
        std::array::from_fn(|i| if a[i] < b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        std::array::from_fn(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    unsafe fn where_open(v: Self::V, mask: *const u8) -> Self::V {
        let mask = unsafe { mask.cast::<[u8; 4]>().read() };
        std::array::from_fn(|i| if mask[i] == SHUT { 0.0 } else { v[i] })
    }
    #[inline(always)]
    unsafe fn open_bits(y: Self::V, limit: Self::V) -> u32 {
        (0..4).fold(0, |bits, i| {
            bits | u32::from(y[i] > 0.0 && y[i] < limit[i]) << i
        })
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Kernel, Lanes};
    use std::arch::x86_64::*;

    pub enum Avx2 {}

    impl Lanes for Avx2 {
        type V = __m256;
        const WIDTH: usize = 8;
        const ROWS: usize = 6;

        #[inline(always)]
        unsafe fn splat(value: f32) -> __m256 {
            unsafe { _mm256_set1_ps(value) }
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> __m256 {
            unsafe { _mm256_loadu_ps(from) }
        }
        #[inline(always)]
        unsafe fn store(to: *mut f32, v: __m256) {
            unsafe { _mm256_storeu_ps(to, v) }
        }
        #[inline(always)]
        unsafe fn add(a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_add_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn mul_add(a: __m256, b: __m256, c: __m256) -> __m256 {
            unsafe { _mm256_fmadd_ps(a, b, c) }
        }
        #[inline(always)]
        unsafe fn min(a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_min_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn max(a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_max_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn where_open(v: __m256, mask: *const u8) -> __m256 {
            unsafe {
                let mask = _mm256_cvtepi8_epi32(_mm_loadl_epi64(mask.cast()));
                _mm256_and_ps(v, _mm256_castsi256_ps(mask))
            }
        }
        #[inline(always)]
        unsafe fn open_bits(y: __m256, limit: __m256) -> u32 {
            unsafe {
                let above = _mm256_cmp_ps::<_CMP_GT_OQ>(y, _mm256_setzero_ps());
                let below = _mm256_cmp_ps::<_CMP_LT_OQ>(y, limit);
                _mm256_movemask_ps(_mm256_and_ps(above, below)).cast_unsigned()
            }
        }
    }

    #[target_feature(enable = "avx2,fma")]
    pub unsafe fn avx2(kernel: impl Kernel) {
        unsafe { kernel.run::<Avx2>() }
    }

    pub enum Avx512 {}

    impl Lanes for Avx512 {
        type V = __m512;
        const WIDTH: usize = 16;
        const ROWS: usize = 8;

        #[inline(always)]
        unsafe fn splat(value: f32) -> __m512 {
            unsafe { _mm512_set1_ps(value) }
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> __m512 {
            unsafe { _mm512_loadu_ps(from) }
        }
        #[inline(always)]
        unsafe fn store(to: *mut f32, v: __m512) {
            unsafe { _mm512_storeu_ps(to, v) }
        }
        #[inline(always)]
        unsafe fn add(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_add_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn mul_add(a: __m512, b: __m512, c: __m512) -> __m512 {
            unsafe { _mm512_fmadd_ps(a, b, c) }
        }
        #[inline(always)]
        unsafe fn min(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_min_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn max(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_max_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn where_open(v: __m512, mask: *const u8) -> __m512 {
            unsafe {
                let mask = _mm512_cvtepi8_epi32(_mm_loadu_si128(mask.cast()));
                _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(v), mask))
            }
        }
        #[inline(always)]
        unsafe fn open_bits(y: __m512, limit: __m512) -> u32 {
            unsafe {
                let above = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(y, _mm512_setzero_ps());
                u32::from(_mm512_mask_cmp_ps_mask::<_CMP_LT_OQ>(above, y, limit))
            }
        }
    }

    #[target_feature(enable = "avx512f")]
    pub unsafe fn avx512(kernel: impl Kernel) {
        unsafe { kernel.run::<Avx512>() }
    }
}

#[cfg(target_family = "wasm")]
mod wasm {
    use super::{Kernel, Lanes};
    use std::arch::wasm32::*;

    pub enum Relaxed {}

    impl Lanes for Relaxed {
        type V = v128;
        const WIDTH: usize = 4;
        const ROWS: usize = 4;

        #[inline(always)]
        unsafe fn splat(value: f32) -> v128 {
            f32x4_splat(value)
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> v128 {
            unsafe { v128_load(from.cast()) }
        }
        #[inline(always)]
        unsafe fn store(to: *mut f32, v: v128) {
            unsafe { v128_store(to.cast(), v) }
        }
        #[inline(always)]
        unsafe fn add(a: v128, b: v128) -> v128 {
            f32x4_add(a, b)
        }
        #[inline(always)]
        unsafe fn mul_add(a: v128, b: v128, c: v128) -> v128 {
            f32x4_relaxed_madd(a, b, c)
        }
        #[inline(always)]
        unsafe fn min(a: v128, b: v128) -> v128 {
            f32x4_pmin(a, b)
        }
        #[inline(always)]
        unsafe fn max(a: v128, b: v128) -> v128 {
            f32x4_pmax(a, b)
        }
        #[inline(always)]
        unsafe fn where_open(v: v128, mask: *const u8) -> v128 {
            let mask = unsafe { v128_load32_zero(mask.cast()) };
            let mask = i32x4_extend_low_i16x8(i16x8_extend_low_i8x16(mask));
            v128_and(v, mask)
        }
        #[inline(always)]
        unsafe fn open_bits(y: v128, limit: v128) -> u32 {
            let above = f32x4_gt(y, f32x4_splat(0.0));
            u32::from(i32x4_bitmask(v128_and(above, f32x4_lt(y, limit))))
        }
    }

    #[target_feature(enable = "relaxed-simd")]
    pub unsafe fn relaxed(kernel: impl Kernel) {
        unsafe { kernel.run::<Relaxed>() }
    }
}
