# One cargo line each, so that nobody needs `just`.

# The whole way on this machine, in a window
demo:
    cargo run --release -- demo

# All tests
test:
    cargo test --workspace

# Every screen as PNG, below target/shots
shots:
    cargo run --release -- demo --headless --out target/shots/demo

# The screens with preview data, for designers
preview:
    cargo run -p kiosk-ui --features inspect --example gallery -- target/shots/gallery

# What CI asks beside the tests
check:
    cargo fmt --check && cargo clippy --workspace --all-targets -- -D warnings && cargo deny check bans licenses sources

# Measured ratios
bench:
    cargo bench
