use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::sync::LazyLock;

use tempfile::TempDir;

use super::*;

/// The smallest component.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const DIGEST: &str = "0123";

/// One for all tests: an engine sets much of the address space aside.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());

struct Kept {
    folder: TempDir,
    cache: Cache,
}

/// A cache that holds one module.
fn kept() -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path()).unwrap();
    let kept = Kept { folder, cache };
    kept.put_again();
    kept
}

impl Kept {
    fn path(&self) -> PathBuf {
        self.folder.path().join(name(&ENGINE, DIGEST))
    }

    fn loads(&self) -> bool {
        self.cache.get(&ENGINE, DIGEST).is_some()
    }

    fn put_again(&self) {
        let component = Component::new(ENGINE.inner(), COMPONENT).unwrap();
        self.cache.put(&ENGINE, DIGEST, &component);
    }
}

#[test]
fn what_was_kept_is_loaded_in_the_next_process_too() {
    let kept = kept();
    assert!(kept.loads());
    let again = Cache::open(kept.folder.path()).unwrap();
    assert!(again.get(&Engine::new().unwrap(), DIGEST).is_some());
}

#[test]
fn directory_key_and_files_are_ours_alone() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("state/filters");
    let cache = Cache::open(&directory).unwrap();
    let component = Component::new(ENGINE.inner(), COMPONENT).unwrap();
    cache.put(&ENGINE, DIGEST, &component);

    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    let mut entries = 0;
    for entry in fs::read_dir(&directory).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
        entries += 1;
    }
    assert_eq!(entries, 2, "the key, the module, and nothing left aside");
}

#[test]
fn every_changed_byte_is_found() {
    let kept = kept();
    let whole = fs::read(kept.path()).unwrap();
    for at in [
        0,
        key::LENGTH - 1,
        key::LENGTH,
        whole.len() / 2,
        whole.len() - 1,
    ] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(kept.path(), &changed).unwrap();
        assert!(!kept.loads(), "byte {at}");
    }
    fs::write(kept.path(), &whole).unwrap();
    assert!(kept.loads());
}

#[test]
fn a_truncated_file_is_not_loaded() {
    let kept = kept();
    let whole = fs::read(kept.path()).unwrap();
    for length in [0, 1, key::LENGTH, whole.len() - 1] {
        fs::write(kept.path(), &whole[..length]).unwrap();
        assert!(!kept.loads(), "{length} bytes");
    }
    let longer = [&whole[..], b"\0"].concat();
    fs::write(kept.path(), longer).unwrap();
    assert!(!kept.loads());
}

#[test]
fn a_file_sealed_elsewhere_is_not_loaded() {
    let (kept, elsewhere) = (kept(), self::kept());
    fs::copy(elsewhere.path(), kept.path()).unwrap();
    assert!(!kept.loads());
}

#[test]
fn a_module_does_not_pass_for_another() {
    let kept = kept();
    let other = kept.folder.path().join(name(&ENGINE, "4567"));
    fs::copy(kept.path(), other).unwrap();
    assert!(kept.cache.get(&ENGINE, "4567").is_none());
}

#[test]
fn a_link_is_not_followed() {
    let kept = kept();
    let aside = kept.folder.path().join("aside");
    fs::rename(kept.path(), &aside).unwrap();
    symlink(&aside, kept.path()).unwrap();
    assert!(!kept.loads());
    kept.put_again();
    assert!(kept.loads(), "the link is replaced, not what it led to");
    assert!(!fs::symlink_metadata(kept.path()).unwrap().is_symlink());
}

#[test]
fn a_pipe_is_not_waited_for() {
    let kept = kept();
    fs::remove_file(kept.path()).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, kept.path(), kind, mode, 0).unwrap();
    assert!(!kept.loads());
}

#[test]
fn a_file_that_others_may_write_is_not_loaded() {
    let kept = kept();
    for mode in [0o620, 0o602] {
        fs::set_permissions(kept.path(), Permissions::from_mode(mode)).unwrap();
        assert!(!kept.loads(), "{mode:o}");
    }
    kept.put_again();
    assert!(kept.loads());
}

#[test]
fn a_file_of_somebody_else_is_not_loaded() {
    let kept = kept();
    if std::os::unix::fs::chown(kept.path(), Some(12345), None).is_err() {
        // Only root can give a file away; elsewhere nobody can plant one so.
        assert_ne!(rustix::process::geteuid().as_raw(), 0);
        return;
    }
    assert!(!kept.loads());
}

#[test]
fn a_directory_that_others_may_write_is_no_cache() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o770)).unwrap();
    assert!(matches!(
        Cache::open(folder.path()),
        Err(CacheError::Unsafe(_))
    ));
}

#[test]
fn a_key_that_others_may_read_is_no_key() {
    let kept = kept();
    let key = kept.folder.path().join("cache.key");
    fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        Cache::open(kept.folder.path()),
        Err(CacheError::Unsafe(path)) if path == key
    ));
    fs::remove_file(&key).unwrap();
    symlink("/dev/zero", &key).unwrap();
    assert!(Cache::open(kept.folder.path()).is_err());
}

#[test]
fn processes_that_start_together_agree_on_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let sealed: Vec<_> = std::thread::scope(|scope| {
        let open = || Cache::open(folder.path()).unwrap().key.seal("", b"");
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(sealed.windows(2).all(|pair| pair[0] == pair[1]));
}
