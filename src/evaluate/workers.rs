//! Batches that are attacked side by side.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use tch::Tensor;

use super::attack::Classifier;
use crate::error::Error;

/// Who computes. Each batch has random numbers of its own and is computed by one model, so that no number depends on it, but for the rounding of operations that
/// libtorch shares among threads.
pub enum Workers<'a> {
    /// One model, on this thread.
    One(&'a dyn Classifier),
    /// The same model several times, at least once: each on a thread of its own attacks a batch while the others attack theirs. They share the threads that
    /// libtorch has for this one; a batch that is alone has all of them.
    Many(&'a mut [Box<dyn Classifier + Send>]),
}

impl fmt::Debug for Workers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::One(_) => f.write_str("One"),
            Self::Many(models) => write!(f, "Many({})", models.len()),
        }
    }
}

impl Workers<'_> {
    /// One of the models.
    pub(super) fn first(&self) -> &dyn Classifier {
        match self {
            Self::One(model) => *model,
            Self::Many(models) => &*models[0],
        }
    }

    /// Does all jobs, each with a model, images and labels, and hands over what they give, in their order.
    ///
    /// # Errors
    /// What `take` returns; jobs that have not begun then never do.
    pub(super) fn each<J: Sync, T: Send>(
        &mut self,
        jobs: &[J],
        (images, y): (&Tensor, &Tensor),
        work: impl Fn(&J, &dyn Classifier, &Tensor, &Tensor) -> T + Sync,
        mut take: impl FnMut(&J, T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let side_by_side = match self {
            Self::One(_) => 1,
            Self::Many(models) => models.len().min(jobs.len()),
        };
        let models = match self {
            Self::Many(models) if side_by_side > 1 => models,
            alone => {
                let model = alone.first();
                return jobs.iter().try_for_each(|job| take(job, work(job, model, images, y)));
            }
        };
        let threads = tch::get_num_threads();
        let share = threads / i32::try_from(side_by_side).unwrap_or(i32::MAX);
        let (next, work) = (&AtomicUsize::new(0), &work);
        let ended = thread::scope(|scope| {
            let (sender, done) = mpsc::channel();
            for model in models.iter_mut().take(side_by_side) {
                let sender = sender.clone();
                // Handles on the same memory: a tensor belongs to one thread at a time.
                let (images, y) = (images.shallow_clone(), y.shallow_clone());
                scope.spawn(move || {
                    tch::set_num_threads(share.max(1));
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let Some(job) = jobs.get(i) else { return };
                        // Nobody listens any more after an error.
                        if sender.send((i, work(job, &**model, &images, &y))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            let (mut early, mut due) = (BTreeMap::new(), 0);
            for (i, given) in done {
                early.insert(i, given);
                while let Some(given) = early.remove(&due) {
                    take(&jobs[due], given)?;
                    due += 1;
                }
            }
            Ok(())
        });
        // It is said for a thread, but parts of libtorch hear it for all.
        tch::set_num_threads(threads);
        ended
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn many(count: usize) -> Vec<Box<dyn Classifier + Send>> {
        (0..count).map(|_| Box::new(|x: &Tensor| Ok(x.shallow_clone())) as _).collect()
    }

    /// Later jobs are over before earlier ones; an error ends it.
    #[test]
    fn what_jobs_give_is_taken_in_their_order() {
        let x = Tensor::from_slice(&[1.0]);
        let jobs: Vec<u64> = (0..12).collect();
        let work = |job: &u64, model: &dyn Classifier, x: &Tensor, y: &Tensor| {
            thread::sleep(Duration::from_millis(5 * (job % 3)));
            assert!(model.logits(x).unwrap().equal(y));
            10 * job
        };
        for count in [1, 3, 20] {
            let mut models = many(count);
            let mut taken = vec![];
            let mut take = |job: &u64, given| {
                taken.push((*job, given));
                if *job == 7 { Err(Error::Empty { what: "rest" }) } else { Ok(()) }
            };
            let ended = Workers::Many(&mut models).each(&jobs, (&x, &x), work, &mut take);
            assert_eq!(ended, Err(Error::Empty { what: "rest" }));
            assert_eq!(taken, (0..8).map(|job| (job, 10 * job)).collect::<Vec<_>>());
        }
        let none: &[u64] = &[];
        assert_eq!(Workers::Many(&mut many(2)).each(none, (&x, &x), work, |_, _| Ok(())), Ok(()));
    }
}
