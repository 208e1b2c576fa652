//! Links the system's BLAS library with LAPACK in it, which `ndarray-linalg` calls: where pkg-config says, else where the linker looks.
//! With the feature `train`, executables find libtorch where they were linked with it.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if pkg_config::probe_library("openblas").is_err() {
        println!("cargo::rustc-link-lib=openblas");
    }
    if let Ok(folder) = env::var("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
