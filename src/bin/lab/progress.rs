//! Progress of a long command, and the wish to stop it.

use anyhow::{Context, Result};
use foolscope::task::StopFlag;
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::Cell;
use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A bar on a terminal; elsewhere a line every few seconds, for a log.
pub struct Progress {
    what: &'static str,
    total: usize,
    bar: Option<ProgressBar>,
    last_line: Instant,
}

const BETWEEN_LINES: Duration = Duration::from_secs(10);

impl Progress {
    pub fn new(what: &'static str, total: usize) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {eta} left")
                .expect("the template is a constant");
            let bar = ProgressBar::new(total as u64).with_style(style);
            bar.set_message(what);
            bar
        });
        Self {
            what,
            total,
            bar,
            last_line: Instant::now(),
        }
    }

    /// So many are done, and what else there is to say of it.
    pub fn at(&mut self, done: usize, note: &str) {
        let separator = if note.is_empty() { "" } else { ", " };
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{}{separator}{note}", self.what));
            bar.set_position(done as u64);
        } else if self.last_line.elapsed() > BETWEEN_LINES {
            self.last_line = Instant::now();
            eprintln!("{}: {done} of {}{separator}{note}", self.what, self.total);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The progress of several parts that are done side by side.
pub struct Together(Mutex<Sum>);

struct Sum {
    progress: Progress,
    done: usize,
}

impl Together {
    /// So many are done before any part begins.
    pub fn new(progress: Progress, done: usize) -> Self {
        Self(Mutex::new(Sum { progress, done }))
    }

    /// One that has done nothing yet.
    pub fn part(&self) -> Part<'_> {
        Part {
            whole: self,
            done: Cell::new(0),
        }
    }
}

/// One of the parts.
pub struct Part<'a> {
    whole: &'a Together,
    done: Cell<usize>,
}

impl Part<'_> {
    /// So many of its own are done.
    pub fn at(&self, done: usize, note: &str) {
        let before = self.done.replace(done);
        // A core that failed while it held the bar has said why elsewhere.
        let mut sum = self.whole.0.lock().unwrap_or_else(PoisonError::into_inner);
        sum.done = (sum.done + done).saturating_sub(before);
        let all = sum.done;
        sum.progress.at(all, note);
    }
}

/// Raised by Ctrl-C. A second one ends the program at once.
pub fn stop_on_ctrl_c() -> Result<StopFlag> {
    let flag = StopFlag::default();
    let raised = flag.clone();
    ctrlc::set_handler(move || {
        if raised.is_stopped() {
            std::process::exit(130);
        }
        raised.stop();
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(flag)
}
