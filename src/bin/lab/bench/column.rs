//! One column, measured in a program of its own: what comes first is then the
//! first of its kind, and the memory is its own.

use super::rows::{Cell, Column, Measuring, Row, id};
use crate::network::{Kind, NetworkOptions, Opened};
use crate::pictures::Pictures;
use crate::progress::Progress;
use anyhow::{Result, bail};
use burn::tensor::{Tensor, TensorData};
use foolscope::attack::deepfool::{self, deepfool};
use foolscope::attack::predictions;
use foolscope::classifier::Classifier;
use foolscope::task::{StopFlag, Task, block_on, read};
use foolscope::universal::stochastic::{self, stochastic};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// DeepFool takes the first so many photos.
const FOOLED: usize = 5;

/// Classes whose gradients are taken together.
const CLASSES: usize = 10;

/// Questions before a time counts.
const WARM_UP: usize = 2;

/// How far a GPU's logits may be from the CPU's, relative to the largest.
const TOLERANCE: f64 = 1e-3;

pub struct Plan<'a> {
    pub network: &'a str,
    pub weights: Option<&'a PathBuf>,
    pub files: &'a [PathBuf],
    pub rows: &'a [Row],
    /// At most, for all rows.
    pub repeats: usize,
    pub stop: &'a StopFlag,
}

/// What it computed on, and a cell a row; fewer if somebody stopped it.
pub fn measure(column: Column, plan: &Plan<'_>) -> Result<(String, Vec<Cell>)> {
    let kind = match column {
        Column::Gpu => Kind::Gpu,
        Column::One | Column::All => Kind::Cpu,
    };
    let network = |kind| NetworkOptions::new(plan.network.to_owned(), plan.weights.cloned(), kind);
    let begun = Instant::now();
    let opened = network(kind).open()?;
    let opening = begun.elapsed();
    let pictures = Pictures::read_and_say(plan.files, opened.entry);
    let Some(first) = pictures.values.first() else {
        bail!("none of the pictures could be read");
    };
    let (answer, first_forward) = timed(|| Ok(block_on(predictions(&opened.network, &[first]))?))?;
    let questions = Questions {
        opened: &opened,
        classes: answer[0].top(CLASSES),
        pictures: &pictures.values,
    };
    let ((), first_gradients) = timed(|| questions.gradients())?;

    let mut cells = Vec::new();
    let mut progress = Progress::new("measuring", plan.rows.len());
    for (index, &row) in plan.rows.iter().enumerate() {
        if plan.stop.is_stopped() {
            break;
        }
        progress.at(index, &id(&row));
        let (values, note) = match row {
            Row::Load => (vec![milliseconds(opening + first_forward)], None),
            Row::FirstForward => (vec![milliseconds(first_forward)], None),
            Row::FirstGradients => (vec![milliseconds(first_gradients)], None),
            Row::Memory => match peak_memory() {
                Some(bytes) => (vec![bytes / 1e6], None),
                None => (Vec::new(), Some("This system does not tell.".to_owned())),
            },
            Row::Forward | Row::Gradients | Row::Deepfool | Row::Universal => {
                questions.repeat(row, plan)?
            }
        };
        if plan.stop.is_stopped() && values.is_empty() {
            break;
        }
        cells.push(Cell::new(row, column, &values, note));
    }
    drop(progress);
    if column == Column::Gpu {
        let expected = network(Kind::Cpu).open()?;
        let expected = &block_on(predictions(&expected.network, &[first]))?[0].logits;
        let away = relative_difference(&answer[0].logits, expected);
        if away > TOLERANCE {
            let note = format!("Its answer differs by {:.1} %.", 100.0 * away);
            let refused = |cell: &Cell| Cell::new(cell.row, column, &[], Some(note.clone()));
            cells = cells.iter().map(refused).collect();
        }
    }
    Ok((opened.device, cells))
}

struct Questions<'a> {
    opened: &'a Opened,
    /// The likeliest of the first picture.
    classes: Vec<usize>,
    pictures: &'a [Vec<f32>],
}

impl Questions<'_> {
    /// The times of as many runs as the row has, and its plan, and there is time
    /// for.
    fn repeat(&self, row: Row, plan: &Plan<'_>) -> Result<(Vec<f64>, Option<String>)> {
        let begun = Instant::now();
        let Measuring { repeats, limit, .. } = row.measuring();
        let times = repeats.min(plan.repeats);
        let enough = || begun.elapsed().as_secs_f64() > limit / 2.0;
        let mut values = Vec::new();
        let warm_up = if row == Row::Universal { 0 } else { WARM_UP };
        for run in 0..warm_up.min(times) + times {
            let is_counted = run >= warm_up.min(times);
            if plan.stop.is_stopped() || (enough() && (!is_counted || !values.is_empty())) {
                continue;
            }
            // Of its own, because the time may run out too.
            let stop = StopFlag::default();
            let hear = || {
                if plan.stop.is_stopped() || begun.elapsed().as_secs_f64() > limit {
                    stop.stop();
                }
            };
            let (finished, time) = timed(|| self.ask(row, &stop, &hear))?;
            if !finished {
                let late = format!("Given up after {limit:.0} s.");
                return Ok((values, (!plan.stop.is_stopped()).then_some(late)));
            }
            if is_counted {
                values.push(milliseconds(time));
            }
        }
        let photos = self.pictures.len();
        let wanted = match row {
            Row::Deepfool => FOOLED,
            Row::Universal => super::PHOTOS,
            _ => 1,
        };
        let few = (photos < wanted).then(|| format!("Of only {photos} photo(s)."));
        Ok((values, few))
    }

    /// Whether it came to its end. `hear` is called now and then on the way.
    fn ask(&self, row: Row, stop: &StopFlag, hear: &dyn Fn()) -> Result<bool> {
        let network = &self.opened.network;
        match row {
            Row::Forward => {
                block_on(predictions(network, &self.pictures[..1]))?;
            }
            Row::Gradients => self.gradients()?,
            Row::Deepfool => {
                // One after the other, as a visitor asks.
                let settings = deepfool::Options::default();
                for picture in self.pictures.iter().take(FOOLED) {
                    let mut task = Task::new(stop.clone(), |_| hear());
                    let found = block_on(deepfool(network, &[picture], &settings, &mut task));
                    if stop.is_stopped() {
                        return Ok(false);
                    }
                    found?;
                }
            }
            Row::Universal => {
                let settings = stochastic::Options::few_pictures(self.pictures.len());
                let mut task = Task::new(stop.clone(), |_| hear());
                let made = stochastic(network, self.pictures, None, &settings, &mut task);
                return Ok(!block_on(made)?.stopped);
            }
            Row::Load | Row::FirstForward | Row::FirstGradients | Row::Memory => {}
        }
        Ok(true)
    }

    /// Of the first picture, until they can be read.
    fn gradients(&self) -> Result<()> {
        let network = &self.opened.network;
        let [channels, height, width] = network.input_shape();
        let x = TensorData::new(self.pictures[0].clone(), [1, channels, height, width]);
        let classes = [self.classes.clone()];
        block_on(async {
            let pass = network
                .forward(Tensor::from_data(x, network.device()))
                .await;
            read(pass.class_gradients(&classes).await).await
        })?;
        Ok(())
    }
}

fn timed<T>(what: impl FnOnce() -> Result<T>) -> Result<(T, Duration)> {
    let begun = Instant::now();
    let found = what()?;
    Ok((found, begun.elapsed()))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn relative_difference(found: &[f32], expected: &[f32]) -> f64 {
    let away = foolscope::classifier::self_test::largest_difference(found, expected);
    let largest = expected
        .iter()
        .fold(0f32, |largest, it| largest.max(it.abs()));
    away / f64::from(largest)
}

/// Bytes that were resident at once, as Linux counts them.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0)
}
