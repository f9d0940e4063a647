//! Steps of a case: a Query, or lines that are a message each.
//!
//! ```text
//! SELECT 1                           a Query, over as many lines as it needs
//! \in other                          the lines and steps below are of another session
//! \open other options=-c jit=off     the same, with a start-up parameter
//! \query SELECT 1                    a Query that is not waited for
//! \parse name | SELECT $1            (`-` is the name that is none)
//! \bind portal | statement | 0 | x   results as text (0) or binary (1), then parameters
//! \describe S name                   also P
//! \execute portal 0                  most rows
//! \close P portal
//! \flush
//! \sync
//! \call 1234 x                       a FunctionCall with arguments as text
//! \copy a,b                          a line of COPY data
//! \done                              its end
//! ```
//!
//! A step waits for all its answers.

use anyhow::{Context, Result, bail};

/// What is sent before the answers are waited for.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) acts: Vec<Act>,
}

/// One thing that a client does.
#[derive(Debug)]
pub(crate) enum Act {
    /// Goes on in this session, which is opened with a start-up parameter if it is new.
    In(String, Option<(String, String)>),
    /// A message, and whether ReadyForQuery answers it.
    Send(char, Vec<u8>, bool),
    /// Data for a COPY that has begun.
    Copy(char, Vec<u8>),
}

impl Step {
    /// # Errors
    /// When a line is none of those above.
    pub(crate) fn parse(lines: &[String]) -> Result<Self> {
        let mut step = Self::default();
        let mut lines = lines.iter();
        while let Some(line) = lines.next() {
            match line.strip_prefix('\\') {
                Some(line) => step.acts.push(act(line).with_context(|| line.to_owned())?),
                None => {
                    // The rest is a Query.
                    let text = lines
                        .by_ref()
                        .fold(line.clone(), |text, line| text + "\n" + line);
                    step.acts.push(query(&text));
                }
            }
        }
        Ok(step)
    }
}

fn act(line: &str) -> Result<Act> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let parts: Vec<&str> = rest.split(" | ").map(name).collect();
    Ok(match (word, parts.as_slice()) {
        ("in", [session]) => Act::In((*session).to_owned(), None),
        ("open", _) => {
            let (session, parameter) = rest.split_once(' ').context("a parameter")?;
            let (key, value) = parameter.split_once('=').context("key=value")?;
            Act::In(session.to_owned(), Some((key.to_owned(), value.to_owned())))
        }
        ("query", _) => query(rest),
        ("parse", [name, text @ ..]) => {
            let text = text.join(" | ");
            send('P', &[&zero(name), &zero(&text), &[0, 0]])
        }
        ("bind", [portal, statement, format, parameters @ ..]) => {
            bind(portal, statement, format, parameters)?
        }
        ("describe" | "close", _) => {
            let (kind, rest) = rest.split_once(' ').context("S or P")?;
            let tag = if word == "close" { 'C' } else { 'D' };
            send(tag, &[kind.as_bytes(), &zero(name(rest))])
        }
        ("execute", _) => {
            let (portal, most) = rest.split_once(' ').context("a number of rows")?;
            send(
                'E',
                &[&zero(name(portal)), &most.parse::<u32>()?.to_be_bytes()],
            )
        }
        ("flush", _) => send('H', &[]),
        ("sync", _) => Act::Send('S', Vec::new(), true),
        ("call", _) => {
            let mut words = rest.split(' ');
            let function: u32 = words.next().context("an oid")?.parse()?;
            let mut body = function.to_be_bytes().to_vec();
            body.extend(0_u16.to_be_bytes());
            body.extend(values(&words.collect::<Vec<_>>())?);
            body.extend(0_u16.to_be_bytes());
            Act::Send('F', body, true)
        }
        ("copy", _) => Act::Copy('d', format!("{rest}\n").into_bytes()),
        ("done", _) => Act::Copy('c', Vec::new()),
        _ => bail!("not a message"),
    })
}

fn query(text: &str) -> Act {
    Act::Send('Q', zero(text), true)
}

fn bind(portal: &str, statement: &str, format: &str, parameters: &[&str]) -> Result<Act> {
    let format: u16 = format.parse()?;
    let mut body = [zero(portal), zero(statement), vec![0, 0]].concat();
    body.extend(values(parameters)?);
    body.extend([1_u16.to_be_bytes(), format.to_be_bytes()].concat());
    Ok(Act::Send('B', body, false))
}

/// A number of values, and each with its length before it.
fn values(texts: &[&str]) -> Result<Vec<u8>> {
    let mut bytes = u16::try_from(texts.len())?.to_be_bytes().to_vec();
    for text in texts {
        bytes.extend(u32::try_from(text.len())?.to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    Ok(bytes)
}

fn send(tag: char, parts: &[&[u8]]) -> Act {
    Act::Send(tag, parts.concat(), false)
}

fn name(text: &str) -> &str {
    match text.trim() {
        "-" => "",
        text => text,
    }
}

fn zero(text: &str) -> Vec<u8> {
    [text.as_bytes(), b"\0"].concat()
}
