//! A child process whose output goes to files and whose life ends with its value.
//!
//! Files instead of pipes: nothing blocks on a full pipe, and what was printed
//! can be looked at while the process runs and after it has ended.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
pub use rustix::process::Signal;
use tempfile::TempDir;

use crate::wait;

/// A running (or ended) child. Dropping it kills and reaps it.
#[derive(Debug)]
pub struct Process {
    /// What it is called in errors.
    name: String,
    child: Child,
    /// Taken by [`Process::close_stdin`].
    stdin: Option<ChildStdin>,
    /// Holds the files `stdout` and `stderr`.
    output: TempDir,
}

/// What a process that has ended left behind.
#[derive(Debug, Clone)]
pub struct Output {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Process {
    /// Starts `command` with its three streams taken over.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(name: &str, mut command: Command) -> Result<Self> {
        let output = tempfile::Builder::new()
            .prefix("narrowgate-out-")
            .tempdir()?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(File::create(output.path().join("stdout"))?)
            .stderr(File::create(output.path().join("stderr"))?)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let stdin = child.stdin.take();
        Ok(Self {
            name: name.to_owned(),
            child,
            stdin,
            output,
        })
    }

    /// Runs `command` to its end with nothing on its standard input.
    ///
    /// # Errors
    /// When it cannot be started or has not ended in time (it is killed then). An exit code
    /// other than 0 is no error: see [`Output::ok`].
    pub fn run(name: &str, command: Command, within: Duration) -> Result<Output> {
        let mut process = Self::spawn(name, command)?;
        process.close_stdin();
        process.wait(within)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed up to now.
    pub fn stdout(&self) -> String {
        self.printed("stdout")
    }

    /// What it has printed on standard error up to now.
    pub fn stderr(&self) -> String {
        self.printed("stderr")
    }

    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Writes to its standard input.
    ///
    /// # Errors
    /// When it was closed, by either side.
    pub fn write(&mut self, text: &str) -> Result<()> {
        let stdin = self
            .stdin
            .as_mut()
            .context("its standard input is closed")?;
        stdin.write_all(text.as_bytes())?;
        Ok(stdin.flush()?)
    }

    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// # Errors
    /// When it has ended already.
    pub fn signal(&mut self, signal: Signal) -> Result<()> {
        // Only a child that is not reaped surely still owns its pid.
        if !self.is_running() {
            bail!("{} has ended, no signal can reach it", self.name);
        }
        let pid = rustix::process::Pid::from_child(&self.child);
        Ok(rustix::process::kill_process(pid, signal)?)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it still runs after `within`; it goes on running.
    pub fn wait(&mut self, within: Duration) -> Result<Output> {
        let (name, child) = (&self.name, &mut self.child);
        let status = wait::until(&format!("the end of {name}"), within, || {
            Ok(child.try_wait()?)
        })
        .with_context(|| self.tail())?;
        Ok(Output {
            status,
            stdout: self.stdout(),
            stderr: self.stderr(),
        })
    }

    /// Waits until both streams together hold `text`, also if it was printed before.
    ///
    /// # Errors
    /// When it is not there after `within` or the process ends without it.
    pub fn wait_for(&mut self, text: &str, within: Duration) -> Result<()> {
        let what = format!("{text:?} from {}", self.name);
        wait::until(&what, within, || {
            let ended = !self.is_running();
            if self.stdout().contains(text) || self.stderr().contains(text) {
                return Ok(Some(()));
            }
            if ended {
                bail!("{} ended without printing {text:?}", self.name);
            }
            Ok(None)
        })
        .with_context(|| self.tail())
    }

    /// The memory it occupies now (VmRSS), in bytes.
    ///
    /// # Errors
    /// When it has ended.
    pub fn resident_bytes(&self) -> Result<u64> {
        self.memory("VmRSS:")
    }

    /// Most bytes that it has ever had in memory.
    ///
    /// # Errors
    /// When it has ended.
    pub fn peak_bytes(&self) -> Result<u64> {
        self.memory("VmHWM:")
    }

    /// A figure of its memory, by its name in `/proc`.
    fn memory(&self, name: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kibibytes: u64 = kibibytes.context("the process has ended")?.trim().parse()?;
        Ok(kibibytes * 1024)
    }

    /// Its last lines, for an error.
    pub fn tail(&self) -> String {
        let printed = format!("{}{}", self.stdout(), self.stderr());
        let lines: Vec<&str> = printed.lines().collect();
        let from = lines.len().saturating_sub(40);
        let last = lines.get(from..).unwrap_or_default().join("\n");
        format!("{} printed at last:\n{last}", self.name)
    }

    fn printed(&self, stream: &str) -> String {
        let bytes = fs::read(self.output.path().join(stream)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    pub fn success(&self) -> bool {
        self.status.success()
    }

    /// The exit code, or 128 + signal as a shell counts.
    pub fn code(&self) -> i32 {
        let signal = self.status.signal().unwrap_or_default();
        self.status.code().unwrap_or(128 + signal)
    }

    /// Standard output, if all went well.
    ///
    /// # Errors
    /// With both streams when the exit code is not 0.
    pub fn ok(self) -> Result<String> {
        if !self.success() {
            bail!("exit {}\n{}{}", self.code(), self.stdout, self.stderr);
        }
        Ok(self.stdout)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::{Process, Signal};

    const SOON: Duration = Duration::from_secs(10);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_and_exit_code_are_told_apart() {
        let output = Process::run("sh", shell("echo out; echo err >&2; exit 3"), SOON).unwrap();
        assert_eq!((output.code(), output.stdout.as_str()), (3, "out\n"));
        assert_eq!(output.stderr, "err\n");
        assert!(output.ok().unwrap_err().to_string().contains("exit 3"));
    }

    #[test]
    fn what_is_written_arrives_and_a_signal_ends_it() {
        let mut cat = Process::spawn("cat", Command::new("cat")).unwrap();
        cat.write("hello\n").unwrap();
        cat.wait_for("hello", SOON).unwrap();
        assert!(cat.resident_bytes().unwrap() > 0);
        cat.signal(Signal::TERM).unwrap();
        assert_eq!(cat.wait(SOON).unwrap().code(), 128 + 15);
        assert!(cat.signal(Signal::TERM).is_err());
    }

    #[test]
    fn a_process_that_ends_is_not_waited_for() {
        let mut ended = Process::spawn("sh", shell("echo gone")).unwrap();
        let error = ended
            .wait_for("never", Duration::from_secs(60))
            .unwrap_err();
        assert!(format!("{error:#}").contains("ended without"), "{error:#}");
    }
}
