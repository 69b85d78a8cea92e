// Made from the screens' words by tests/it/page/words.rs; do not edit.
window.KIOSK_WORDS = {
  "answers": {
    "changed": [
      "Cấp lại: thay đổi thông tin",
      "New one: changed data"
    ],
    "changed_birth_date": [
      "Ngày sinh",
      "Date of birth"
    ],
    "changed_birth_place": [
      "Nơi sinh",
      "Place of birth"
    ],
    "changed_name": [
      "Họ tên",
      "Name"
    ],
    "changed_number": [
      "Số định danh (CMND sang căn cước)",
      "Identity number (old card to new)"
    ],
    "changed_other": [
      "Thông tin khác, hoặc nhiều thông tin",
      "Something else, or several things"
    ],
    "collect": [
      "Đến nhận tại cơ quan",
      "Collect at the office"
    ],
    "damaged": [
      "Cấp lại: bị hỏng",
      "New one: damaged"
    ],
    "expired": [
      "Cấp lại: hết hạn, sắp hết hạn hoặc hết trang",
      "New one: expired, expiring soon or out of pages"
    ],
    "female": [
      "Nữ",
      "Female"
    ],
    "first_issue": [
      "Cấp lần đầu",
      "First passport"
    ],
    "issued_before": [
      "Đã từng được cấp",
      "Issued before"
    ],
    "lost": [
      "Cấp lại: bị mất",
      "New one: lost"
    ],
    "male": [
      "Nam",
      "Male"
    ],
    "never_issued": [
      "Chưa từng được cấp",
      "Never issued"
    ],
    "post": [
      "Nhận qua bưu điện",
      "By post"
    ],
    "with_chip": [
      "Có gắn chip",
      "With a chip"
    ],
    "without_chip": [
      "Không gắn chip",
      "Without a chip"
    ]
  },
  "coded": [
    "sex",
    "ever_issued",
    "first_confirmed",
    "request",
    "change_kind",
    "chip",
    "receive_mode"
  ],
  "fields": {
    "agency": [
      "Cơ quan tiếp nhận",
      "Receiving office"
    ],
    "birth_date": [
      "Ngày sinh",
      "Date of birth"
    ],
    "birth_place": [
      "Nơi sinh",
      "Place of birth"
    ],
    "change_from": [
      "Thông tin trước đây",
      "What it was before"
    ],
    "change_kind": [
      "Thông tin thay đổi",
      "What changes"
    ],
    "chip": [
      "Loại hộ chiếu",
      "Kind of passport"
    ],
    "current_address": [
      "Nơi ở hiện tại",
      "Current residence"
    ],
    "delivery_address": [
      "Địa chỉ nhận hộ chiếu",
      "Delivery address"
    ],
    "email": [
      "Thư điện tử (email)",
      "Email"
    ],
    "employer": [
      "Cơ quan, nơi làm việc",
      "Employer or workplace"
    ],
    "ethnicity": [
      "Dân tộc",
      "Ethnicity"
    ],
    "ever_issued": [
      "Đã từng được cấp hộ chiếu chưa",
      "Ever issued a passport"
    ],
    "family_name": [
      "Họ",
      "Family name"
    ],
    "father_birth": [
      "Ngày sinh của cha",
      "Father's date of birth"
    ],
    "father_name": [
      "Họ tên cha",
      "Father's full name"
    ],
    "first_confirmed": [
      "Xác nhận chưa từng được cấp",
      "Confirmation: never issued"
    ],
    "middle_given": [
      "Chữ đệm và tên",
      "Middle and given names"
    ],
    "mother_birth": [
      "Ngày sinh của mẹ",
      "Mother's date of birth"
    ],
    "mother_name": [
      "Họ tên mẹ",
      "Mother's full name"
    ],
    "occupation": [
      "Nghề nghiệp",
      "Occupation"
    ],
    "old_passport_date": [
      "Ngày cấp hộ chiếu gần nhất",
      "Issue date of the last passport"
    ],
    "old_passport_number": [
      "Số hộ chiếu gần nhất",
      "Number of the last passport"
    ],
    "permanent_address": [
      "Nơi thường trú",
      "Permanent residence"
    ],
    "phone": [
      "Số điện thoại",
      "Phone number"
    ],
    "pin": [
      "Số định danh cá nhân",
      "Personal identification number"
    ],
    "receive_mode": [
      "Cách nhận hộ chiếu",
      "How you get the passport"
    ],
    "refund_account": [
      "Số tài khoản hoàn lệ phí",
      "Account for a fee refund"
    ],
    "refund_bank": [
      "Ngân hàng",
      "Bank"
    ],
    "refund_holder": [
      "Chủ tài khoản",
      "Account holder"
    ],
    "religion": [
      "Tôn giáo",
      "Religion"
    ],
    "request": [
      "Nội dung đề nghị",
      "What you ask for"
    ],
    "request_detail": [
      "Lý do / chi tiết",
      "Reason / details"
    ],
    "sex": [
      "Giới tính",
      "Sex"
    ],
    "spouse_birth": [
      "Ngày sinh của vợ hoặc chồng",
      "Spouse's date of birth"
    ],
    "spouse_name": [
      "Họ tên vợ hoặc chồng",
      "Spouse's full name"
    ],
    "temporary_address": [
      "Nơi tạm trú",
      "Temporary residence"
    ]
  },
  "order": [
    [
      "agency",
      "agency"
    ],
    [
      "compare",
      "family_name"
    ],
    [
      "compare",
      "middle_given"
    ],
    [
      "compare",
      "sex"
    ],
    [
      "compare",
      "birth_date"
    ],
    [
      "compare",
      "ethnicity"
    ],
    [
      "compare",
      "religion"
    ],
    [
      "compare",
      "permanent_address"
    ],
    [
      "fill",
      "birth_place"
    ],
    [
      "fill",
      "phone"
    ],
    [
      "fill",
      "email"
    ],
    [
      "fill",
      "temporary_address"
    ],
    [
      "fill",
      "current_address"
    ],
    [
      "fill",
      "occupation"
    ],
    [
      "fill",
      "employer"
    ],
    [
      "fill",
      "father_name"
    ],
    [
      "fill",
      "father_birth"
    ],
    [
      "fill",
      "mother_name"
    ],
    [
      "fill",
      "mother_birth"
    ],
    [
      "fill",
      "spouse_name"
    ],
    [
      "fill",
      "spouse_birth"
    ],
    [
      "fill",
      "old_passport_number"
    ],
    [
      "fill",
      "old_passport_date"
    ],
    [
      "fill",
      "request"
    ],
    [
      "fill",
      "request_detail"
    ],
    [
      "fill",
      "chip"
    ],
    [
      "fill",
      "refund_account"
    ],
    [
      "fill",
      "refund_holder"
    ],
    [
      "fill",
      "refund_bank"
    ],
    [
      "fill",
      "receive_mode"
    ],
    [
      "fill",
      "delivery_address"
    ]
  ],
  "papers": {
    "birth_certificate": {
      "now": [
        "Bản chính hoặc bản trích lục ghi nơi sinh mới.",
        "The original or an extract that shows the new place of birth."
      ],
      "what": [
        "Giấy khai sinh có dấu đỏ",
        "Birth certificate with the red stamp"
      ]
    },
    "card_pictures": {
      "now": [
        "Chụp bằng điện thoại của Anh/Chị khi nộp trên Cổng. Máy này không chụp và không giữ ảnh thẻ.",
        "With your own phone when you submit on the portal. This kiosk neither takes nor keeps pictures of the card."
      ],
      "what": [
        "Chụp hai mặt thẻ căn cước",
        "Photograph both sides of the identity card"
      ]
    },
    "damage_report": {
      "now": [
        "Trong 48 giờ từ khi biết bị hỏng.",
        "Within 48 hours of noticing."
      ],
      "what": [
        "Trình báo hộ chiếu bị hỏng",
        "Report the damage to the passport"
      ]
    },
    "loss_report": {
      "now": [
        "Mẫu TK05, trong 2 ngày làm việc từ khi biết mất; nộp được ngay trên Cổng, không cần công an xã xác nhận.",
        "Form TK05, within 2 working days of noticing; also on the portal, no confirmation by the commune police is needed."
      ],
      "what": [
        "Trình báo mất hộ chiếu",
        "Report the loss of the passport"
      ]
    },
    "old_passport": {
      "now": [
        "Mang đến hoặc gửi bưu điện cho cơ quan tiếp nhận. Có thị thực còn hạn thì được trả lại cùng hộ chiếu mới.",
        "Bring or post it to the receiving agency. One with a valid visa comes back with the new passport."
      ],
      "what": [
        "Nộp lại hộ chiếu cũ",
        "Hand in the old passport"
      ]
    },
    "old_passport_if_valid": {
      "now": [
        "Xem ngày hết hạn ở trang có ảnh. Đã hết hạn thì Anh/Chị giữ lại.",
        "See the date of expiry on the page with the picture. An expired one you keep."
      ],
      "what": [
        "Hộ chiếu cũ còn hạn thì nộp lại",
        "Hand in the old passport if it is still valid"
      ]
    },
    "old_passport_pages": {
      "now": [
        "Chụp bằng điện thoại của Anh/Chị, đủ bốn góc, để tải lên Cổng.",
        "With your own phone, all four corners, to be uploaded to the portal."
      ],
      "what": [
        "Chụp trang 2 và 3 của hộ chiếu cũ",
        "Photograph pages 2 and 3 of the old passport"
      ]
    },
    "portrait": {
      "now": [
        "Chụp trong 6 tháng gần đây, mặt thẳng, không đeo kính.",
        "Taken within the last 6 months, face straight, without glasses."
      ],
      "what": [
        "Ảnh chân dung 4 × 6, nền trắng",
        "Portrait 4 × 6, white background"
      ]
    },
    "proof_of_change": {
      "now": [
        "Ví dụ quyết định thay đổi hộ tịch, hoặc giấy xác nhận số định danh.",
        "For instance the decision on civil status, or the confirmation of the identity number."
      ],
      "what": [
        "Giấy tờ chứng minh thay đổi",
        "Papers that prove the change"
      ]
    }
  }
};
