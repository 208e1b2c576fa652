//! Work that is the same in every step, recorded once and repeated by a GPU without the host.

use score_torch_shim::Graph;
use tch::{Device, Tensor, no_grad};

use crate::error::Error;

/// How often a function is called before it is recorded, so that whatever is done on first use has been done.
const FIRST: u32 = 3;

/// Calls a function of tensors; on a GPU by a recording, from the fourth call on and for inputs of the shapes that it then had.
///
/// An attack is thousands of small operations, which a host hands over more slowly than a GPU does them; a recording (a CUDA graph) is handed over as
/// one. What the function reads besides its inputs has to stay where it is, and be changed in place only, as a network's weights are. Where recording
/// fails, the function is called as before, and [`note`](Self::note) says why.
#[derive(Debug, Default)]
pub struct Recorder {
    on: bool,
    calls: u32,
    recording: Option<Recording>,
    note: Option<String>,
}

#[derive(Debug)]
struct Recording {
    graph: Graph,
    inputs: Vec<Tensor>,
    output: Tensor,
}

impl Recorder {
    /// One that records where the inputs are on a GPU.
    #[must_use]
    pub fn new() -> Self {
        Self { on: true, ..Self::default() }
    }

    /// One that only calls.
    #[must_use]
    pub fn off() -> Self {
        Self::default()
    }

    /// The function of the inputs. It has to be the same function every time: nothing but tensors may differ between calls.
    ///
    /// # Errors
    /// What the function returns, [`Error::Torch`].
    pub fn call(
        &mut self,
        inputs: &[&Tensor],
        f: impl Fn(&[&Tensor]) -> Result<Tensor, Error>,
    ) -> Result<Tensor, Error> {
        match inputs.first().map(|input| input.device()) {
            Some(Device::Cuda(number)) => self.call_on(number, inputs, f),
            _ => f(inputs),
        }
    }

    fn call_on(
        &mut self,
        gpu: usize,
        inputs: &[&Tensor],
        f: impl Fn(&[&Tensor]) -> Result<Tensor, Error>,
    ) -> Result<Tensor, Error> {
        if self.on && self.recording.is_none() {
            self.calls += 1;
            if self.calls > FIRST {
                match Recording::new(gpu, inputs, &f) {
                    Ok(recording) => self.recording = Some(recording),
                    Err(error) => {
                        self.on = false;
                        self.note = Some(format!("the attack is not recorded: {error}"));
                    }
                }
            }
        }
        match self.recording.as_ref().filter(|recording| recording.fits(inputs)) {
            Some(recording) => recording.repeat(inputs),
            None => f(inputs),
        }
    }

    /// Why nothing could be recorded, once.
    pub fn note(&mut self) -> Option<String> {
        self.note.take()
    }
}

impl Recording {
    fn new(
        device: usize,
        inputs: &[&Tensor],
        f: impl Fn(&[&Tensor]) -> Result<Tensor, Error>,
    ) -> Result<Self, Error> {
        let inputs =
            inputs.iter().map(|input| super::copy(input)).collect::<Result<Vec<_>, _>>()?;
        let borrowed: Vec<&Tensor> = inputs.iter().collect();
        let (graph, output) = Graph::record(device, || f(&borrowed))?;
        Ok(Self { graph, inputs, output })
    }

    fn fits(&self, inputs: &[&Tensor]) -> bool {
        let same = |(own, given): (&Tensor, &&Tensor)| {
            own.size() == given.size() && own.kind() == given.kind()
        };
        self.inputs.len() == inputs.len() && self.inputs.iter().zip(inputs).all(same)
    }

    fn repeat(&self, inputs: &[&Tensor]) -> Result<Tensor, Error> {
        no_grad(|| {
            let mut pairs = self.inputs.iter().zip(inputs);
            pairs.try_for_each(|(own, given)| own.shallow_clone().f_copy_(given))
        })?;
        self.graph.replay()?;
        // The next repetition overwrites the output.
        Ok(super::copy(&self.output)?)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tch::Kind;

    use super::*;

    /// Tensors on a CPU with a GPU that is not there: recording fails, and the calls go on.
    #[test]
    fn what_cannot_be_recorded_is_called() {
        let calls = Cell::new(0);
        let double = |inputs: &[&Tensor]| {
            calls.set(calls.get() + 1);
            Ok(inputs[0].f_mul_scalar(2.0)?)
        };
        let mut recorder = Recorder::new();
        for call in 1..=6_i32 {
            let input = Tensor::full([2], i64::from(call), (Kind::Float, Device::Cpu));
            let output = recorder.call_on(0, &[&input], double).unwrap();
            assert_eq!(output.double_value(&[1]), 2.0 * f64::from(call));
            let note = recorder.note();
            assert_eq!(note.is_some(), call == 4, "{call}: {note:?}");
            assert!(note.is_none_or(|note| note.starts_with("the attack is not recorded: ")));
        }
        assert_eq!(calls.get(), 6);
    }

    #[test]
    fn a_recorder_that_is_off_and_one_on_a_cpu_only_call() {
        let input = Tensor::ones([2], (Kind::Float, Device::Cpu));
        for mut recorder in [Recorder::off(), Recorder::new()] {
            for _ in 0..6 {
                drop(recorder.call(&[&input], |inputs| Ok(inputs[0].shallow_clone())).unwrap());
            }
            assert_eq!((recorder.calls, recorder.note()), (0, None));
        }
        let mut off = Recorder::off();
        for _ in 0..6 {
            drop(off.call_on(0, &[&input], |inputs| Ok(inputs[0].shallow_clone())).unwrap());
        }
        assert_eq!(off.note(), None);
    }
}
