//! One number per class, without an allocation for up to four classes.

use std::array;
use std::ops::{Deref, DerefMut};
use std::slice;

/// One entry per class.
///
/// The numbers of classes that occur most have arrays of their own, so that the inner loops of the integrands compile to straight
/// lines. It is used as the slice that it dereferences to.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<R>(Entries<R>);

#[derive(Clone, Debug, PartialEq)]
enum Entries<R> {
    Two([R; 2]),
    Three([R; 3]),
    Four([R; 4]),
    Any(Vec<R>),
}

impl<R> Row<R> {
    /// The row of `length` entries with entry `k` equal to `f(k)`.
    #[inline]
    pub fn from_fn(length: usize, mut f: impl FnMut(usize) -> R) -> Self {
        Self(match length {
            2 => Entries::Two(array::from_fn(f)),
            3 => Entries::Three(array::from_fn(f)),
            4 => Entries::Four(array::from_fn(f)),
            _ => Entries::Any((0..length).map(&mut f).collect()),
        })
    }

    /// The row of two entries.
    #[inline]
    pub(super) fn pair(entries: [R; 2]) -> Self {
        Self(Entries::Two(entries))
    }

    /// The row of the images of the entries.
    #[inline]
    #[must_use]
    pub fn map<S>(&self, mut f: impl FnMut(&R) -> S) -> Row<S> {
        Row(match &self.0 {
            Entries::Two(entries) => Entries::Two(entries.each_ref().map(f)),
            Entries::Three(entries) => Entries::Three(entries.each_ref().map(f)),
            Entries::Four(entries) => Entries::Four(entries.each_ref().map(f)),
            Entries::Any(entries) => Entries::Any(entries.iter().map(&mut f).collect()),
        })
    }
}

impl<R> Deref for Row<R> {
    type Target = [R];

    #[inline]
    fn deref(&self) -> &[R] {
        match &self.0 {
            Entries::Two(entries) => entries,
            Entries::Three(entries) => entries,
            Entries::Four(entries) => entries,
            Entries::Any(entries) => entries,
        }
    }
}

impl<R> DerefMut for Row<R> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [R] {
        match &mut self.0 {
            Entries::Two(entries) => entries,
            Entries::Three(entries) => entries,
            Entries::Four(entries) => entries,
            Entries::Any(entries) => entries,
        }
    }
}

impl<'a, R> IntoIterator for &'a Row<R> {
    type Item = &'a R;
    type IntoIter = slice::Iter<'a, R>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, R> IntoIterator for &'a mut Row<R> {
    type Item = &'a mut R;
    type IntoIter = slice::IterMut<'a, R>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<R> From<Vec<R>> for Row<R> {
    fn from(entries: Vec<R>) -> Self {
        let mut rest = entries.into_iter();
        let length = rest.len();
        Self::from_fn(length, |_| rest.next().expect("as many entries as the vector is long"))
    }
}

impl<R, const K: usize> From<[R; K]> for Row<R> {
    fn from(entries: [R; K]) -> Self {
        Self::from(Vec::from(entries))
    }
}

impl<R> FromIterator<R> for Row<R> {
    fn from_iter<I: IntoIterator<Item = R>>(entries: I) -> Self {
        Self::from(entries.into_iter().collect::<Vec<R>>())
    }
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn every_length_keeps_its_entries_in_order() {
        for length in 0..7_usize {
            let row = Row::from_fn(length, |k| k);
            assert_eq!(&*row, (0..length).collect::<Vec<_>>());
            assert_eq!(row, row.iter().copied().collect());
            assert_eq!(row.map(|k| 2 * k).last(), length.checked_sub(1).map(|k| 2 * k).as_ref());
        }
    }
}
