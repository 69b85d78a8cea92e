//! The slip on paper, as the citizen meets it: printed by a press, and a plain way on whenever it is not.

use super::{REVIEW, check, check_from};
use expect_test::expect;

fn saved() -> String {
    format!("{REVIEW}submit\nsaved 7F3K-92QX\n")
}

#[test]
fn the_slip_is_printed_by_a_press_and_card_and_slip_are_asked_for_before_the_end() {
    check_from(
        &saved(),
        "
        print                   // this kiosk has no printer
        printer ready
        print
        print                   // a second press prints nothing
        printed ok
        taken                   // nothing was asked yet
        finish
        print                   // no more from here
        back
        finish
        taken
        ",
        expect![[r#"
            print                        slip 7F3K-92QX •••••••••017, being sent
            printer ready                slip 7F3K-92QX •••••••••017, being sent, may be printed
            print                        slip 7F3K-92QX •••••••••017, being sent, being printed → print
            print                        slip 7F3K-92QX •••••••••017, being sent, being printed
            printed ok                   slip 7F3K-92QX •••••••••017, being sent, printed
            taken                        slip 7F3K-92QX •••••••••017, being sent, printed
            finish                       slip 7F3K-92QX •••••••••017, being sent, card and slip?, printed
            print                        slip 7F3K-92QX •••••••••017, being sent, card and slip?, printed
            back                         slip 7F3K-92QX •••••••••017, being sent, printed
            finish                       slip 7F3K-92QX •••••••••017, being sent, card and slip?, printed
            taken                        welcome → forget
        "#]],
    );
}

#[test]
fn whatever_keeps_the_slip_from_the_paper_is_said_and_the_reprint_is_a_copy() {
    for problem in ["absent", "no-paper", "cover-open", "jam", "offline", "cut"] {
        let told = super::script::run(&format!(
            "{}printer ready\nprint\nprinter {problem}\nprinted {problem}\nreveal\nprinter ready\nprint\nprinted ok\n\
             finish\ntaken",
            saved()
        ));
        let lines: Vec<&str> = told.lines().rev().take(10).collect();
        let says = |line: usize, what: &str| assert!(lines[line].contains(what), "{problem}: {:?}", lines[line]);
        says(8, "being printed → print");
        says(6, &format!("not printed: {problem} (printer: {problem})"));
        // Everything else goes on.
        says(5, "QR for");
        says(3, "→ print a copy");
        says(2, ", printed");
        says(0, "welcome → forget");
    }
}

#[test]
fn a_printer_in_trouble_is_said_beforehand_and_may_be_tried_all_the_same() {
    check_from(
        &saved(),
        "
        printer no-paper
        print
        printed no-paper
        printer low
        print
        printed ok
        ",
        expect![[r#"
            printer no-paper             slip 7F3K-92QX •••••••••017, being sent, may be printed (printer: no-paper)
            print                        slip 7F3K-92QX •••••••••017, being sent, being printed (printer: no-paper) → print
            printed no-paper             slip 7F3K-92QX •••••••••017, being sent, not printed: no-paper (printer: no-paper)
            printer low                  slip 7F3K-92QX •••••••••017, being sent, not printed: no-paper
            print                        slip 7F3K-92QX •••••••••017, being sent, being printed → print a copy
            printed ok                   slip 7F3K-92QX •••••••••017, being sent, printed
        "#]],
    );
}

#[test]
fn who_leaves_while_it_is_printed_takes_the_job_along_and_the_next_ones_is_no_copy() {
    check_from(
        &saved(),
        "
        printer ready
        print
        idle 90
        printed ok              // came too late: nobody's
        slip t1.1-------
        print
        printed ok
        print
        next
        ",
        expect![[r#"
            printer ready                slip 7F3K-92QX •••••••••017, being sent, may be printed
            print                        slip 7F3K-92QX •••••••••017, being sent, being printed → print
            idle 90                      welcome → forget
            printed ok                   welcome
            slip t1.1-------             triage advice renew-card, QR #t1.1-------, may be printed
            print                        triage advice renew-card, QR #t1.1-------, being printed → print the small slip
            printed ok                   triage advice renew-card, QR #t1.1-------, printed
            print                        triage advice renew-card, QR #t1.1-------, being printed → print a copy of the small slip
            next                         welcome → forget
        "#]],
    );
}

#[test]
fn the_small_slip_of_the_triage_is_printed_too() {
    check(
        "
        printer ready
        slip t1.1-------
        print
        printed jam
        print
        printed ok
        next
        ",
        expect![[r#"
            printer ready                welcome
            slip t1.1-------             triage advice renew-card, QR #t1.1-------, may be printed
            print                        triage advice renew-card, QR #t1.1-------, being printed → print the small slip
            printed jam                  triage advice renew-card, QR #t1.1-------, not printed: jam
            print                        triage advice renew-card, QR #t1.1-------, being printed → print a copy of the small slip
            printed ok                   triage advice renew-card, QR #t1.1-------, printed
            next                         welcome → forget
        "#]],
    );
}
