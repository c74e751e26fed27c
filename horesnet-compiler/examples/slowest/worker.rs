//! A process that runs commands and tells their time and memory: a command that does not end is ended with it.
//!
//! Time is that of the processor, so other programs do not count. Memory is the peak of the resident set, on Linux.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::commands;

/// The argument that makes the program a worker.
pub(crate) const ARGUMENT: &str = "--worker";

/// Limits of a command.
pub(crate) const SECONDS: f64 = 2.0;
pub(crate) const MEGABYTES: f64 = 300.0;

/// A command that takes more seconds is ended.
const PATIENCE: f64 = 20.0;

/// Memory that a worker may keep before another takes its place.
const KEPT: f64 = 150.0;

/// Time and memory of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) command: usize,
    pub(crate) seconds: f64,
    /// 2²⁰ bytes.
    pub(crate) megabytes: f64,
}

impl Cost {
    /// At the limit, 1.
    pub(crate) fn score(&self) -> f64 {
        (self.seconds / SECONDS).max(self.megabytes / MEGABYTES)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.score() > 1.0
    }
}

/// The process, and the lines that it writes.
struct Process {
    child: Child,
    begin: Instant,
    lines: Receiver<String>,
}

/// Runs commands in a process, and starts another if it ends.
#[derive(Default)]
pub(crate) struct Worker {
    process: Option<Process>,
}

impl Worker {
    /// The costs of all commands on a text; the last is that of a command that was ended or that failed, if one was.
    pub(crate) fn run(&mut self, text: &str) -> io::Result<(Vec<Cost>, bool)> {
        let process = match &mut self.process {
            Some(process) => process,
            none => none.insert(Process::start()?),
        };
        let mut costs = Vec::new();
        process.send(text)?;
        for command in 0..commands::ALL.len() {
            let begin = process.seconds();
            let numbers = process.answer(begin + PATIENCE).and_then(|line| {
                let (seconds, megabytes) = line.split_once(' ')?;
                Some((seconds.parse().ok()?, megabytes.parse().ok()?))
            });
            let (seconds, megabytes) = numbers.unwrap_or_else(|| (process.seconds() - begin, 0.0));
            costs.push(Cost {
                command,
                seconds,
                megabytes,
            });
            if numbers.is_none() {
                self.process = None;
                return Ok((costs, false));
            }
        }
        if costs.iter().any(|cost| cost.megabytes > KEPT) {
            self.process = None;
        }
        Ok((costs, true))
    }
}

impl Process {
    fn start() -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (sender, lines) = channel();
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || {
                let mut written = BufReader::new(output).lines().map_while(Result::ok);
                written.try_for_each(|line| sender.send(line))
            });
        }
        Ok(Self {
            child,
            begin: Instant::now(),
            lines,
        })
    }

    /// The next line, unless the process ends or has run for so many seconds before that.
    fn answer(&self, most: f64) -> Option<String> {
        loop {
            match self.lines.recv_timeout(Duration::from_secs(1)) {
                Ok(line) => return Some(line),
                Err(RecvTimeoutError::Timeout) if self.seconds() < most => {}
                Err(_) => return None,
            }
        }
    }

    /// The time that the process has run.
    fn seconds(&self) -> f64 {
        let schedule = format!("/proc/{}/schedstat", self.child.id());
        processor_seconds(&schedule).unwrap_or(self.begin.elapsed().as_secs_f64())
    }

    fn send(&mut self, text: &str) -> io::Result<()> {
        let mut input = self.child.stdin.as_ref().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(input, "{}", text.len())?;
        input.write_all(text.as_bytes())?;
        input.flush()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads texts, and writes a line for each command.
pub(crate) fn serve() -> io::Result<()> {
    let (mut input, mut line) = (BufReader::new(io::stdin()), String::new());
    while input.read_line(&mut line)? > 0 {
        let length = line.trim().parse().map_err(io::Error::other)?;
        let mut text = vec![0; length];
        input.read_exact(&mut text)?;
        let text = String::from_utf8(text).map_err(io::Error::other)?;
        for (_, command) in commands::ALL {
            // Ignored where it is not Linux: the peak is then zero.
            let _ = fs::write("/proc/self/clear_refs", "5");
            let schedule = "/proc/thread-self/schedstat";
            let (begin, before) = (Instant::now(), processor_seconds(schedule));
            command(&text);
            let seconds = match (before, processor_seconds(schedule)) {
                (Some(before), Some(after)) => after - before,
                _ => begin.elapsed().as_secs_f64(),
            };
            println!("{seconds} {}", peak_megabytes());
        }
        line.clear();
    }
    Ok(())
}

/// The time that a thread has run, on Linux.
fn processor_seconds(schedule: &str) -> Option<f64> {
    let numbers = fs::read_to_string(schedule).ok()?;
    let nanoseconds: f64 = numbers.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

/// The largest resident set since the last command.
fn peak_megabytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}
