//! Waiting for a condition, never longer than a deadline.

use std::future::Future;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Between two looks at a condition.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until `check` gives a value. Blocks the thread: within a tokio test use
/// [`until_async`] if the condition depends on the test's own tasks.
///
/// # Errors
/// When there is none after `within`; the error says what was waited for.
pub fn until<T>(
    what: &str,
    within: Duration,
    mut check: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(value) = check()? {
            return Ok(value);
        }
        if Instant::now() >= deadline {
            bail!("waited {within:?} in vain for {what}");
        }
        thread::sleep(PAUSE);
    }
}

/// [`until`] for a plain yes or no.
///
/// # Errors
/// When it is still no after `within`.
pub fn until_true(what: &str, within: Duration, mut check: impl FnMut() -> bool) -> Result<()> {
    until(what, within, || Ok(check().then_some(())))
}

/// [`until`] for a condition that has to be awaited. The deadline also ends a
/// single look that hangs.
///
/// # Errors
/// When there is no value after `within`.
pub async fn until_async<T, F>(
    what: &str,
    within: Duration,
    mut check: impl FnMut() -> F,
) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let looking = async {
        loop {
            if let Some(value) = check().await? {
                return Ok(value);
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(within, looking).await {
        Ok(found) => found,
        Err(_) => bail!("waited {within:?} in vain for {what}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{until, until_async, until_true};

    #[test]
    fn a_value_ends_the_wait_and_a_deadline_names_it() {
        let mut looks = 0;
        let third = until("the third look", Duration::from_secs(5), || {
            looks += 1;
            Ok((looks == 3).then_some(looks))
        });
        assert_eq!(third.unwrap(), 3);

        let error = until_true("the impossible", Duration::from_millis(30), || false).unwrap_err();
        assert!(error.to_string().contains("the impossible"), "{error}");
    }

    #[tokio::test]
    async fn a_look_that_hangs_is_ended_too() {
        let hang = || std::future::pending::<anyhow::Result<Option<()>>>();
        assert!(
            until_async("nothing", Duration::from_millis(30), hang)
                .await
                .is_err()
        );
    }
}
