//! A second wasm for browsers without relaxed vector instructions.
//!
//! A module that holds one such instruction is refused whole where it is not
//! known, so the page needs a file without. Compiling the core twice would take
//! minutes, and some of its libraries hold them too; instead each relaxed instruction becomes what is not relaxed and has
//! one of the results that it may have: `relaxed_madd(a, b, c)` the sum of c and
//! the product of a and b, `relaxed_min` the smaller one as C understands it.

use anyhow::{Context, Result};
use walrus::ir::{
    BinaryOp, Binop, Instr, InstrLocId, InstrSeq, LocalGet, LocalSet, TernaryOp, VisitorMut,
    dfs_pre_order_mut,
};
use walrus::{LocalId, ModuleConfig, ValType};
use wasmparser::{Validator, WasmFeatures};

/// # Errors
/// If the module cannot be read, or still holds something that such a browser
/// does not know.
pub fn without_relaxed(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new()
        .generate_producers_section(false)
        .parse(wasm)?;
    let spare = module.locals.add(ValType::V128);
    for (_, function) in module.funcs.iter_local_mut() {
        let entry = function.entry_block();
        dfs_pre_order_mut(&mut Replace { spare }, function, entry);
    }
    let wasm = module.emit_wasm();
    Validator::new_with_features(WasmFeatures::all() - WasmFeatures::RELAXED_SIMD)
        .validate_all(&wasm)
        .context("a relaxed instruction is left that has no replacement here")?;
    Ok(wasm)
}

/// Each function that uses the local gets one of its own when it is written.
struct Replace {
    spare: LocalId,
}

impl VisitorMut for Replace {
    fn start_instr_seq_mut(&mut self, sequence: &mut InstrSeq) {
        let local = self.spare;
        let old = std::mem::take(&mut sequence.instrs);
        sequence.instrs = old
            .into_iter()
            .flat_map(|(instruction, at)| {
                let new = match &instruction {
                    Instr::TernOp(it) if matches!(it.op, TernaryOp::F32x4RelaxedMadd) => vec![
                        LocalSet { local }.into(),
                        binary(BinaryOp::F32x4Mul),
                        LocalGet { local }.into(),
                        binary(BinaryOp::F32x4Add),
                    ],
                    Instr::Binop(it) => vec![binary(strict(it.op))],
                    _ => vec![instruction],
                };
                new.into_iter().map(move |instruction| (instruction, at))
            })
            .collect::<Vec<(Instr, InstrLocId)>>();
    }
}

fn strict(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::F32x4RelaxedMin => BinaryOp::F32x4PMin,
        BinaryOp::F32x4RelaxedMax => BinaryOp::F32x4PMax,
        BinaryOp::F64x2RelaxedMin => BinaryOp::F64x2PMin,
        BinaryOp::F64x2RelaxedMax => BinaryOp::F64x2PMax,
        other => other,
    }
}

fn binary(op: BinaryOp) -> Instr {
    Binop { op }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::{FunctionBuilder, Module, ir::TernOp};

    #[test]
    fn what_is_refused_without_relaxed_instructions_is_accepted_after() {
        let mut module = Module::default();
        let [a, b, c] = std::array::from_fn(|_| module.locals.add(ValType::V128));
        let mut made =
            FunctionBuilder::new(&mut module.types, &[ValType::V128; 3], &[ValType::V128]);
        made.func_body()
            .local_get(a)
            .local_get(b)
            .local_get(c)
            .instr(TernOp {
                op: TernaryOp::F32x4RelaxedMadd,
            })
            .local_get(a)
            .binop(BinaryOp::F32x4RelaxedMin)
            .local_get(b)
            .binop(BinaryOp::F32x4RelaxedMax);
        let function = made.finish(vec![a, b, c], &mut module.funcs);
        module.exports.add("madd", function);
        let relaxed = module.emit_wasm();

        let old = || Validator::new_with_features(WasmFeatures::all() - WasmFeatures::RELAXED_SIMD);
        assert!(old().validate_all(&relaxed).is_err());
        assert!(
            old()
                .validate_all(&without_relaxed(&relaxed).unwrap())
                .is_ok()
        );
    }
}
