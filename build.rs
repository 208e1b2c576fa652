//! Links the system's BLAS library with LAPACK in it, which `ndarray-linalg` calls: where pkg-config says, else where the linker looks.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if pkg_config::probe_library("openblas").is_err() {
        println!("cargo::rustc-link-lib=openblas");
    }
}
