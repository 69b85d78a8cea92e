//! What stands on a slip, for the screen and for the page that is printed.

use super::{codes, triage, update};
use crate::domain::flow::{PrintView, View};
use crate::domain::form::{Answer, Rule};
use crate::domain::ticket::{Line, PortalStep, Portrait, PrintProblem, PrinterState, Printing, Sheet, Text, Ticket};
use crate::domain::triage::Advice;
use kiosk_ui::{self as ui, Kiosk};

/// On the screen: never with the QR, which is shown by a press alone.
pub(super) fn render(kiosk: &Kiosk<'_>, view: &View) {
    kiosk.set_print_info(print_info(view.print, view.device.printer));
    match &view.slip {
        Some(slip) => dossier(kiosk, &slip.sheet, false),
        None => clear(kiosk),
    }
}

/// On paper, without its QR, which depends on the width of the page.
pub(super) fn on_paper(kiosk: &Kiosk<'_>, ticket: &Ticket) {
    match &ticket.text {
        Text::Dossier(sheet) => dossier(kiosk, sheet, ticket.is_copy),
        Text::Triage(answers) => {
            clear(kiosk);
            advice(kiosk, answers.advice());
            kiosk.set_ticket(ui::TicketInfo {
                kind: ui::TicketKind::Triage,
                copy: ticket.is_copy,
                ..ui::TicketInfo::default()
            });
        }
    }
}

fn clear(kiosk: &Kiosk<'_>) {
    kiosk.set_ticket(ui::TicketInfo::default());
    update(&kiosk.get_ticket_rows(), Vec::new(), PartialEq::eq, |model| kiosk.set_ticket_rows(model));
    update(&kiosk.get_ticket_papers(), Vec::new(), PartialEq::eq, |model| kiosk.set_ticket_papers(model));
    advice(kiosk, std::iter::empty());
}

fn advice(kiosk: &Kiosk<'_>, advice: impl Iterator<Item = Advice>) {
    let rows = advice.map(triage::advice_row).collect();
    update(&kiosk.get_ticket_advice(), rows, PartialEq::eq, |model| kiosk.set_ticket_advice(model));
}

fn dossier(kiosk: &Kiosk<'_>, sheet: &Sheet, is_copy: bool) {
    let mut before = None;
    let rows = sheet.lines.iter().map(|line| row(line, before.replace(line.step) != Some(line.step))).collect();
    update(&kiosk.get_ticket_rows(), rows, PartialEq::eq, |model| kiosk.set_ticket_rows(model));
    let papers = sheet.papers.iter().map(|paper| codes::paper(*paper)).collect();
    update(&kiosk.get_ticket_papers(), papers, PartialEq::eq, |model| kiosk.set_ticket_papers(model));
    advice(kiosk, sheet.missing.iter().copied());
    let due = sheet.due.as_ref();
    kiosk.set_ticket(ui::TicketInfo {
        kind: ui::TicketKind::Dossier,
        copy: is_copy,
        reference: sheet.reference.as_str().into(),
        masked_number: sheet.masked_pin.as_str().into(),
        day: sheet.day.to_string_vi().into(),
        portrait: match sheet.portrait {
            Portrait::Inside => ui::PortraitCode::Inside,
            Portrait::Brought => ui::PortraitCode::Brought,
        },
        fee: due.map(|due| grouped(due.vnd)).unwrap_or_default().into(),
        fee_source: due.map(|due| due.source.as_str()).unwrap_or_default().into(),
        qr: slint::Image::default(),
        qr_side: 0.0,
    });
}

fn row(line: &Line, first: bool) -> ui::TicketRow {
    let answer = Answer::from_key(&line.value).filter(|_| matches!(line.field.spec().rule, Rule::Choice(_)));
    ui::TicketRow {
        answer: codes::option(answer),
        code: codes::field(line.field),
        first,
        step: match line.step {
            PortalStep::Agency => ui::PortalStepCode::Agency,
            PortalStep::Compare => ui::PortalStepCode::Compare,
            PortalStep::Fill => ui::PortalStepCode::Fill,
        },
        value: line.value.as_str().into(),
    }
}

/// Thousands apart by points, as in Viet Nam.
fn grouped(vnd: u32) -> String {
    let digits = vnd.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

fn print_info(print: Option<PrintView>, printer: PrinterState) -> ui::PrintInfo {
    let Some(print) = print else {
        return ui::PrintInfo::default();
    };
    let trouble = match printer {
        PrinterState::Troubled(problem) => Some(problem),
        PrinterState::None | PrinterState::Ready { .. } => None,
    };
    let (printing, failed) = match print.printing {
        Printing::NotYet => (ui::PrintingCode::NotYet, None),
        Printing::Now => (ui::PrintingCode::Now, None),
        Printing::Done => (ui::PrintingCode::Done, None),
        Printing::Failed(problem) => (ui::PrintingCode::Failed, Some(problem)),
    };
    ui::PrintInfo {
        again: print.again,
        printer: if trouble.is_some() { ui::PrinterCode::Troubled } else { ui::PrinterCode::Ready },
        printing,
        problem: problem(failed.or(trouble)),
    }
}

fn problem(value: Option<PrintProblem>) -> ui::PrintProblemCode {
    match value {
        None => ui::PrintProblemCode::None,
        Some(PrintProblem::Absent) => ui::PrintProblemCode::Absent,
        Some(PrintProblem::NoPaper) => ui::PrintProblemCode::NoPaper,
        Some(PrintProblem::CoverOpen) => ui::PrintProblemCode::CoverOpen,
        Some(PrintProblem::Jam) => ui::PrintProblemCode::Jam,
        Some(PrintProblem::Offline) => ui::PrintProblemCode::Offline,
        Some(PrintProblem::Cut) => ui::PrintProblemCode::Cut,
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        let got = [0, 999, 1_000, 200_000, 1_234_567].map(grouped);
        assert_eq!(got, ["0", "999", "1.000", "200.000", "1.234.567"]);
    }
}
