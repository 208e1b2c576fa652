//! Compiles the C++ part against the libtorch that torch-sys was compiled against.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=src/shim.cpp");
    println!("cargo::rerun-if-env-changed=LIBTORCH_INCLUDE");
    let Ok(libraries) = env::var("DEP_TCH_LIBTORCH_LIB") else {
        println!("cargo::error=torch-sys does not say where libtorch is");
        return;
    };
    // As torch-sys has it: headers are beside the libraries unless the environment says where.
    let root = env::var("LIBTORCH_INCLUDE")
        .map_or_else(|_| PathBuf::from(&libraries).join(".."), PathBuf::from);
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .define("_GLIBCXX_USE_CXX11_ABI", env::var("LIBTORCH_CXX11_ABI").as_deref().unwrap_or("1"))
        // The headers are not ours to mend.
        .flag("-isystem")
        .flag(root.join("include"))
        .file("src/shim.cpp")
        .compile("score-torch-shim");
    println!("cargo::rustc-link-search=native={libraries}");
    println!("cargo::rustc-link-lib=torch_cpu");
    println!("cargo::rustc-link-lib=c10");
}
