//! `lab`, the command line: classifies, attacks and measures with the same
//! code that the page runs, and writes what the page ships. One subcommand a
//! file; no mathematics here.

mod average;
mod bench;
mod brought;
mod classify;
mod deepfool;
mod devices;
mod diversity;
mod each;
mod feedback;
mod graph;
mod import;
mod labelled;
mod learning;
mod network;
mod normals;
mod occlusion;
mod output;
mod pictures;
mod progress;
mod report;
mod robustness;
mod section;
mod semi_random;
mod spread;
mod tables;
mod train;
mod transfer;
mod transformation;
mod universal;
mod weights_file;
mod words;

use clap::{Parser, Subcommand};
use each::merge;
use foolscope::task::StopFlag;
use std::process::ExitCode;
use std::sync::OnceLock;

/// How image classifiers are fooled, on the command line.
///
/// Pictures are named by file, by folder (with all folders in it; each file
/// counts once, whatever links lead to it) or by a quoted pattern such as
/// 'photos/*.jpg'. A tar file (.tar, .tar.gz) counts as a
/// folder, with a folder for each class in it, and so does an IDX file (MNIST's
/// t10k-images-idx3-ubyte.gz, with its labels beside it). Each is brought to the classifier's
/// size as on the page: short side resized, centre cut out. Norms are in grey
/// levels, 0 to 255. Results go to standard output, as a table or with --json;
/// progress and errors go to standard error. Ctrl-C stops a long command, which
/// still writes what it has.
#[derive(Parser)]
#[command(name = "lab", version, after_help = AFTER, after_long_help = AFTER)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Take only the first so many pictures
    #[arg(long, value_name = "COUNT", global = true, value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Take only so many pictures, drawn by chance and always the same
    #[arg(long, value_name = "COUNT", global = true, conflicts_with = "limit", value_parser = clap::value_parser!(u32).range(1..))]
    draw: Option<u32>,
    /// Compute on so many threads [default: all that the machine has]
    #[arg(long, value_name = "COUNT", global = true, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

const AFTER: &str = "\
Examples:
  Name what is on some photographs:
    lab classify photo.jpg holiday/
  The accuracy on photographs whose names begin with their class (0281_n02123045.jpg):
    lab classify --summary ../shared/data/imagenet-sample
  The smallest perturbation of a photograph, saved to look at:
    lab deepfool photo.jpg --save fooled/
  What several attacks need on the same pictures:
    lab robustness photos/ --attacks deepfool,fast-gradient,lbfgs --out photos.jsonl
  How much larger the smallest noise within a random subspace is:
    lab semi-random photos/ --out semi-random.jsonl
  Words hidden in a photograph that change its answer:
    lab words photo.jpg --text HELLO --save hidden/
  The smallest patch, and the smallest shift, turn and change of size, that do:
    lab occlusion photos/
    lab transformation photos/
  One perturbation for all pictures, measured on 200 that it was not made from:
    lab universal photos/ --hold-out 200 --out universal.npy
  Five of them, and how much they have in common:
    lab diversity photos/ --hold-out 200 --out several/
  Whether training with such perturbations helps against new ones:
    lab feedback photos/ --hold-out 200 --rounds 2 --out hardened/
  What that perturbation does to other pictures:
    lab classify holiday/ --perturbation universal.npy
  What it does to two networks, as a table:
    lab transfer photos/ --perturbation universal.npy \\
      --network efficientnet-lite0 --network efficientnet-lite0=mine.safetensors
  Into which classes it sends the others, to draw with Graphviz:
    lab graph photos/ --perturbation universal.npy --save graph.dot
  The classes around a photograph, drawn, and how straight the boundary is:
    lab section photo.jpg --save sections/
  What the boundaries near many photographs have in common:
    lab normals photos/ --perturbation universal.npy --out normals/all.jsonl
  A small network from nothing but labelled pictures:
    lab train --network lenet-mnist --data train-images-idx3-ubyte.gz \\
      --test t10k-images-idx3-ubyte.gz --out lenet-mnist.safetensors
  The mean of two cycles of its training, which often errs less than each:
    lab average first.safetensors second.safetensors --network lenet-mnist \\
      --test t10k-images-idx3-ubyte.gz --out mean.safetensors
  A third of a large set on each of three machines, and one report of all:
    lab robustness photos/ --part 1/3 --out part-1.jsonl
    lab merge part-*.jsonl
  The papers' tables, measured again:
    lab tables --data ../shared/data
  One file of a network that somebody exported, with how pixels go in:
    lab import resnet50.onnx --out resnet50.safetensors
  What there is to compute on:
    lab devices
  How fast it is, on one core, on all and on the GPU:
    lab bench

Exit codes:
  0    done
  1    failed; the last line says why
  2    the command line was not understood
  3    done, but for pictures that could not be read, or not whole; each is named
  130  stopped by Ctrl-C; what there was is written";

#[derive(Subcommand)]
enum Command {
    Import(import::Options),
    Classify(classify::Options),
    Deepfool(deepfool::Options),
    Robustness(robustness::Options),
    SemiRandom(semi_random::Options),
    Words(words::Options),
    Occlusion(occlusion::Options),
    Transformation(transformation::Options),
    Universal(universal::Options),
    Transfer(transfer::Options),
    Graph(graph::Options),
    Section(section::Options),
    Normals(normals::Options),
    Diversity(diversity::Options),
    Feedback(feedback::Options),
    Train(train::Options),
    Average(average::Options),
    Merge(merge::Options),
    Tables(tables::Options),
    Devices(devices::Options),
    Bench(bench::Options),
}

/// How a command that did not fail ended.
enum Ending {
    Done,
    /// Some pictures could not be read, or not whole.
    Incomplete,
    /// By Ctrl-C.
    Stopped,
}

impl Ending {
    /// Of a command that went through pictures.
    fn of(stop: &StopFlag, unreadable: &[String]) -> Self {
        if stop.is_stopped() {
            Ending::Stopped
        } else if unreadable.is_empty() && pictures::cut_short().is_empty() {
            Ending::Done
        } else {
            Ending::Incomplete
        }
    }
}

/// How many threads were asked for.
static THREADS: OnceLock<u16> = OnceLock::new();

/// As many threads as were asked for, if it was said.
fn threads() -> Option<u16> {
    THREADS.get().copied()
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(limit) = cli.limit {
        pictures::limit_to(limit as usize);
    }
    if let Some(count) = cli.draw {
        pictures::draw(count as usize);
    }
    if let Some(threads) = cli.threads {
        THREADS.get_or_init(|| threads);
        let threads = rayon::ThreadPoolBuilder::new().num_threads(threads.into());
        threads.build_global().expect("nothing has computed yet");
    }
    let ended = match cli.command {
        Command::Import(options) => import::run(&options),
        Command::Classify(options) => classify::run(&options),
        Command::Deepfool(options) => deepfool::run(&options),
        Command::Robustness(options) => robustness::run(&options),
        Command::SemiRandom(options) => semi_random::run(&options),
        Command::Words(options) => words::run(&options),
        Command::Occlusion(options) => occlusion::run(&options),
        Command::Transformation(options) => transformation::run(&options),
        Command::Universal(options) => universal::run(&options),
        Command::Transfer(options) => transfer::run(&options),
        Command::Graph(options) => graph::run(&options),
        Command::Section(options) => section::run(&options),
        Command::Normals(options) => normals::run(&options),
        Command::Diversity(options) => diversity::run(&options),
        Command::Feedback(options) => feedback::run(&options),
        Command::Train(options) => train::run(&options),
        Command::Average(options) => average::run(&options),
        Command::Merge(options) => merge::run(&options),
        Command::Tables(options) => tables::run(&options),
        Command::Devices(options) => devices::run(&options),
        Command::Bench(options) => bench::run(&options),
    };
    match ended {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Incomplete) => ExitCode::from(3),
        Ok(Ending::Stopped) => ExitCode::from(130),
        Err(error) => {
            eprintln!("lab: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent_and_every_command_has_an_example() {
        Cli::command().debug_assert();
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            assert!(AFTER.contains(&format!("    lab {name}")), "{name}");
        }
    }
}
