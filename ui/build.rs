//! Compiles `app.slint` and everything it imports.

fn main() {
    let config = slint_build::CompilerConfiguration::new()
        .with_style("fluent".into())
        .with_debug_info(std::env::var_os("CARGO_FEATURE_INSPECT").is_some())
        .with_default_translation_context(slint_build::DefaultTranslationContext::None)
        .with_bundled_translations("lang");
    slint_build::compile_with_config("app.slint", config).expect("the screens compile");
}
