//! The smallest Slint window with a text in it, and a second screen to change to.

slint::slint! {
    export component Bare inherits Window {
        in property <string> said: "Xin chào";
        in property <bool> second: false;
        preferred-width: 1080px;
        preferred-height: 1920px;
        if !root.second: Text { text: root.said; font-size: 40px; }
        if root.second: Rectangle {
            background: green;
            Text { text: root.said; font-size: 40px; }
        }
    }
}
