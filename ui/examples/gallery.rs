use slint::ComponentHandle;
fn main() {
    slint::platform::set_platform(Box::new(i_slint_backend_testing::TestingBackend::new(i_slint_backend_testing::TestingBackendOptions { mock_time: true, threading: false, renderer_name: Some("software".into()) }))).unwrap();
    let w = kiosk_ui::AppWindow::new().unwrap(); w.show().unwrap();
    w.window().set_size(slint::PhysicalSize::new(700, 900));
    let b = w.window().take_snapshot().unwrap();
    let f = std::fs::File::create("/tmp/t.png").unwrap();
    let mut e = png::Encoder::new(f, b.width(), b.height()); e.set_color(png::ColorType::Rgba); e.set_depth(png::BitDepth::Eight);
    e.write_header().unwrap().write_image_data(b.as_bytes()).unwrap();
}
