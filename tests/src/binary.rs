//! The real `narrowgate` binary: one-shot commands, and a running gateway.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{Output, Process, Signal};
use crate::{wait, workspace};

/// The first start with a cold cache compiles every filter.
const START: Duration = Duration::from_secs(120);
/// For one-shot commands, and for an end that was asked for.
const WITHIN: Duration = Duration::from_secs(60);

/// Runs `narrowgate ARGUMENTS…` to its end.
///
/// # Errors
/// When it is not built, cannot be started or does not end in time.
pub fn narrowgate<S: AsRef<OsStr>>(arguments: &[S]) -> Result<Output> {
    narrowgate_with(arguments, &[])
}

/// [`narrowgate`] with more environment variables.
///
/// # Errors
/// As [`narrowgate`].
pub fn narrowgate_with<S: AsRef<OsStr>>(
    arguments: &[S],
    environment: &[(&str, &str)],
) -> Result<Output> {
    let mut command = Command::new(workspace::binary()?);
    command.args(arguments).envs(environment.iter().copied());
    Process::run("narrowgate", command, WITHIN)
}

/// A gateway to be started.
#[derive(Debug)]
pub struct Builder {
    command: Command,
    admin: SocketAddr,
}

/// A running gateway. Dropping it kills it; if a test fails, its last lines are shown.
#[derive(Debug)]
pub struct Gateway {
    process: Process,
    admin: SocketAddr,
}

impl Gateway {
    /// A gateway for the configuration file `config`, whose admin listener is `admin`.
    ///
    /// # Errors
    /// When the binary is not built.
    pub fn builder(config: &Path, admin: SocketAddr) -> Result<Builder> {
        let mut command = Command::new(workspace::binary()?);
        command.arg("run").arg(config);
        // The configuration's folder: relative paths in it and core files land there.
        if let Some(folder) = config.parent().filter(|folder| folder.is_dir()) {
            command.current_dir(folder);
        }
        Ok(Builder { command, admin })
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// As [`Builder::start`].
    pub fn start(config: &Path, admin: SocketAddr) -> Result<Self> {
        Self::builder(config, admin)?.start()
    }

    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// The address of `/metrics`, `/readyz` and the API.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// An address of the admin listener: `url("/metrics")`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.admin)
    }

    /// What it has logged up to now.
    pub fn log(&self) -> String {
        format!("{}{}", self.process.stdout(), self.process.stderr())
    }

    /// Waits until its log holds `text`.
    ///
    /// # Errors
    /// When it is not there after `within` or the gateway ends.
    pub fn wait_for_log(&mut self, text: &str, within: Duration) -> Result<()> {
        self.process.wait_for(text, within)
    }

    /// Has it read its configuration again (SIGHUP).
    ///
    /// # Errors
    /// When it has ended.
    pub fn reload(&mut self) -> Result<()> {
        self.process.signal(Signal::HUP)
    }

    /// # Errors
    /// When it has ended.
    pub fn signal(&mut self, signal: Signal) -> Result<()> {
        self.process.signal(signal)
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// When it does not.
    pub fn terminate(&mut self) -> Result<Output> {
        self.process.signal(Signal::TERM)?;
        self.process.wait(WITHIN)
    }

    /// Ends it as a crash does (SIGKILL).
    ///
    /// # Errors
    /// When it has ended already.
    pub fn kill(&mut self) -> Result<Output> {
        self.process.signal(Signal::KILL)?;
        self.process.wait(WITHIN)
    }

    /// Waits for an end that comes by itself.
    ///
    /// # Errors
    /// When it does not come.
    pub fn wait(&mut self, within: Duration) -> Result<Output> {
        self.process.wait(within)
    }

    pub fn is_running(&mut self) -> bool {
        self.process.is_running()
    }

    /// The memory it occupies now, in bytes.
    ///
    /// # Errors
    /// When it has ended.
    pub fn resident_bytes(&self) -> Result<u64> {
        self.process.resident_bytes()
    }

    /// Most bytes that it has ever had in memory.
    ///
    /// # Errors
    /// When it has ended.
    pub fn peak_bytes(&self) -> Result<u64> {
        self.process.peak_bytes()
    }

    /// How many files and sockets it has open now.
    ///
    /// # Errors
    /// When it has ended.
    pub fn descriptors(&self) -> Result<usize> {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.pid()))?;
        Ok(open.count())
    }
}

impl Builder {
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Starts it and waits until `/readyz` answers 200.
    ///
    /// # Errors
    /// When it ends or is not ready in time, with its last lines.
    pub fn start(self) -> Result<Gateway> {
        let admin = self.admin;
        let process = Process::spawn("narrowgate", self.command)?;
        let mut gateway = Gateway { process, admin };
        wait::until("the gateway to be ready", START, || {
            if !gateway.is_running() {
                bail!("the gateway ended at once");
            }
            Ok(is_ready(admin).then_some(()))
        })
        .with_context(|| gateway.process.tail())?;
        Ok(gateway)
    }

    /// Starts it without waiting: for configurations that are to be refused.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_unready(self) -> Result<Gateway> {
        let process = Process::spawn("narrowgate", self.command)?;
        Ok(Gateway {
            process,
            admin: self.admin,
        })
    }
}

/// Whether `/readyz` says 200. A plain socket, since tests call this within and
/// without a tokio runtime.
fn is_ready(admin: SocketAddr) -> bool {
    use std::io::{Read, Write};
    let ask = || -> std::io::Result<bool> {
        let wait = Duration::from_secs(1);
        let mut stream = std::net::TcpStream::connect_timeout(&admin, wait)?;
        stream.set_read_timeout(Some(wait))?;
        write!(
            stream,
            "GET /readyz HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n\r\n"
        )?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(&status == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.process.tail());
        }
    }
}
