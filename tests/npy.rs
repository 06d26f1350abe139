//! Arrays as people save them: every layout, number type, byte order, order of
//! axes and unit is read right, or refused in a sentence that says what to do.

use foolscope::npy;
use std::fs;
use std::path::Path;

/// The header that NumPy writes, of a version of the format.
fn header(version: u8, kind: &str, fortran: bool, shape: &[usize]) -> Vec<u8> {
    let axes: Vec<String> = shape.iter().map(|axis| format!("{axis},")).collect();
    let order = if fortran { "True" } else { "False" };
    let mut text = format!(
        "{{'descr': '{kind}', 'fortran_order': {order}, 'shape': ({}), }}",
        axes.join(" ")
    );
    let before = if version == 1 { 10 } else { 12 };
    while (before + text.len() + 1) % 64 != 0 {
        text.push(' ');
    }
    text.push('\n');
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    match version {
        1 => bytes.extend((text.len() as u16).to_le_bytes()),
        _ => bytes.extend((text.len() as u32).to_le_bytes()),
    }
    bytes.extend(text.bytes());
    bytes
}

/// A whole number from -60 to 60 that every entry of a picture has another of.
fn level(c: usize, y: usize, x: usize) -> i64 {
    (c * 20 + y * 5 + x) as i64 * 2 - 60
}

/// One number in each type, and what the reader is to make of it.
struct Kind {
    name: &'static str,
    size: usize,
    /// From a grey level to its bytes, the least first.
    bytes: fn(i64) -> Vec<u8>,
    /// What was written, in grey levels.
    levels: fn(i64) -> f32,
    /// Whether the unit is noted.
    is_noted: bool,
}

fn half(value: f32) -> Vec<u8> {
    half::f16::from_f32(value).to_le_bytes().to_vec()
}

const KINDS: [Kind; 15] = {
    const fn kind(
        name: &'static str,
        size: usize,
        bytes: fn(i64) -> Vec<u8>,
        levels: fn(i64) -> f32,
    ) -> Kind {
        Kind {
            name,
            size,
            bytes,
            levels,
            is_noted: false,
        }
    }
    const fn noted(kind: Kind) -> Kind {
        Kind {
            is_noted: true,
            ..kind
        }
    }
    let signed = |n: i64| n as f32;
    let unsigned = |n: i64| n.unsigned_abs() as f32;
    let exact = |n: i64| n as f32 * 255.0 / 64.0;
    [
        // In pixel units: sixty-fourths, which every float holds.
        kind("f2", 2, |n| half(n as f32 / 64.0), exact),
        kind("f4", 4, |n| (n as f32 / 64.0).to_le_bytes().to_vec(), exact),
        kind("f8", 8, |n| (n as f64 / 64.0).to_le_bytes().to_vec(), exact),
        noted(kind("f2", 2, |n| half(n as f32), signed)),
        noted(kind("f4", 4, |n| (n as f32).to_le_bytes().to_vec(), signed)),
        noted(kind("f8", 8, |n| (n as f64).to_le_bytes().to_vec(), signed)),
        kind("i1", 1, |n| (n as i8).to_le_bytes().to_vec(), signed),
        kind("i2", 2, |n| (n as i16).to_le_bytes().to_vec(), signed),
        kind("i4", 4, |n| (n as i32).to_le_bytes().to_vec(), signed),
        kind("i8", 8, |n| n.to_le_bytes().to_vec(), signed),
        kind("u1", 1, |n| vec![n.unsigned_abs() as u8], unsigned),
        kind(
            "u2",
            2,
            |n| (n.unsigned_abs() as u16).to_le_bytes().to_vec(),
            unsigned,
        ),
        kind(
            "u4",
            4,
            |n| (n.unsigned_abs() as u32).to_le_bytes().to_vec(),
            unsigned,
        ),
        kind(
            "u8",
            8,
            |n| n.unsigned_abs().to_le_bytes().to_vec(),
            unsigned,
        ),
        kind(
            "b1",
            1,
            |n| vec![u8::from(n > 0)],
            |n| f32::from(u8::from(n > 0)),
        ),
    ]
};

/// The axes of an array, outermost first: each is a picture's channels, rows or
/// columns, or has length one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Axis {
    C,
    Y,
    X,
    One,
}
use Axis::{C, One, X, Y};

fn array(kind: &Kind, big: bool, fortran: bool, axes: &[Axis], shape: [usize; 3]) -> Vec<u8> {
    let length = |axis: &Axis| match axis {
        C => shape[0],
        Y => shape[1],
        X => shape[2],
        One => 1,
    };
    let lengths: Vec<usize> = axes.iter().map(length).collect();
    let order = match (kind.size, big) {
        (1, _) => '|',
        (_, true) => '>',
        (_, false) => '<',
    };
    let mut bytes = header(1, &format!("{order}{}", kind.name), fortran, &lengths);
    let count: usize = lengths.iter().product();
    for mut index in 0..count {
        let mut at = vec![0; axes.len()];
        let running: Vec<usize> = match fortran {
            true => (0..axes.len()).collect(),
            false => (0..axes.len()).rev().collect(),
        };
        for axis in running {
            at[axis] = index % lengths[axis];
            index /= lengths[axis];
        }
        let along = |wanted| {
            let axis = axes.iter().position(|axis| *axis == wanted);
            axis.map_or(0, |axis| at[axis])
        };
        let mut number = (kind.bytes)(level(along(C), along(Y), along(X)));
        if big {
            number.reverse();
        }
        bytes.extend(number);
    }
    bytes
}

#[test]
fn every_layout_type_byte_order_and_order_of_axes_is_read() {
    let colour: [&[Axis]; 6] = [
        &[C, Y, X],
        &[Y, X, C],
        &[One, C, Y, X],
        &[One, Y, X, C],
        &[One, One, C, Y, X],
        &[Y, X, C, One],
    ];
    let grey: [&[Axis]; 6] = [
        &[Y, X],
        &[C, Y, X],
        &[Y, X, C],
        &[One, C, Y, X],
        &[One, Y, X, C],
        &[One, One, Y, X],
    ];
    let mut count = 0;
    for (shape, layouts) in [([3, 4, 5], colour), ([3, 4, 4], colour), ([1, 4, 5], grey)] {
        for axes in layouts {
            for kind in &KINDS {
                for (big, fortran) in [(false, false), (false, true), (true, false), (true, true)] {
                    let bytes = array(kind, big, fortran, axes, shape);
                    let case = format!("{shape:?} {axes:?} {} {big} {fortran}", kind.name);
                    let found =
                        npy::read(&bytes, shape).unwrap_or_else(|error| panic!("{case}: {error}"));
                    assert_eq!(found.note.is_some(), kind.is_noted, "{case}");
                    assert_eq!(found.perturbation.shape(), shape);
                    let mut values = found.perturbation.values().iter();
                    for c in 0..shape[0] {
                        for y in 0..shape[1] {
                            for x in 0..shape[2] {
                                let expected = (kind.levels)(level(c, y, x));
                                let value = values.next().unwrap() * 255.0;
                                assert!(
                                    (value - expected).abs() < 1e-4,
                                    "{case} at {c} {y} {x}: {value} {expected}"
                                );
                            }
                        }
                    }
                    count += 1;
                }
            }
        }
    }
    assert_eq!(count, 18 * 15 * 4);
}

/// Where the shape leaves a doubt, the channels come first, as we write them.
#[test]
fn a_cube_has_its_channels_first() {
    let f4 = &KINDS[1];
    let first = npy::from_bytes(&array(f4, false, false, &[C, Y, X], [3, 3, 3]), [3, 3, 3]);
    assert_eq!(first.unwrap().values()[1] * 64.0, level(0, 0, 1) as f32);
}

#[test]
fn all_versions_of_the_format_are_read() {
    for version in 1..=3 {
        let mut bytes = header(version, "|i1", false, &[1, 2]);
        bytes.extend([255, 4]);
        let v = npy::from_bytes(&bytes, [1, 1, 2]).unwrap();
        assert_eq!(v.values(), [-1.0 / 255.0, 4.0 / 255.0], "{version}");
    }
    let fourth = npy::from_bytes(&header(4, "|i1", false, &[1]), [1, 1, 1]).unwrap_err();
    assert!(fourth.to_string().contains("version"), "{fourth}");
}

/// A file that `files/make_npy.py` made with NumPy.
fn saved(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/npy");
    fs::read(folder.join(name).with_extension("npy")).unwrap()
}

#[test]
fn what_numpy_saved_is_read() {
    for name in [
        "levels-i1",
        "levels-i2",
        "levels-big-i2",
        "levels-i4",
        "levels-i8",
        "levels-big-i8",
        "levels-f2",
        "levels-big-f2",
        "levels-f4",
        "levels-big-f4",
        "levels-f8",
        "pixels-rows",
        "pixels-flat",
        "pixels-batch",
        "pixels-channels-last",
        "pixels-batch-channels-last-fortran",
        "python-2",
    ] {
        let found = npy::read(&saved(name), [1, 2, 3]).unwrap();
        let levels = found
            .perturbation
            .values()
            .iter()
            .map(|value| value * 255.0);
        for (found, expected) in levels.zip([-2f32, -1.0, 0.0, 1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-6, "{name}: {found}");
        }
        let is_guess = name.starts_with("levels") && name.contains('f');
        assert_eq!(found.note.is_some(), is_guess, "{name}");
    }
    for name in ["u1", "u2", "u4", "big-u4", "u8", "bool"] {
        let v = npy::from_bytes(&saved(&format!("unsigned-{name}")), [1, 2, 3]).unwrap();
        let levels = v.values().iter().map(|value| (value * 255.0).round());
        let expected = match name {
            "bool" => [1.0, 1.0, 0.0, 1.0, 1.0, 1.0],
            _ => [2.0, 1.0, 0.0, 1.0, 2.0, 3.0],
        };
        assert!(levels.eq(expected), "{name}");
    }
    let note = npy::read(&saved("levels-f4"), [1, 2, 3]).unwrap().note;
    assert_eq!(
        note.unwrap(),
        "its numbers reach 3.00, more than a pixel's range of 1, so they are taken as grey levels, \
         of 255"
    );
}

#[test]
fn levels_that_can_hardly_be_meant_are_read_and_said() {
    let note = |kind: &str, numbers: &[u8]| {
        let bytes = [header(1, kind, false, &[1, 2]), numbers.to_vec()].concat();
        npy::read(&bytes, [1, 1, 2]).unwrap().note
    };
    // Drawn around mid-grey, or -3 whose sign was lost.
    let unsigned = note("|u1", &[128, 253]).unwrap();
    assert!(
        unsigned.contains("have no sign and reach 253"),
        "{unsigned}"
    );
    assert_eq!(note("|u1", &[0, 127]), None);
    for (kind, numbers) in [("<i2", &[0, 0, 0, 0x80][..]), ("<u2", &[0, 1, 0, 0])] {
        let said = note(kind, numbers).unwrap();
        assert!(said.contains("check their unit"), "{said}");
    }
    let large = note("<f4", &[0, 0, 0, 0, 0, 0, 0x80, 0x43]).unwrap();
    assert!(
        large.starts_with("its numbers reach 256 and are taken"),
        "{large}"
    );
}

#[test]
fn what_is_no_perturbation_is_refused_with_what_to_do() {
    for (name, part) in [
        ("complex", "of complex numbers (<c8)"),
        ("objects", "of Python objects (|O)"),
        ("records", "of records: convert it with .astype('f4')"),
        ("text", "of text (<U4)"),
        ("bytes", "of text (|S4)"),
        ("raw", "of raw bytes (|V4)"),
        ("dates", "of times (<M8[s])"),
        ("durations", "of times (<m8[ms])"),
        ("long-double", "of floats of a rare size (<f16)"),
        ("infinite", "value 0 is inf"),
        ("nan", "is NaN"),
        ("two", "it holds 2 of them, so save one, as v[0]"),
        ("scalar", "found shape []"),
        ("nothing", "found shape [0, 2, 3]"),
        ("archive", "an .npz archive of arrays"),
        ("pickle", "a Python pickle"),
        ("cut", "incomplete or damaged"),
    ] {
        let error = npy::read(&saved(name), [1, 2, 3]).unwrap_err().to_string();
        assert!(error.contains(part), "{name}: {error}");
    }
}

#[test]
fn another_shape_is_refused_with_what_to_do() {
    let refused = |shape: &[usize], expected| {
        npy::read(&header(1, "<f4", false, shape), expected)
            .unwrap_err()
            .to_string()
    };
    for (shape, part) in [
        (&[10, 3, 224, 224][..], "it holds 10 of them, so save one"),
        (&[10, 224, 224, 3], "it holds 10 of them"),
        (&[150_528], "call .reshape(3, 224, 224) first"),
        (&[3, 299, 299], "it is of 299 × 299 pixels"),
        (&[1, 32, 48, 3], "it is of 48 × 32 pixels"),
        (&[224, 224], "numpy.stack([v, v, v])"),
        (&[1, 1, 224, 224], "numpy.stack([v, v, v])"),
        (&[224, 3, 224], "reshape or transpose it first"),
        (&[4, 224, 224], "save the first three, as v[:3]"),
        (&[224, 224, 4], "save the first three, as v[..., :3]"),
        (&[], "reshape or transpose it first"),
    ] {
        let error = refused(shape, [3, 224, 224]);
        assert!(error.contains(part), "{shape:?}: {error}");
    }
    for (shape, part) in [
        (&[3, 28, 28][..], "it has colours"),
        (&[28, 28, 3], "it has colours"),
        (&[5, 28, 28], "it holds 5 of them"),
        (&[5, 1, 28, 28], "it holds 5 of them"),
        (&[32, 32], "it is of 32 × 32 pixels"),
    ] {
        let error = refused(shape, [1, 28, 28]);
        assert!(error.contains(part), "{shape:?}: {error}");
    }
}
