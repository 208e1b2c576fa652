//! A loss in another process: started, asked, timed, and ended with everything that it started.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::profile::Profile;
use super::{Answer, Batch, Broken, Loss, Symptom, protocol};

/// The longest line that is read: a batch of gradients of a thousand classes is a hundred times shorter.
const LINE: usize = 64 << 20;

/// How much of the standard error is kept.
const KEPT: usize = 2000;

/// How often it is looked whether a process that does not answer is still there.
const LOOK: Duration = Duration::from_millis(50);

/// How long a process may take to end after its input has ended, and the last of its output to arrive after its end.
const GRACE: Duration = Duration::from_millis(500);

/// A loss that is a subprocess and speaks the line protocol of docs/check-loss.md.
///
/// It has a process group of its own, which is killed with everything in it when this value is dropped. Its standard output and
/// standard error are read by threads, and its standard input is written by one, so that no behaviour of it can block the check.
#[derive(Debug)]
pub struct Process {
    profile: Profile,
    pipes: Pipes,
    timeout: Duration,
}

#[derive(Debug)]
struct Pipes {
    child: Child,
    /// `None` once the input has ended.
    questions: Option<Sender<String>>,
    lines: Receiver<Line>,
    complaints: Arc<Mutex<Vec<u8>>>,
    listener: JoinHandle<()>,
    /// How it ended, once it has been waited for: then its number may be that of somebody else.
    status: Option<String>,
}

#[derive(Debug)]
enum Line {
    Text(Vec<u8>),
    Endless,
    End,
}

impl Process {
    /// Starts a command and reads its greeting; each answer, and the greeting, may take `timeout`.
    ///
    /// `PYTHONUNBUFFERED` is set, so that a wrapper in Python need not flush.
    ///
    /// # Errors
    /// Where it cannot be started or does not greet.
    pub fn start(command: &[String], timeout: Duration) -> Result<Self, Broken> {
        let (program, arguments) =
            command.split_first().map_or(("", &[][..]), |(p, a)| (p.as_str(), a));
        let mut start = Command::new(program);
        start.args(arguments).env("PYTHONUNBUFFERED", "1");
        start.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut start, 0);
        let failed = |reason: String| {
            Broken::new(Symptom::Start {
                command: command.join(" ").chars().take(200).collect(),
                reason,
            })
        };
        let mut child = start.spawn().map_err(|error| failed(error.to_string()))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut input), Some(output), Some(error)) = pipes else {
            return Err(failed("it has no standard streams".into()));
        };
        let (questions, asked) = mpsc::channel::<String>();
        thread::spawn(move || {
            // Ends when the questions do, or when the loss does not listen any more.
            while let Ok(line) = asked.recv() {
                if input.write_all(line.as_bytes()).and_then(|()| input.flush()).is_err() {
                    break;
                }
            }
        });
        // Few lines: a loss that talks without end has to wait.
        let (heard, lines) = mpsc::sync_channel(2);
        thread::spawn(move || read_lines(BufReader::new(output), &heard));
        let complaints = Arc::new(Mutex::new(vec![]));
        let kept = Arc::clone(&complaints);
        let listener = thread::spawn(move || keep_end(error, &kept));
        let mut pipes =
            Pipes { child, questions: Some(questions), lines, complaints, listener, status: None };
        let first = pipes.line(timeout).map_err(|symptom| match symptom {
            Symptom::Silent { seconds } => Symptom::Unannounced { seconds },
            other => other,
        });
        match first.and_then(|line| protocol::greeting(&line)) {
            Ok(profile) => Ok(Self { profile, pipes, timeout }),
            Err(symptom) => Err(pipes.broken(symptom)),
        }
    }
}

impl Loss for Process {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn evaluate(&mut self, batch: &Batch) -> Result<Answer, Broken> {
        let asked = self.pipes.ask(protocol::question(&self.profile, batch));
        let answer = asked
            .and_then(|()| self.pipes.line(self.timeout))
            .and_then(|line| protocol::answer(&self.profile, batch, &line));
        answer.map_err(|symptom| self.pipes.broken(symptom))
    }
}

impl Pipes {
    fn ask(&mut self, question: String) -> Result<(), Symptom> {
        // What is there before a question is no answer to it.
        if let Ok(Line::Text(line)) = self.lines.try_recv() {
            return Err(Symptom::Unasked { line: abridged(&line) });
        }
        // Where nobody listens, the missing answer says why.
        if let Some(questions) = &self.questions {
            let _ = questions.send(question);
        }
        Ok(())
    }

    fn line(&mut self, timeout: Duration) -> Result<String, Symptom> {
        let deadline = Instant::now() + timeout;
        let mut ended = None;
        loop {
            match self.lines.recv_timeout(LOOK) {
                Ok(Line::Text(line)) => {
                    return String::from_utf8(line).map_err(|error| Symptom::Garbage {
                        line: abridged(error.as_bytes()),
                        expected: "it has to be UTF-8".into(),
                    });
                }
                Ok(Line::Endless) => return Err(Symptom::Endless { bytes: LINE }),
                Ok(Line::End) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(Symptom::Ended { status: self.end() });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            // A process that it has left behind may hold its output open.
            if ended.is_none() && has_ended(&mut self.child) {
                ended = Some(Instant::now() + GRACE);
            }
            if ended.is_some_and(|ended| Instant::now() >= ended) {
                return Err(Symptom::Ended { status: self.end() });
            }
            if Instant::now() >= deadline {
                return Err(Symptom::Silent { seconds: timeout.as_secs_f64() });
            }
        }
    }

    /// How it ended, in words.
    fn end(&mut self) -> String {
        let until = Instant::now() + GRACE;
        while !has_ended(&mut self.child) {
            if Instant::now() >= until {
                return "it closed its standard output".into();
            }
            thread::sleep(LOOK / 5);
        }
        self.kill();
        self.status.clone().unwrap_or_default()
    }

    /// Kills what there is of it, and takes it off the list of processes.
    fn kill(&mut self) {
        if self.status.is_none() {
            kill_group(&mut self.child);
            let status = self.child.wait();
            self.status =
                Some(status.map_or_else(|error| error.to_string(), |status| status.to_string()));
        }
    }

    /// Ends it, and says what it had to say.
    fn broken(&mut self, symptom: Symptom) -> Broken {
        self.questions = None;
        self.kill();
        let until = Instant::now() + GRACE;
        while !self.listener.is_finished() && Instant::now() < until {
            thread::sleep(LOOK / 5);
        }
        let kept = self.complaints.lock().map_or_else(|_| vec![], |kept| kept.clone());
        // Python underlines what it quotes.
        let is_underline = |line: &str| line.chars().all(|c| " ^~".contains(c));
        let kept = String::from_utf8_lossy(&kept);
        let told: Vec<&str> = kept.lines().filter(|line| !is_underline(line)).collect();
        let standard_error = told.join("\n").trim().to_owned();
        Broken { standard_error, ..Broken::new(symptom) }
    }
}

impl Drop for Pipes {
    /// Its input ends; what has not ended then is killed.
    fn drop(&mut self) {
        self.questions = None;
        let until = Instant::now() + GRACE;
        while self.status.is_none() && !has_ended(&mut self.child) && Instant::now() < until {
            thread::sleep(LOOK / 5);
        }
        self.kill();
    }
}

fn read_lines(mut output: impl BufRead, heard: &SyncSender<Line>) {
    loop {
        let mut line = vec![];
        let read = output.by_ref().take(LINE as u64).read_until(b'\n', &mut line);
        let heard_of = match read {
            Ok(1..) if line.ends_with(b"\n") => heard.send(Line::Text(line)),
            Ok(LINE..) => heard.send(Line::Endless),
            // The last line may lack its end.
            Ok(1..) => heard.send(Line::Text(line)),
            Ok(0) | Err(_) => {
                let _ = heard.send(Line::End);
                return;
            }
        };
        if heard_of.is_err() {
            return;
        }
    }
}

fn keep_end(mut error: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = error.read(&mut buffer) {
        if let Ok(mut kept) = kept.lock() {
            kept.extend_from_slice(&buffer[..read]);
            let excess = kept.len().saturating_sub(KEPT);
            kept.drain(..excess);
        }
    }
}

fn abridged(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end().chars().take(120).collect()
}

/// Whether a child has ended. It stays on the list of processes, so that its number is that of no other.
#[cfg(unix)]
fn has_ended(child: &mut Child) -> bool {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    // An error: it is off the list, since it has been waited for.
    id.is_none_or(|id| waitid(WaitId::Pid(id), options).map_or(true, |status| status.is_some()))
}

#[cfg(not(unix))]
fn has_ended(child: &mut Child) -> bool {
    child.try_wait().map_or(true, |status| status.is_some())
}

/// Kills a child that has not been waited for, and what it started.
#[cfg(unix)]
fn kill_group(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may have ended, and left nobody behind.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill_group(child: &mut Child) {
    let _ = child.kill();
}
