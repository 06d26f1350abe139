//! torchvision's networks from their state_dicts, against PyTorch's logits, where
//! PyTorch is at hand: by the Python that `FOOLSCOPE_PYTHON` names, else
//! `python3`. The largest only where `FOOLSCOPE_LARGE` is set.

use burn::tensor::Device;
use foolscope::attack::predictions;
use foolscope::classifier::import::named::recognise;
use foolscope::classifier::network::Network;
use foolscope::classifier::weights::Weights;
use foolscope::task::block_on;
use std::fs;
use std::process::Command;

const NAMES: [(&str, &str); 3] = [
    ("resnet18", "ResNet-18"),
    ("resnet50", "ResNet-50"),
    ("googlenet", "GoogLeNet"),
];
const LARGE: [(&str, &str); 3] = [
    ("vgg16", "VGG-16"),
    ("vgg19", "VGG-19"),
    ("resnet152", "ResNet-152"),
];

#[test]
fn state_dicts_give_pytorchs_logits() {
    let python = std::env::var("FOOLSCOPE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let asked = Command::new(&python)
        .args(["-c", "import torch, torchvision"])
        .output();
    if !asked.is_ok_and(|output| output.status.success()) {
        println!("skipped: state_dicts_give_pytorchs_logits (needs torchvision)");
        return;
    }
    let mut names = NAMES.to_vec();
    if std::env::var_os("FOOLSCOPE_LARGE").is_some() {
        names.extend(LARGE);
    }
    let folder = tempfile::tempdir().unwrap();
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/files/make_torchvision.py"
    );
    for (name, title) in names {
        let made = Command::new(&python)
            .arg(script)
            .arg(folder.path())
            .arg(name)
            .status();
        assert!(made.unwrap().success(), "{name}");
        let file = folder.path().join(format!("{name}.pth"));
        let weights = Weights::from_pytorch(&mut fs::File::open(&file).unwrap()).unwrap();
        let imported = recognise(weights).unwrap();
        fs::remove_file(&file).unwrap();
        assert_eq!(imported.title, title);
        let bytes = fs::read(folder.path().join(format!("{name}.f32"))).unwrap();
        let chunks = bytes.chunks_exact(4);
        let numbers: Vec<f32> = chunks
            .map(|it| f32::from_le_bytes(it.try_into().unwrap()))
            .collect();
        let (picture, expected) = numbers.split_at(3 * 224 * 224);
        let network = Network::new(&imported.architecture, &imported.weights, &Device::flex());
        let answers = block_on(predictions(&network.unwrap(), &[picture.to_vec()])).unwrap();
        let largest = expected.iter().fold(0f32, |most, it| most.max(it.abs()));
        let pairs = answers[0].logits.iter().zip(expected);
        let difference = pairs.fold(0f32, |most, (a, b)| most.max((a - b).abs()));
        println!("{name}: {:.1e} of the largest logit", difference / largest);
        assert!(
            difference <= 1e-4 * largest,
            "{name}: {difference} of {largest}"
        );
    }
}
