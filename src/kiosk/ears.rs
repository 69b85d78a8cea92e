//! What the serial reader hears, as events of the session.

use super::Told;
use crate::clock;
use crate::config::Config;
use crate::domain::flow::{Event, ReaderState};
use crate::domain::{card, slip};
use crate::journal::{self, Entry};
use crate::reader::{self, Heard};
use tokio::sync::mpsc;

/// The reader's thread: what it hears becomes events; a record is understood here and wiped.
pub(super) fn listen(config: &Config, events: mpsc::Sender<Told>) -> std::io::Result<reader::serial::Handle> {
    let page = config.setup.page.clone();
    reader::serial::spawn(config.reader.clone(), move |heard| {
        let event = match heard {
            Heard::Ready => {
                journal::write(&Entry::ReaderReady);
                Event::Reader(ReaderState::Ready)
            }
            Heard::Missing => {
                journal::write(&Entry::ReaderMissing);
                Event::Reader(ReaderState::Missing)
            }
            Heard::TooLong => refused(card::CardProblem::TooLong),
            Heard::Record(record) => match card::parse_qr(&record) {
                Ok(claim) => {
                    journal::write(&Entry::CardRead);
                    Event::CardRead(Box::new(claim))
                }
                Err(problem) => match slip::parse(&record, &page) {
                    Ok(slip) => {
                        journal::write(&Entry::SlipRead);
                        Event::SlipRead { slip, today: clock::today() }
                    }
                    Err(_) => refused(problem),
                },
            },
        };
        events.blocking_send(Told::World(event)).is_ok()
    })
}

fn refused(problem: card::CardProblem) -> Event {
    let code = match problem {
        card::CardProblem::NotACard => "not-a-card",
        card::CardProblem::WrongEncoding => "wrong-encoding",
        card::CardProblem::TooLong => "too-long",
        card::CardProblem::Garbled => "garbled",
        card::CardProblem::OldCard => "old-card",
    };
    journal::write(&Entry::CardRefused { code });
    Event::CardRefused(problem)
}
