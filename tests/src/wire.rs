//! A PostgreSQL client by hand, for what no library sends: messages out of order,
//! bytes too early, calls past the grammar. (<https://www.postgresql.org/docs/current/protocol-message-formats.html>)

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use socket2::SockRef;

/// Longer than any answer of ours takes.
const WITHIN: Duration = Duration::from_secs(20);
/// Longest message that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// The code of an SSLRequest.
pub const SSL_REQUEST: u32 = 80_877_103;
/// The code of a GSSENCRequest.
pub const GSSENC_REQUEST: u32 = 80_877_104;
/// The code of a CancelRequest.
pub const CANCEL_REQUEST: u32 = 80_877_102;

/// A connection without encryption.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
}

/// A message of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its type, such as `Z` for ReadyForQuery.
    pub tag: char,
    /// What comes after the length.
    pub body: Vec<u8>,
}

impl Wire {
    /// # Errors
    /// When nobody listens.
    pub fn connect(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&server, WITHIN)?;
        stream.set_read_timeout(Some(WITHIN))?;
        // A message that is sent alone does not wait for the answer to the one before.
        stream.set_nodelay(true)?;
        Ok(Self { stream })
    }

    /// Connects, logs in by password and reads on to the first ReadyForQuery.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn login(server: SocketAddr, database: &str, password: &str) -> Result<Self> {
        Self::login_as(server, "agent", database, password)
    }

    /// As [`Wire::login`], for a server that knows users.
    ///
    /// # Errors
    /// When the server refuses, or wants the password other than in the clear.
    pub fn login_as(
        server: SocketAddr,
        user: &str,
        database: &str,
        password: &str,
    ) -> Result<Self> {
        let mut wire = Self::connect(server)?;
        wire.enter(user, database, password)?;
        Ok(wire)
    }

    fn enter(&mut self, user: &str, database: &str, password: &str) -> Result<Vec<Message>> {
        self.startup(3 << 16, &[("user", user), ("database", database)])?;
        let asked = self.message()?;
        if asked.tag == 'E' {
            bail!("{user} is refused: {:?}", asked.field('M'));
        }
        self.password(password)?;
        self.until('Z')
    }

    /// As [`Wire::login`], with what a cancel request has to name.
    ///
    /// # Errors
    /// When the server refuses, or gives no key.
    pub fn login_with_key(
        server: SocketAddr,
        database: &str,
        password: &str,
    ) -> Result<(Self, Vec<u8>)> {
        let mut wire = Self::connect(server)?;
        let told = wire.enter("agent", database, password)?;
        let key = told.into_iter().find(|message| message.tag == 'K');
        Ok((wire, key.context("no key to cancel by")?.body))
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the server has closed.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes)?)
    }

    /// Sends a packet without a type: a start-up message or a request.
    ///
    /// # Errors
    /// When the server has closed.
    pub fn packet(&mut self, code: u32, rest: &[u8]) -> Result<()> {
        self.send(&framed(&[code.to_be_bytes().as_slice(), rest].concat()))
    }

    /// Sends a start-up message; `version` is 3 << 16 plus the minor one.
    ///
    /// # Errors
    /// When the server has closed.
    pub fn startup(&mut self, version: u32, parameters: &[(&str, &str)]) -> Result<()> {
        let mut body = Vec::new();
        for (name, value) in parameters {
            body.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
        }
        body.push(0);
        self.packet(version, &body)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// When the server has closed.
    pub fn tagged(&mut self, tag: char, body: &[u8]) -> Result<()> {
        self.send(&message(tag, body))
    }

    /// Sends a password message.
    ///
    /// # Errors
    /// When the server has closed.
    pub fn password(&mut self, password: &str) -> Result<()> {
        self.tagged('p', format!("{password}\0").as_bytes())
    }

    /// Sends a Query.
    ///
    /// # Errors
    /// When the server has closed.
    pub fn query(&mut self, sql: &str) -> Result<()> {
        self.send(&query(sql))
    }

    /// Sends a statement: a Query, or messages of the extended protocol that want the result in binary.
    ///
    /// # Errors
    /// When the server has closed.
    pub fn ask(&mut self, sql: &str, binary: bool) -> Result<()> {
        if !binary {
            return self.query(sql);
        }
        self.tagged('P', format!("\0{sql}\0\0\0").as_bytes())?;
        self.tagged('B', b"\0\0\0\0\0\0\0\x01\0\x01")?;
        self.tagged('D', b"P\0")?;
        self.tagged('E', b"\0\0\0\0\0")?;
        self.tagged('S', b"")
    }

    /// Reads one byte: the answer to a request for encryption.
    ///
    /// # Errors
    /// When the server has closed.
    pub fn byte(&mut self) -> Result<char> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte)?;
        Ok(char::from(byte[0]))
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When the server has closed, or its message is longer than any of ours.
    pub fn message(&mut self) -> Result<Message> {
        let mut tag = [0];
        self.stream.read_exact(&mut tag)?;
        self.rest_of(tag)
    }

    /// Reads what comes behind the type of a message.
    fn rest_of(&mut self, tag: [u8; 1]) -> Result<Message> {
        let tag = char::from(tag[0]);
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length))?.saturating_sub(4);
        if length > LONGEST {
            bail!("a message {tag} of {length} bytes");
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Message { tag, body })
    }

    /// Reads messages up to one of this type, which is the last.
    ///
    /// # Errors
    /// As [`Wire::message`].
    pub fn until(&mut self, tag: char) -> Result<Vec<Message>> {
        let mut messages = Vec::new();
        loop {
            let message = self.message()?;
            let last = message.tag == tag;
            messages.push(message);
            if last {
                return Ok(messages);
            }
        }
    }

    /// All messages up to the end of the connection.
    ///
    /// # Errors
    /// When it ends within a message.
    pub fn to_the_end(&mut self) -> Result<Vec<Message>> {
        Ok(self.until_end_or('\0')?.0)
    }

    /// Messages up to one of this type, or up to the end of the connection; true if
    /// there was one of it.
    ///
    /// # Errors
    /// When the connection ends within a message.
    pub fn until_end_or(&mut self, tag: char) -> Result<(Vec<Message>, bool)> {
        let mut messages = Vec::new();
        loop {
            let mut first = [0];
            // A reset is an end as well.
            match self.stream.read(&mut first) {
                Ok(1) => messages.push(self.rest_of(first)?),
                Ok(_) => return Ok((messages, false)),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                    return Ok((messages, false));
                }
                Err(error) => return Err(error.into()),
            }
            if messages.last().is_some_and(|message| message.tag == tag) {
                return Ok((messages, true));
            }
        }
    }

    /// Waits so long for what comes.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn patience(&self, within: Duration) -> Result<()> {
        Ok(self.stream.set_read_timeout(Some(within))?)
    }

    /// Ends the connection without a goodbye, as a system that loses power does not say
    /// one either.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn reset(self) -> Result<()> {
        Ok(SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))?)
    }

    /// Whether the server closes without another byte.
    pub fn is_closed(&mut self) -> bool {
        matches!(self.stream.read(&mut [0]), Ok(0) | Err(_))
    }
}

impl Message {
    /// A field of an ErrorResponse or NoticeResponse by its letter: `C` is the SQLSTATE.
    pub fn field(&self, letter: char) -> Option<String> {
        let mut fields = self.body.split(|byte| *byte == 0);
        let found = fields.find(|field| field.first().copied().map(char::from) == Some(letter))?;
        Some(String::from_utf8_lossy(found.get(1..)?).into_owned())
    }
}

/// The SQLSTATE of the first error among messages.
pub fn sqlstate(messages: &[Message]) -> Option<String> {
    let error = messages.iter().find(|message| message.tag == 'E')?;
    error.field('C')
}

/// A message, as it is sent; its type is an ASCII character.
pub fn message(tag: char, body: &[u8]) -> Vec<u8> {
    let mut bytes = tag.to_string().into_bytes();
    bytes.extend(framed(body));
    bytes
}

/// A Query, as it is sent.
pub fn query(sql: &str) -> Vec<u8> {
    message('Q', format!("{sql}\0").as_bytes())
}

/// With its length in front.
fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [length.to_be_bytes().as_slice(), body].concat()
}
