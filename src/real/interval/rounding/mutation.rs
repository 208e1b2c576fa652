//! Wrong roundings, one at a time, for the tests of the tests.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::panic::Location;

/// A place in the source that rounds outward: file, line and column.
pub(crate) type Site = (&'static str, u32, u32);

/// What a mutant does at its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    /// The outward step is left out.
    Dropped,
    /// The step goes inward.
    Flipped,
}

thread_local! {
    static ACTIVE: Cell<Option<(Site, Change)>> = const { Cell::new(None) };
    static SEEN: RefCell<BTreeSet<Site>> = const { RefCell::new(BTreeSet::new()) };
}

/// The change that the mutant makes at the caller's place.
#[track_caller]
pub(super) fn here() -> Option<Change> {
    let caller = Location::caller();
    let site = (caller.file(), caller.line(), caller.column());
    SEEN.with_borrow_mut(|seen| seen.insert(site));
    ACTIVE.get().filter(|(at, _)| *at == site).map(|(_, change)| change)
}

/// Runs `work` and lists the places that rounded.
pub(crate) fn sites(work: impl FnOnce()) -> BTreeSet<Site> {
    SEEN.take();
    work();
    SEEN.take()
}

/// Runs `work` on this thread with one place changed.
pub(crate) fn with<T>(site: Site, change: Change, work: impl FnOnce() -> T) -> T {
    ACTIVE.set(Some((site, change)));
    let result = work();
    ACTIVE.set(None);
    result
}
