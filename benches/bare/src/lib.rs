//! The smallest Slint window with a text in it.

slint::slint! {
    export component Bare inherits Window {
        in property <string> said: "Xin chào";
        preferred-width: 1080px;
        preferred-height: 1920px;
        Text { text: root.said; font-size: 40px; }
    }
}
