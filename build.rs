//! Links the system's BLAS library with LAPACK in it, which `ndarray-linalg` calls: where pkg-config says, else where the linker looks.
//! With the feature `train`, executables find libtorch where they were linked with it, and libtorch its own BLAS.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let libtorch = env::var("DEP_TCH_LIBTORCH_LIB").ok();
    if let Some(folder) = &libtorch {
        // Before OpenBLAS: both have functions by the names of BLAS and LAPACK, and the first library that has one serves everybody. With OpenBLAS's, libtorch would round
        // otherwise than it does by itself, and use threads that it does not know of.
        println!("cargo::rustc-link-search=native={folder}");
        println!("cargo::rustc-link-lib=torch_cpu");
    }
    if pkg_config::probe_library("openblas").is_err() {
        println!("cargo::rustc-link-lib=openblas");
    }
    if let Some(folder) = libtorch {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
