//! Migrations and the sample force are compiled in: a changed file means a new build.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=officers.toml");
}
