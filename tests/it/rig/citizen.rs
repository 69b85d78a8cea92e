//! Who comes to the kiosk in these tests: nobody who exists.

use std::collections::BTreeMap;

/// An invented citizen with the card `mai`; told from others by the phone number.
#[derive(Clone, Debug)]
pub struct Citizen {
    pub phone: String,
    pub email: String,
    pub address: (String, String),
    pub father: (String, String),
}

impl Citizen {
    /// The citizen with this number.
    pub fn number(n: u32) -> Self {
        let text = |text: &str| text.to_owned();
        Self {
            phone: format!("0{n:09}"),
            email: format!("thu{n}@example.invalid"),
            address: (text("Thoon Thuwr, Xax Khoong Cos Thaatj"), text("Thôn Thử, Xã Không Có Thật")),
            father: (text("nguyeenx vawn thuwr cha"), text("NGUYỄN VĂN THỬ CHA")),
        }
    }

    /// What must be found at the office.
    pub fn expected(&self) -> BTreeMap<String, String> {
        let fields = [
            ("family_name", "NGUYỄN"),
            ("middle_given", "THỊ THỬ MAI"),
            ("sex", "female"),
            ("birth_date", "02/01/1990"),
            ("pin", "099190000017"),
            ("permanent_address", "Tổ 1, Thôn Thử, Xã Không Có Thật, Đà Nẵng"),
            ("birth_place", "Đà Nẵng"),
            ("ethnicity", "Kinh"),
            ("religion", "Không"),
            ("phone", &self.phone),
            ("email", &self.email),
            ("current_address", &self.address.1),
            ("occupation", "Công nhân"),
            ("father_name", &self.father.1),
            ("father_birth", "1960"),
            ("mother_name", "LÊ THỊ THỬ MẸ"),
            ("mother_birth", "1962"),
            ("ever_issued", "never_issued"),
            ("first_confirmed", "never_issued"),
            ("request", "first_issue"),
            ("chip", "with_chip"),
            ("agency", AGENCY),
            ("receive_mode", "collect"),
        ];
        fields.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }
}

/// Chosen by everybody.
pub const AGENCY: &str = "Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng";
