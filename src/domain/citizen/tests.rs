use super::*;

#[test]
fn a_number_has_twelve_digits_and_nine_are_the_old_one() {
    let check = |text: &str, want: Result<&str, IdProblem>| {
        assert_eq!(CitizenId::parse(text).as_ref().map(CitizenId::as_str), want.as_ref().copied(), "{text}");
    };
    check("099190123456", Ok("099190123456"));
    check("  000285000001\r", Ok("000285000001"));
    check("099123456", Err(IdProblem::OldNineDigits));
    for wrong in ["", "09919012345", "0991901234567", "09919012345a", "099 19012345", "٠99190123456", "-99190123456"] {
        check(wrong, Err(IdProblem::Shape));
    }
}

#[test]
fn a_number_tells_sex_and_year_of_birth() {
    let check = |text: &str, sex: Sex, year: u16| {
        let id = CitizenId::parse(text).unwrap();
        assert!(id.sex() == sex && id.agrees_with_sex(sex), "{text}");
        assert_eq!(id.century_year(), year);
        assert!(id.agrees_with_year(year) && !id.agrees_with_year(year + 1));
    };
    check("099060000001", Sex::Male, 1960);
    check("099199000001", Sex::Female, 1999);
    check("099203000001", Sex::Male, 2003);
    check("099310000001", Sex::Female, 2010);
    check("099999000001", Sex::Female, 2399);
}

#[test]
fn a_masked_number_shows_three_digits() {
    assert_eq!(CitizenId::parse("099190123456").unwrap().masked(), "•••••••••456");
}

#[test]
fn debug_shows_no_value() {
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        CitizenId::parse("099190123456").unwrap(),
        PersonName::parse("Nguyễn Thị Thử").unwrap(),
        PartialDate::parse("1990").unwrap(),
        Date::parse("01/02/1990").unwrap(),
        Phone::parse("0000000000").unwrap(),
        Email::parse("thu@example.vn").unwrap(),
        Sex::Female,
    );
    assert_eq!(shown, "CitizenId(…) PersonName(…) PartialDate(…) Date(…) Phone(…) Email(…) Sex(…)");
}

#[test]
fn dates_are_read_as_people_and_cards_write_them() {
    let check = |text: &str, want: Result<&str, DateProblem>| {
        let got = PartialDate::parse(text).map(PartialDate::to_string_vi);
        assert_eq!(got, want.map(str::to_owned), "{text}");
    };
    check("02/01/1990", Ok("02/01/1990"));
    check("2/1/1990", Ok("02/01/1990"));
    check(" 02011990 ", Ok("02/01/1990"));
    check("1/1990", Ok("01/1990"));
    check("1960", Ok("1960"));
    check("00001960", Ok("1960"));
    check("00/00/1960", Ok("1960"));
    check("00061960", Ok("06/1960"));
    check("29/02/2000", Ok("29/02/2000"));
    for impossible in ["29/02/1900", "29/02/2023", "31/04/1990", "32/01/1990", "01/13/1990", "13/1990", "1/0/1990"] {
        check(impossible, Err(DateProblem::Impossible));
    }
    for impossible in ["1879", "2200", "01/01/0000", "99999999"] {
        check(impossible, Err(DateProblem::Impossible));
    }
    for shape in
        ["", "/", "1/1/90", "010190", "1990/01/02", "1-1-1990", "1/1/1/1990", "001/1/1990", "1//1990", "+1/1/1990"]
    {
        check(shape, Err(DateProblem::Shape));
    }
    for shape in ["０1/01/1990", "năm 1990", "1/1/1990 lúc", "ĐĐĐĐ"] {
        check(shape, Err(DateProblem::Shape));
    }
}

#[test]
fn every_day_of_the_calendar_is_read_back_in_order() {
    let mut before = None;
    let mut days = 0;
    for year in 1880..=2199 {
        for month in 1..=12 {
            for day in 1..=31 {
                let Ok(date) = Date::new(year, month, day) else {
                    continue;
                };
                assert!(Date::parse(&date.to_string_vi()) == Ok(date) && before < Some(date));
                assert_eq!((date.year(), date.month(), date.day()), (year, month, day));
                before = Some(date);
                days += 1;
            }
        }
    }
    assert_eq!(days, 320 * 365 + 78, "78 leap years from 1880 to 2199");
}

#[test]
fn an_incomplete_date_is_no_whole_one_and_comes_first() {
    let [year, month, day] = ["1960", "06/1960", "01/06/1960"].map(|text| PartialDate::parse(text).unwrap());
    assert!(year < month && month < day);
    assert!(year.full().is_none() && month.full().is_none());
    assert_eq!(day.full(), Date::parse("1/6/1960").ok());
    assert_eq!(Date::parse("1960"), Err(DateProblem::Shape));
    assert_eq!(PartialDate::new(1960, None, Some(1)), Err(DateProblem::Impossible));
}

#[test]
fn a_year_of_life_counts_when_it_is_certainly_complete() {
    let check = |birth: &str, today: &str, want: u16| {
        let (birth, today) = (PartialDate::parse(birth).unwrap(), Date::parse(today).unwrap());
        assert_eq!(years_between(birth, today), want);
    };
    check("15/06/2012", "14/06/2026", 13);
    check("15/06/2012", "15/06/2026", 14);
    check("06/2012", "29/06/2026", 13);
    check("06/2012", "30/06/2026", 14);
    check("02/2012", "28/02/2026", 14);
    check("2012", "30/12/2026", 13);
    check("2012", "31/12/2026", 14);
    check("29/02/2012", "28/02/2026", 13);
    check("29/02/2012", "01/03/2026", 14);
    check("2030", "01/01/2026", 0);
    check("2026", "01/01/2026", 0);
}

#[test]
fn phones_come_in_the_forms_people_write() {
    let check = |text: &str, want: Option<&str>| {
        let phone = Phone::parse(text).ok();
        assert_eq!(phone.as_ref().map(Phone::as_str), want, "{text}");
    };
    for good in ["0000000001", "000 000 0001", "000.000.0001", "+84000000001", "84 00 000 0001", "+84 0000000001"] {
        check(good, Some("0000000001"));
    }
    for bad in [
        "",
        "+84",
        "000000001",
        "00000000001",
        "1000000001",
        "000000000a",
        "+85000000001",
        "00000000٠1",
        "++84000000001",
    ] {
        check(bad, None);
    }
    check(&"0".repeat(10_000), None);
}

#[test]
fn names_are_composed_upper_case_and_tidy() {
    let check = |text: &str, want: Result<&str, NameProblem>| {
        let name = PersonName::parse(text);
        assert_eq!(name.as_ref().map(PersonName::as_str), want.as_ref().copied(), "{text}");
        if let Ok(name) = name {
            assert!(PersonName::parse(name.as_str()) == Ok(name));
        }
    };
    check("Nguyễn Văn Đức", Ok("NGUYỄN VĂN ĐỨC"));
    check(&"Nguyễn Văn Đức".nfd().collect::<String>(), Ok("NGUYỄN VĂN ĐỨC"));
    check("  nguyễn\tthị \u{A0} thử\r\n", Ok("NGUYỄN THỊ THỬ"));
    check("H'Leo Êban", Ok("H'LEO ÊBAN"));
    check("Y’Thử Niê-Kđăm Jr.", Ok("Y’THỬ NIÊ-KĐĂM JR."));
    check("Rơ\u{306} Chăm Thử", Ok("RƠ\u{306} CHĂM THỬ"));
    check("Thử\u{200B}\u{202E} Mai", Ok("THỬ MAI"));
    check("Mai", Ok("MAI"));
    check(&"á".repeat(80), Ok("Á".repeat(80).as_str()));
    check(&"á".repeat(81), Err(NameProblem::TooLong));
    check("", Err(NameProblem::Empty));
    check(" \t ", Err(NameProblem::Empty));
    check("- ' .", Err(NameProblem::Empty));
    check("Ðức", Err(NameProblem::ForeignLetter));
    check("ðức", Err(NameProblem::ForeignLetter));
    check("Ɖức", Err(NameProblem::ForeignLetter));
    for wrong in
        ["Mai 2", "Mai|Lan", "Маи", "Mai?", "明", "Ma\u{306}\u{306}i", "\u{306}Mai", "Mai×Lan", "<b>Mai", "Mai\u{FFFD}"]
    {
        check(wrong, Err(NameProblem::Character));
    }
}

#[test]
fn a_name_divides_after_its_first_word() {
    assert_eq!(PersonName::parse("Nguyễn Thị Thử Mai").unwrap().split(), ("NGUYỄN", "THỊ THỬ MAI"));
    assert_eq!(PersonName::parse("Mai").unwrap().split(), ("MAI", ""));
}

#[test]
fn an_email_has_a_name_and_a_dotted_domain() {
    for good in ["thu@example.vn", " thu.nghiem+1@mail.example.com.vn ", "a@b.cd", "x_y@xn--vit-nam-example.vn"] {
        assert_eq!(Email::parse(good).map(|email| email.as_str().to_owned()), Ok(good.trim().to_owned()));
    }
    for bad in ["", "@", "thu", "thu@", "@example.vn", "thu@example", "thu@example.", "thu@.vn", "a@b@c.vn", "a b@c.vn"]
    {
        assert_eq!(Email::parse(bad), Err(EmailProblem::Shape), "{bad}");
    }
    for bad in
        ["thử@example.vn", ".thu@example.vn", "thu.@example.vn", "t..u@example.vn", "thu@-example.vn", "a@1.2.3.4"]
    {
        assert_eq!(Email::parse(bad), Err(EmailProblem::Shape), "{bad}");
    }
    let long = format!("thu@{}.vn", "a.".repeat(123) + "a");
    assert_eq!(long.len(), 254);
    assert!(Email::parse(&long).is_ok());
    assert_eq!(Email::parse(&format!("x{long}")), Err(EmailProblem::Shape));
}

#[test]
fn tidy_text_stays_as_it_is_when_tidied_again() {
    for text in
        ["  Thôn\u{0}1,\n xã\u{A0}Thử ", "a\u{200B}\u{301}", "\u{306} a", "\u{2000}\u{2001}b", "e\u{302}\u{323}", ""]
    {
        let once = tidy(text);
        assert_eq!(tidy(&once), once);
        assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
    }
    assert_eq!(tidy("e\u{302}\u{323}"), "ệ");
}

#[test]
fn the_day_after_is_the_calendars() {
    let after = |year, month, day| Date::new(year, month, day).unwrap().next().to_string_vi();
    assert_eq!(after(2026, 11, 25), "26/11/2026");
    assert_eq!(after(2026, 12, 31), "01/01/2027");
    assert_eq!(after(2028, 2, 28), "29/02/2028");
    assert_eq!(after(2027, 2, 28), "01/03/2027");
    assert_eq!(after(2199, 12, 31), "31/12/2199");
}
