//! Compiles the contracts with protox, so that no `protoc` has to be on the machine.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = [
        "log/v1/log.proto",
        "intake/v1/report.proto",
        "bureau/v1/case.proto",
        "notifier/v1/contact.proto",
    ];
    println!("cargo::rerun-if-changed=proto");
    let described = protox::compile(files, ["proto"])?;
    prost_build::Config::new().bytes(["."]).compile_fds(described)?;
    Ok(())
}
