//! Pickles that claim what is not so. Files that PyTorch wrote are read in
//! `tests/pytorch.rs`.

use super::*;
use crate::classifier::import::Bytes;

const MARK: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
const VERSION: &[u8] = b"\x80\x02M\xe9\x03.";
const MACHINE: &[u8] = b"\x80\x02}X\x0d\0\0\0little_endian\x88s.";
const TENSOR: &[u8] = b"ctorch._utils\n_rebuild_tensor_v2\n(";
/// Four floats under the key 0.
const STORAGE: &[u8] =
    b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x04NtQ";
const KEYS: &[u8] = b"\x80\x02]X\x01\0\0\x000a.";
const NUMBERS: &[u8] = b"\x04\0\0\0\0\0\0\0\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40";

/// A file of the older format with one pickle.
fn file(pickle: &[&[u8]]) -> Vec<u8> {
    let before = [MARK, VERSION, MACHINE, b"\x80\x02"].concat();
    [
        before,
        pickle.concat(),
        b".".to_vec(),
        KEYS.to_vec(),
        NUMBERS.to_vec(),
    ]
    .concat()
}

fn read(pickle: &[&[u8]]) -> Result<Weights, String> {
    let error = |error: WeightsError| error.to_string();
    Weights::from_pytorch(&mut Bytes(&file(pickle))).map_err(error)
}

fn refused(pickle: &[&[u8]]) -> String {
    let error = read(pickle).unwrap_err();
    let inside = error
        .strip_prefix("this cannot be read as a PyTorch file (")
        .and_then(|error| Some(error.split_once("): copy it again")?.0.to_owned()));
    inside.unwrap_or(error)
}

/// A dictionary with one tensor, with the rest of what it is called with.
fn tensor(rest: &[u8]) -> Vec<u8> {
    [b"}X\x01\0\0\0w", TENSOR, STORAGE, rest, b"\x89NtRs"].concat()
}

#[test]
fn a_tensor_is_where_it_says_and_nowhere_else() {
    let weights = read(&[&tensor(b"K\x01K\x03\x85K\x01\x85")]).unwrap();
    assert_eq!(weights.get("w", &[3]).unwrap(), [2.0, 3.0, 4.0]);
    // An axis of one place has any stride.
    let wide = b"K\x03K\x01\x85\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85";
    let weights = read(&[&tensor(wide)]).unwrap();
    assert_eq!(weights.get("w", &[1]).unwrap(), [4.0]);
    let outside = "tensor w lies outside of its numbers";
    for (rest, reason) in [
        (&b"K\x02K\x03\x85K\x01\x85"[..], outside),
        (b"K\x05K\x01\x85K\x01\x85", outside),
        (b"K\0K\x03\x85K\x02\x85", outside),
        (
            b"K\0J\xff\xff\xff\x7f\x85K\x01\x85",
            "tensor w has more numbers than the file",
        ),
        (
            b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7fK\x03\x85K\x01\x85",
            outside,
        ),
        (
            b"K\0K\x03\x85J\xff\xff\xff\xff\x85",
            "a tensor's place in it cannot be",
        ),
        (b"K\0K\x03\x85)", "a tensor's shape in it cannot be"),
        (b"GABCDEFGH))", "a tensor's place in it cannot be"),
    ] {
        assert_eq!(refused(&[&tensor(rest)]), reason, "{rest:?}");
    }
}

/// Ten tensors of two thousand million numbers each, all of the same one.
#[test]
fn numbers_that_are_read_time_and_again_are_no_more_than_the_file_has() {
    let spread = b"K\0J\0\0\x06\0\x85K\0\x85";
    let one = tensor(spread);
    assert_eq!(read(&[&one]).unwrap().iter().count(), 1);
    let entry = &one[1..];
    let mut many = b"}".to_vec();
    for name in *b"abc" {
        let mut entry = entry.to_vec();
        entry[5] = name;
        many.extend(entry);
    }
    let error = refused(&[&many]);
    assert_eq!(error, "tensor c has more numbers than the file");
}

#[test]
fn what_lies_in_itself_or_endlessly_in_each_other_has_an_end() {
    // A list that is its own item.
    let known = [STORAGE, b"0"].concat();
    assert_eq!(refused(&[&known, b"]q\0h\0a"]), "it holds no tensors");
    // Lists of two times the list before: as many paths as 2 to the power of 60.
    let twice = [&b"]q\0"[..], &b"]h\0ah\0aq\0".repeat(60)].concat();
    assert_eq!(refused(&[&known, &twice]), "it has too many parts");
    let deep = [&b"]"[..], &b"\x85".repeat(100_000)].concat();
    assert_eq!(
        refused(&[&known, &deep]),
        "its parts lie too deep in each other"
    );
    let long = b"N".repeat(5_000_000);
    assert_eq!(refused(&[&long]), "what it says of its tensors is too long");
}

#[test]
fn a_machine_that_is_led_astray_says_so() {
    let damaged = "what it says of its tensors is damaged";
    for pickle in [
        &b"0"[..],
        b"N(0",
        b"t",
        b"Na",
        b"h\x07",
        b"\x85",
        b"}(K\x01u",
        b"\xff",
        b"\x82\x01",
        b"cos\nsystem\n\x86",
    ] {
        assert_eq!(refused(&[pickle]), damaged, "{pickle:?}");
    }
    // A length that is longer than the file.
    assert_eq!(refused(&[b"X\xff\xff\xff\xff"]), "it ends too early");
    assert_eq!(
        refused(&[b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff"]),
        "it ends too early"
    );
    assert_eq!(refused(&[b"B\xff\xff\xff\x7f"]), "it ends too early");
}

#[test]
fn unknown_names_are_passed_over_with_all_that_they_are_given() {
    let call = b"X\x01\0\0\0ccos\nsystem\nX\x04\0\0\0exit\x85Rs";
    let weights = read(&[&tensor(b"K\0K\x04\x85K\x01\x85"), call]).unwrap();
    assert_eq!(weights.iter().count(), 1);
    let of_class = b"cmy\nNet\n)\x81}X\x0b\0\0\0_parameters";
    let inside = [&of_class[..], &tensor(b"K\0K\x04\x85K\x01\x85"), b"sb"].concat();
    let weights = read(&[&inside]).unwrap();
    assert_eq!(weights.get("w", &[4]).unwrap(), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn other_files_are_told() {
    let read = |bytes: &[u8]| {
        let error = Weights::from_pytorch(&mut Bytes(bytes)).unwrap_err();
        error.to_string()
    };
    assert!(read(b"\x80\x03}q\x00.").contains("not a pickle of torch.save"));
    assert!(read(b"PK\x03\x04").contains("a zip file without its end"));
    let empty = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    assert!(read(&empty).contains("a zip file without data.pkl"));
    assert!(read(b"").contains("ends too early"));
}
