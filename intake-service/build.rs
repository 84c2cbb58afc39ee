//! Migrations are compiled in: a changed folder means a new build.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
