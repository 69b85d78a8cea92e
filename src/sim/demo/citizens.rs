//! The six invented citizens of the headless demo: what each types, and what must be found at the office.

use crate::domain::form::Field;
use crate::domain::triage::{Question, Reply};
use Field as F;

/// What somebody presses who lacks nothing and collects a first passport, from "begin" to the consent.
pub const TRIAGE: [&str; 9] = [
    "Có, thẻ 12 số còn hạn",
    "Cho tôi, đủ 14 tuổi trở lên",
    "Có mức 2 và nhớ mật mã",
    "Tên tôi, số căn cước 12 chữ số",
    "Tôi tự trả bằng ứng dụng ngân hàng",
    "Chưa bao giờ, ở bất cứ tỉnh nào",
    "Chưa có ảnh, cần chụp",
    "Tôi đến cơ quan lấy",
    "Làm tờ khai",
];

/// How the citizen's identity gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) enum Way {
    /// By the card with this key.
    Card(&'static str),
    /// By hand on the screen's own keyboard.
    ByHand,
    /// The reader is unplugged at first and comes back; then the card.
    ReaderComesBack(&'static str),
}

/// One citizen.
pub(in crate::sim) struct Citizen {
    pub(in crate::sim) way: Way,
    /// Is the network cable in?
    pub(in crate::sim) cable: bool,
    /// Also consents to the refund account.
    pub(in crate::sim) refund: bool,
    /// Field, keys as typed (Telex; an answer's wire name for a choice), value expected at the office.
    pub(in crate::sim) fields: Vec<(Field, &'static str, &'static str)>,
}

impl Citizen {
    /// What this one answers in the triage, in the order asked.
    pub(in crate::sim) fn reply(&self, question: Question) -> Reply {
        let answer = |field| self.fields.iter().find(|(own, ..)| *own == field).map_or("", |(_, answer, _)| *answer);
        match (question, answer(F::Request), answer(F::ReceiveMode)) {
            (Question::Passport, "expired", _) => Reply::PassportExpired,
            (Question::Passport, "lost", _) => Reply::PassportLost,
            (Question::Passport, "damaged", _) => Reply::PassportDamaged,
            (Question::Passport, "changed", _) => Reply::PassportValid,
            (Question::Delivery, _, "collect") => Reply::DeliveryCollect,
            _ => question.replies()[0],
        }
    }

    /// The same as it is written on the screen.
    pub(in crate::sim) fn triage(&self) -> [&'static str; 9] {
        let mut labels = TRIAGE;
        labels[5] = match self.reply(Question::Passport) {
            Reply::PassportExpired => "Rồi, hết hạn hoặc hết trang",
            Reply::PassportLost => "Rồi, nhưng đã mất",
            Reply::PassportDamaged => "Rồi, nhưng bị hỏng",
            Reply::PassportValid => "Rồi, còn hạn và đang giữ",
            _ => labels[5],
        };
        if self.reply(Question::Delivery) == Reply::DeliveryPost {
            labels[7] = "Gửi bưu điện về địa chỉ của tôi";
        }
        labels
    }
}

/// In the order in which they come.
pub(in crate::sim) fn all() -> Vec<Citizen> {
    vec![
        Citizen { way: Way::Card("mai"), cable: true, refund: true, fields: with(&mai(), &[]) },
        Citizen { way: Way::Card("duc"), cable: false, refund: false, fields: with(&short(), &duc()) },
        Citizen { way: Way::Card("hleo"), cable: false, refund: false, fields: with(&short(), &hleo()) },
        Citizen { way: Way::Card("lan"), cable: false, refund: false, fields: with(&short(), &[]) },
        Citizen { way: Way::ReaderComesBack("mot"), cable: false, refund: false, fields: with(&short(), &[]) },
        Citizen { way: Way::ByHand, cable: false, refund: false, fields: with(&short(), &by_hand()) },
    ]
}

/// What the card fills in and nobody types, by card.
pub(in crate::sim) fn from_card(key: &str) -> Vec<(Field, &'static str)> {
    let fields = |family, given, sex, birth, pin, address| {
        vec![
            (F::FamilyName, family),
            (F::MiddleGiven, given),
            (F::Sex, sex),
            (F::BirthDate, birth),
            (F::Pin, pin),
            (F::PermanentAddress, address),
        ]
    };
    match key {
        "mai" => fields(
            "NGUYỄN",
            "THỊ THỬ MAI",
            "female",
            "02/01/1990",
            "099190000017",
            "Tổ 1, Thôn Thử, Xã Không Có Thật, Đà Nẵng",
        ),
        "duc" => fields(
            "TRẦN",
            "VĂN THỬ ĐỨC",
            "male",
            "15/08/2001",
            "099201000025",
            "Số 2 Đường Thử, Phường Không Có Thật, Đà Nẵng",
        ),
        "hleo" => {
            fields("H'LEO", "THỬ NIÊ", "female", "30/06/1995", "099195000033", "Buôn Thử, Xã Không Có Thật, Đắk Lắk")
        }
        "mot" => {
            fields("LÊ", "MỘT", "male", "29/02/1996", "099096000041", "Khối Thử, Phường Không Có Thật, Quảng Ngãi")
        }
        "lan" => fields(
            "CÔNG TẰNG TÔN NỮ",
            "THỬ NGHIỆM KHÔNG CÓ THẬT PHƯƠNG LAN",
            "female",
            "09/11/1985",
            "000185000066",
            "Số 6 Kiệt Thử, Phường Không Có Thật, Huế",
        ),
        _ => Vec::new(),
    }
}

/// The later rows replace the earlier ones of the same field.
fn with(
    base: &[(Field, &'static str, &'static str)],
    changes: &[(Field, &'static str, &'static str)],
) -> Vec<(Field, &'static str, &'static str)> {
    let kept = base.iter().filter(|(field, ..)| !changes.iter().any(|(changed, ..)| changed == field));
    let mut fields: Vec<_> = kept.chain(changes).copied().collect();
    // Who asks for another one says so, and is not asked a second time.
    if fields.iter().any(|(field, answer, _)| *field == F::Request && *answer != "first_issue") {
        fields.retain(|(field, ..)| !matches!(field, F::EverIssued | F::FirstConfirmed));
        fields.push((F::EverIssued, "issued_before", "issued_before"));
    }
    fields
}

/// What must be filled in, and no more.
fn short() -> Vec<(Field, &'static str, &'static str)> {
    vec![
        (F::BirthPlace, "ddaf", "Đà Nẵng"),
        (F::Ethnicity, "kinh", "Kinh"),
        (F::Religion, "khoong", "Không"),
        (F::Phone, "0000000001", "0000000001"),
        (F::Email, "thu.nghiem@example.invalid", "thu.nghiem@example.invalid"),
        (F::CurrentAddress, "Thoon Thuwr, Xax Khoong Cos Thaatj", "Thôn Thử, Xã Không Có Thật"),
        (F::Occupation, "coong nhaan", "Công nhân"),
        (F::FatherName, "nguyeenx vawn thuwr cha", "NGUYỄN VĂN THỬ CHA"),
        (F::FatherBirth, "1960", "1960"),
        (F::MotherName, "leef thij thuwr mej", "LỀ THỊ THỬ MẸ"),
        (F::MotherBirth, "05/1962", "05/1962"),
        (F::EverIssued, "never_issued", "never_issued"),
        (F::FirstConfirmed, "never_issued", "never_issued"),
        (F::Request, "first_issue", "first_issue"),
        (F::Chip, "with_chip", "with_chip"),
        (F::Agency, "ddaf nawngx", "Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng"),
        (F::ReceiveMode, "collect", "collect"),
    ]
}

/// Everything the form has.
fn mai() -> Vec<(Field, &'static str, &'static str)> {
    with(
        &short(),
        &[
            (F::TemporaryAddress, "Khu trooj thuwr 12, Ddawks Lawks", "Khu trộ thử 12, Đắk Lắk"),
            (
                F::Employer,
                "Nhaf mays Thuwr Nghieemj, Khu coong nghieepj Khoong Cos Thaatj",
                "Nhà máy Thử Nghiệm, Khu công nghiệp Không Có Thật",
            ),
            (F::SpouseName, "phamj vawn thuwr choongf", "PHẠM VĂN THỬ CHỒNG"),
            (F::SpouseBirth, "12/12/1988", "12/12/1988"),
            (F::Request, "expired", "expired"),
            (F::OldPassportNumber, "b0000001", "B0000001"),
            (F::OldPassportDate, "03/02/2016", "03/02/2016"),
            (F::RefundAccount, "0000000000", "0000000000"),
            (F::RefundHolder, "nguyeenx thij thuwr mai", "NGUYỄN THỊ THỬ MAI"),
            (F::RefundBank, "vietcombank", "Vietcombank"),
            (F::ReceiveMode, "post", "post"),
            (F::DeliveryAddress, "Toor 1, Thoon Thuwr", "Tổ 1, Thôn Thử"),
        ],
    )
}

fn duc() -> Vec<(Field, &'static str, &'static str)> {
    vec![
        (F::Request, "changed", "changed"),
        (F::ChangeKind, "changed_birth_place", "changed_birth_place"),
        (F::ChangeFrom, "Quangr Nam", "Quảng Nam"),
        // The kiosk puts it together.
        (F::RequestDetail, "", "Thay đổi nơi sinh từ Quảng Nam sang Đà Nẵng"),
        (F::OldPassportNumber, "p00000002", "P00000002"),
    ]
}

fn hleo() -> Vec<(Field, &'static str, &'static str)> {
    vec![(F::BirthPlace, "ddawks lawks", "Đắk Lắk"), (F::Ethnicity, "ee", "Ê Đê"), (F::Request, "lost", "lost")]
}

fn by_hand() -> Vec<(Field, &'static str, &'static str)> {
    vec![
        (F::FamilyName, "ddoanf", "ĐOÀN"),
        (F::MiddleGiven, "vawn thuwr tays", "VĂN THỬ TÁY"),
        (F::Sex, "male", "male"),
        (F::BirthDate, "01021993", "01/02/1993"),
        (F::Pin, "099093000074", "099093000074"),
        (F::PermanentAddress, "Buoon Thuwr, Kroong Pawks", "Buôn Thử, Krông Pắk"),
    ]
}
