// What tch does not hand out of libtorch, as C functions. What can fail returns null, or why it failed in memory of malloc.
//
// Nothing here is linked against libtorch's CUDA libraries or needs CUDA's headers: streams come through libtorch's own registry of devices,
// and the five functions of at::cuda::CUDAGraph are looked up by name once libtorch_cuda.so is there (build.rs pins the version by torch-sys's).

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/record_function.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <dlfcn.h>

#include <cstddef>
#include <cstring>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

// libtorch adds a stack to what it says; what() without it is what a user needs.
template <class F> char *guarded(F f) {
    try {
        f();
        return nullptr;
    } catch (const c10::Error &error) {
        return strdup(error.what_without_backtrace());
    } catch (const std::exception &error) {
        return strdup(error.what());
    } catch (...) {
        return strdup("an exception of unknown type");
    }
}

std::vector<at::Tensor> list(at::Tensor *const *tensors, size_t count) {
    std::vector<at::Tensor> all;
    all.reserve(count);
    for (size_t i = 0; i < count; i++) all.push_back(*tensors[i]);
    return all;
}

// The kernels walk through memory and look at neither shapes nor strides.
void check_alike(const at::Tensor &one, const at::Tensor &other) {
    TORCH_CHECK(one.sizes() == other.sizes() && one.strides() == other.strides() && one.scalar_type() == other.scalar_type() &&
                    one.device() == other.device() && one.is_non_overlapping_and_dense(),
                "tensors of different shape, layout, type or device");
}

// at::cuda::CUDAGraph, by the names of the Itanium ABI; a member function is a function of `this`.
struct Calls {
    void (*construct)(void *, bool);
    void (*destroy)(void *);
    void (*begin)(void *, std::pair<unsigned long long, unsigned long long>, int);
    void (*end)(void *);
    void (*replay)(void *);
};

template <class F> void find(F *&function, const char *name) {
    function = reinterpret_cast<F *>(dlsym(RTLD_DEFAULT, name));
    TORCH_CHECK(function, "this libtorch has no ", name);
}

const Calls &calls() {
    static const Calls found = [] {
        Calls calls{};
        find(calls.construct, "_ZN2at4cuda9CUDAGraphC1Eb");
        find(calls.destroy, "_ZN2at4cuda9CUDAGraphD1Ev");
        find(calls.begin, "_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode");
        find(calls.end, "_ZN2at4cuda9CUDAGraph11capture_endEv");
        find(calls.replay, "_ZN2at4cuda9CUDAGraph6replayEv");
        return calls;
    }();
    return found;
}

// A CUDAGraph in memory of its own, and the stream that it is captured on. libtorch 2.11 asks for 104 bytes.
struct Graph {
    alignas(std::max_align_t) std::byte storage[1024];
    c10::impl::VirtualGuardImpl cuda{c10::DeviceType::CUDA};
    c10::Device device;
    c10::Stream outer, inner;
    bool constructed = false, inside = false, capturing = false;

    explicit Graph(c10::Device device) : device(device), outer(cuda.getStream(device)), inner(cuda.getStreamFromGlobalPool(device)) {}

    void enter() {
        cuda.synchronizeDevice(device.index());
        cuda.exchangeStream(inner);
        inside = true;
    }
    void begin() {
        cuda.synchronizeDevice(device.index());
        calls().construct(storage, false);
        constructed = true;
        // No pool that is shared with other graphs, and cudaStreamCaptureModeGlobal.
        calls().begin(storage, {0, 0}, 0);
        capturing = true;
    }
    void end() {
        if (!capturing) return;
        capturing = false;
        calls().end(storage);
    }
    void leave() {
        if (!inside) return;
        inside = false;
        cuda.exchangeStream(outer);
        cuda.synchronizeDevice(device.index());
    }
    ~Graph() {
        free(guarded([&] { end(); }));
        free(guarded([&] { leave(); }));
        if (constructed) free(guarded([&] { calls().destroy(storage); }));
    }
};

// The names of this thread's operations while they are observed.
thread_local std::string observed;

} // namespace

extern "C" {

char *score_fused_sgd(at::Tensor *const *values, at::Tensor *const *gradients, at::Tensor *const *buffers, size_t count, double decay,
                      double momentum, double lr, bool nesterov) {
    return guarded([&] {
        auto w = list(values, count), g = list(gradients, count), v = list(buffers, count);
        for (size_t i = 0; i < count; i++) {
            check_alike(w[i], v[i]);
            // A gradient may have come in another layout.
            if (g[i].sizes() == w[i].sizes() && g[i].strides() != w[i].strides()) g[i] = at::empty_like(w[i]).copy_(g[i]);
            check_alike(w[i], g[i]);
        }
        at::_fused_sgd_(w, g, v, decay, momentum, lr, /*dampening=*/0.0, nesterov, /*maximize=*/false, /*is_first_step=*/false);
    });
}

char *score_lerp(at::Tensor *const *from, at::Tensor *const *to, size_t count, double weight) {
    return guarded([&] {
        auto a = list(from, count), b = list(to, count);
        for (size_t i = 0; i < count; i++) check_alike(a[i], b[i]);
        at::_foreach_lerp_(a, b, weight);
    });
}

char *score_switches(bool benchmark, bool deterministic, bool tf32) {
    return guarded([&] {
        auto &context = at::globalContext();
        context.setBenchmarkCuDNN(benchmark);
        context.setDeterministicCuDNN(deterministic);
        context.setAllowTF32CuDNN(tf32);
        context.setAllowTF32CuBLAS(tf32);
    });
}

char *score_graph_available() {
    return guarded([] { calls(); });
}

// Goes to a stream of its own, on which a capture can begin.
char *score_graph_new(int device, Graph **graph) {
    return guarded([&] {
        calls();
        auto made = std::make_unique<Graph>(c10::Device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(device)));
        made->enter();
        *graph = made.release();
    });
}

char *score_graph_begin(Graph *graph) {
    return guarded([&] { graph->begin(); });
}

// Ends the capture, and goes back to the stream that was there before.
char *score_graph_end(Graph *graph) {
    char *why = guarded([&] { graph->end(); });
    char *also = guarded([&] { graph->leave(); });
    if (!why) return also;
    free(also);
    return why;
}

char *score_graph_replay(Graph *graph) {
    return guarded([&] { calls().replay(graph->storage); });
}

void score_graph_free(Graph *graph) { delete graph; }

char *score_generator_new(uint64_t seed, at::Generator **generator) {
    return guarded([&] { *generator = new at::Generator(at::detail::createCPUGenerator(seed)); });
}

// Numbers in single precision: uniform on [0, 1), or standard normal.
char *score_generator_draw(const at::Generator *generator, bool normal, const int64_t *shape, size_t axes, at::Tensor **drawn) {
    return guarded([&] {
        at::IntArrayRef sizes(shape, axes);
        *drawn = new at::Tensor(normal ? at::randn(sizes, *generator, at::kFloat) : at::rand(sizes, *generator, at::kFloat));
    });
}

void score_generator_free(at::Generator *generator) { delete generator; }

// Notes the names of this thread's operations from here on. The handle ends it.
char *score_observe(uint64_t *handle) {
    return guarded([&] {
        observed.clear();
        auto note = [](const at::RecordFunction &function) -> std::unique_ptr<at::ObserverContext> {
            observed += function.name();
            observed += '\n';
            return nullptr;
        };
        *handle = at::addThreadLocalCallback(at::RecordFunctionCallback(note).scopes({at::RecordScope::FUNCTION}));
    });
}

// The names, with a line break after each, in memory of malloc.
char *score_observed(uint64_t handle) {
    at::removeCallback(handle);
    return strdup(observed.c_str());
}

} // extern "C"
