//! The key of a cache, and the seal that files carry under it.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::files;

/// Length of the key and of a MAC, in bytes.
pub(super) const LENGTH: usize = 32;

/// The key of a cache.
pub(super) struct Key([u8; LENGTH]);

impl Key {
    /// The key in a file, made at first use. `None` when others could have read
    /// or written it.
    pub(super) fn open(path: &Path) -> io::Result<Option<Self>> {
        let mut file = match files::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(path)?;
                files::open(path)?
            }
            opened => opened?,
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() || !files::ours(&metadata) || metadata.mode() & 0o077 != 0 {
            return Ok(None);
        }
        let mut key = [0; LENGTH];
        file.read_exact(&mut key)?;
        Ok(Some(Self(key)))
    }

    /// The MAC of a module in the file of that name.
    pub(super) fn seal(&self, name: &str, module: &[u8]) -> [u8; LENGTH] {
        self.mac(name, module).finalize().into_bytes().into()
    }

    /// The module in a file of that name, if the file's MAC is good.
    pub(super) fn verified<'a>(&self, name: &str, file: &'a [u8]) -> Option<&'a [u8]> {
        let (mac, module) = file.split_at_checked(LENGTH)?;
        self.mac(name, module).verify_slice(mac).ok()?;
        Some(module)
    }

    /// Bound to the name, so that no module can take another's place.
    fn mac(&self, name: &str, module: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any key length");
        mac.update(&(name.len() as u64).to_be_bytes());
        mac.update(name.as_bytes());
        mac.update(module);
        mac
    }
}

/// Makes a key. It is whole before it has its name, and if another process was
/// faster, that one's key stands.
fn make(path: &Path) -> io::Result<()> {
    let aside = path.with_extension(format!("{:016x}.new", rand::random::<u64>()));
    let key: [u8; LENGTH] = rand::random();
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&aside)?;
    let linked = file
        .write_all(&key)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&aside, path));
    fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
