//! What `score-workbench` needs of libtorch and tch does not hand out: steps of an optimiser and of an average in few kernels, functions that a
//! GPU repeats from a recording, random numbers of one's own, and switches. All of the project's unsafe code is here and in `shim.cpp`, behind functions that are safe.

use std::any::Any;
use std::ffi::{CStr, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{NonNull, null_mut};

use tch::{TchError, Tensor};
use torch_sys::C_tensor;

/// What C++ knows of a recording.
#[repr(C)]
struct RawGraph {
    private: [u8; 0],
}

/// What C++ knows of a generator.
#[repr(C)]
struct RawGenerator {
    private: [u8; 0],
}

// SAFETY: the signatures are those of shim.cpp. None unwinds; those that return text return null or a string of malloc, which is the caller's.
unsafe extern "C" {
    fn score_fused_sgd(
        values: *const *const C_tensor,
        gradients: *const *const C_tensor,
        buffers: *const *const C_tensor,
        count: usize,
        decay: f64,
        momentum: f64,
        lr: f64,
        nesterov: bool,
    ) -> *mut c_char;
    fn score_lerp(
        from: *const *const C_tensor,
        to: *const *const C_tensor,
        count: usize,
        weight: f64,
    ) -> *mut c_char;
    safe fn score_switches(benchmark: bool, deterministic: bool, tf32: bool) -> *mut c_char;
    safe fn score_graph_available() -> *mut c_char;
    fn score_graph_new(device: c_int, graph: *mut *mut RawGraph) -> *mut c_char;
    fn score_graph_begin(graph: *mut RawGraph) -> *mut c_char;
    fn score_graph_end(graph: *mut RawGraph) -> *mut c_char;
    fn score_graph_replay(graph: *mut RawGraph) -> *mut c_char;
    fn score_graph_free(graph: *mut RawGraph);
    fn score_generator_new(seed: u64, generator: *mut *mut RawGenerator) -> *mut c_char;
    fn score_generator_draw(
        generator: *const RawGenerator,
        normal: bool,
        shape: *const i64,
        axes: usize,
        drawn: *mut *mut C_tensor,
    ) -> *mut c_char;
    fn score_generator_free(generator: *mut RawGenerator);
    fn score_observe(handle: *mut u64) -> *mut c_char;
    fn score_observed(handle: u64) -> *mut c_char;
}

/// The text in memory of malloc, which is freed; `None` for null.
fn text(text: *mut c_char) -> Option<String> {
    let text = NonNull::new(text)?;
    // SAFETY: every function above that returns text returns a string that ends with 0 and is nobody else's; it is read before it is freed.
    let owned = unsafe { CStr::from_ptr(text.as_ptr()) }.to_string_lossy().into_owned();
    // SAFETY: it comes from malloc, and nothing refers to it any more.
    unsafe { libc::free(text.as_ptr().cast()) };
    Some(owned)
}

fn check(why: *mut c_char) -> Result<(), TchError> {
    text(why).map_or(Ok(()), |why| Err(TchError::Torch(why)))
}

fn pointers(tensors: &[Tensor]) -> Vec<*const C_tensor> {
    tensors.iter().map(Tensor::as_ptr).collect()
}

/// Loads libtorch's CUDA libraries, if the loader finds them; call it before anything else asks libtorch for something. Whether there is a GPU is
/// another question.
///
/// # Errors
/// What the loader says. Nothing has changed then, and libtorch computes on CPUs.
pub fn load_cuda() -> Result<(), String> {
    // SAFETY: the name ends with 0. What runs on loading are the initialisers of libtorch's library, made for being loaded this way.
    let handle =
        unsafe { libc::dlopen(c"libtorch_cuda.so".as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
    if !handle.is_null() {
        return Ok(());
    }
    // SAFETY: it takes nothing, and its result is valid until this thread's next call, or null.
    let why = unsafe { libc::dlerror() };
    // SAFETY: as said; the text is copied at once.
    let why = NonNull::new(why).map(|why| unsafe { CStr::from_ptr(why.as_ptr()) });
    Err(why.map_or_else(String::new, |why| why.to_string_lossy().into_owned()))
}

/// libtorch's switches for GPUs, which are the process's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// Whether convolutions try what algorithm is fastest for a shape when they first see it.
    pub benchmark: bool,
    /// Whether they use those algorithms only that always give the same bits.
    pub deterministic: bool,
    /// Whether single precision may be rounded to 11 bits before it is multiplied.
    pub tf32: bool,
}

impl Switches {
    /// Sets them.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn set(self) -> Result<(), TchError> {
        check(score_switches(self.benchmark, self.deterministic, self.tf32))
    }
}

/// What a step of gradient descent does, as PyTorch's `SGD`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The decay of the weights.
    pub decay: f64,
    /// How much of a buffer stays.
    pub momentum: f64,
    /// The rate.
    pub lr: f64,
    /// Whether the step looks ahead.
    pub nesterov: bool,
}

impl Step {
    /// Takes the step in place, for all tensors in few kernels: values move, and buffers take in the gradients. A buffer that is 0 is one before the
    /// first step.
    ///
    /// # Errors
    /// What libtorch says of tensors of different shape, type, layout or device.
    ///
    /// # Panics
    /// For lists of different lengths.
    pub fn take(
        self,
        values: &[Tensor],
        gradients: &[Tensor],
        buffers: &[Tensor],
    ) -> Result<(), TchError> {
        assert!(values.len() == gradients.len() && values.len() == buffers.len());
        if values.is_empty() {
            return Ok(());
        }
        let Self { decay, momentum, lr, nesterov } = self;
        let (count, values) = (values.len(), pointers(values));
        let (gradients, buffers) = (pointers(gradients), pointers(buffers));
        // SAFETY: three lists of `count` pointers to tensors that are borrowed until the call returns; C++ checks that they fit together.
        check(unsafe {
            score_fused_sgd(
                values.as_ptr(),
                gradients.as_ptr(),
                buffers.as_ptr(),
                count,
                decay,
                momentum,
                lr,
                nesterov,
            )
        })
    }
}

/// Moves each tensor of `from` the share `weight` of the way to that of `to`, in place, for all tensors in few kernels; at 1 it gets there exactly.
///
/// # Errors
/// What libtorch says of tensors of different shape, type, layout or device.
///
/// # Panics
/// For lists of different lengths.
pub fn lerp(from: &[Tensor], to: &[Tensor], weight: f64) -> Result<(), TchError> {
    assert_eq!(from.len(), to.len());
    if from.is_empty() {
        return Ok(());
    }
    let (count, from, to) = (from.len(), pointers(from), pointers(to));
    // SAFETY: two lists of `count` pointers to tensors that are borrowed until the call returns; C++ checks that they fit together.
    check(unsafe { score_lerp(from.as_ptr(), to.as_ptr(), count, weight) })
}

/// What a GPU was asked to do, which it does again when told: a CUDA graph.
///
/// It reads and writes the memory that the function read and wrote when it was recorded. Keep its inputs, and change them in place; what it makes
/// lives as long as the result of the recording does.
#[derive(Debug)]
pub struct Graph(NonNull<RawGraph>);

impl Graph {
    /// Whether the libraries that are loaded can record.
    ///
    /// # Errors
    /// What is missing.
    pub fn available() -> Result<(), TchError> {
        check(score_graph_available())
    }

    /// Records what `f` asks the GPU with this number to do, on a stream of its own. `f` runs twice: once before, so that libraries
    /// settle on algorithms and memory. It must neither wait for the GPU nor copy from or to the host.
    ///
    /// # Errors
    /// What libtorch says, also in a panic. The GPU can be used on; nothing that `f` made during the recording has been computed.
    pub fn record<T, E: From<TchError>>(
        device: usize,
        f: impl Fn() -> Result<T, E>,
    ) -> Result<(Self, T), E> {
        let device = c_int::try_from(device).unwrap_or(c_int::MAX);
        let mut graph = null_mut();
        // SAFETY: the place for the result is valid.
        check(unsafe { score_graph_new(device, &raw mut graph) })?;
        let nothing = || TchError::Torch("no graph was made".into());
        // From here on dropping it ends what was begun.
        let graph = Self(NonNull::new(graph).ok_or_else(nothing)?);
        drop(caught(&f)?);
        // SAFETY: it is alive, on its own stream, and nothing has been captured yet.
        check(unsafe { score_graph_begin(graph.0.as_ptr()) })?;
        let result = caught(&f);
        // SAFETY: it is alive, and a capture has begun.
        let ended = check(unsafe { score_graph_end(graph.0.as_ptr()) });
        let result = result?;
        ended?;
        Ok((graph, result))
    }

    /// Does it again.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn replay(&self) -> Result<(), TchError> {
        // SAFETY: it is alive, and was captured to the end.
        check(unsafe { score_graph_replay(self.0.as_ptr()) })
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        // SAFETY: it is alive, and is not used after this.
        unsafe { score_graph_free(self.0.as_ptr()) };
    }
}

/// Random numbers of libtorch's generator for CPUs, apart from the one that is the process's: a seed gives the numbers that come after
/// `tch::manual_seed` with it, whatever other threads draw meanwhile.
#[derive(Debug)]
pub struct Generator(NonNull<RawGenerator>);

impl Generator {
    /// From a seed.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn new(seed: i64) -> Result<Self, TchError> {
        let mut generator = null_mut();
        // SAFETY: the place for the result is valid.
        check(unsafe { score_generator_new(seed.cast_unsigned(), &raw mut generator) })?;
        NonNull::new(generator).map(Self).ok_or_else(|| TchError::Torch("no generator".into()))
    }

    /// Numbers that are uniform on `[0, 1)`, in single precision and the host's memory.
    ///
    /// # Errors
    /// What libtorch says, of a negative size for one.
    pub fn uniform(&mut self, shape: &[i64]) -> Result<Tensor, TchError> {
        self.draw(false, shape)
    }

    /// The same, standard normal.
    ///
    /// # Errors
    /// As [`uniform`](Self::uniform).
    pub fn normal(&mut self, shape: &[i64]) -> Result<Tensor, TchError> {
        self.draw(true, shape)
    }

    fn draw(&mut self, normal: bool, shape: &[i64]) -> Result<Tensor, TchError> {
        let mut drawn = null_mut();
        // SAFETY: the generator is alive and borrowed by this call alone, the shape is borrowed for the call, the place for the result is valid.
        check(unsafe {
            score_generator_draw(
                self.0.as_ptr(),
                normal,
                shape.as_ptr(),
                shape.len(),
                &raw mut drawn,
            )
        })?;
        if drawn.is_null() {
            return Err(TchError::Torch("nothing was drawn".into()));
        }
        // SAFETY: it is a tensor on the heap that is nobody else's, as tch has them.
        Ok(unsafe { Tensor::from_ptr(drawn) })
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        // SAFETY: it is alive, and is not used after this.
        unsafe { score_generator_free(self.0.as_ptr()) };
    }
}

/// The result of `f`, in which tch's operators panic where libtorch fails.
fn caught<T, E: From<TchError>>(f: impl Fn() -> Result<T, E>) -> Result<T, E> {
    let said = |panic: &(dyn Any + Send)| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
    };
    catch_unwind(AssertUnwindSafe(f))
        .unwrap_or_else(|panic| Err(TchError::Torch(said(panic.as_ref())).into()))
}

/// The result of `f`, and the names of libtorch's operations that it called on this thread.
///
/// # Errors
/// What libtorch says.
pub fn operations<T>(f: impl FnOnce() -> T) -> Result<(T, Vec<String>), TchError> {
    let mut handle = 0;
    // SAFETY: the place for the handle is valid.
    check(unsafe { score_observe(&raw mut handle) })?;
    let mut observation = Observation(Some(handle));
    let result = f();
    let names = observation.end();
    Ok((result, names.lines().map(str::to_owned).collect()))
}

/// What is being observed, until it is ended or dropped.
struct Observation(Option<u64>);

impl Observation {
    fn end(&mut self) -> String {
        // SAFETY: the handle is that of a callback of this thread, and is used once.
        let names = self.0.take().map(|handle| unsafe { score_observed(handle) });
        names.and_then(text).unwrap_or_default()
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.end();
    }
}
