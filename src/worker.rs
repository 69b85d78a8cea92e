//! A thread that carries out orders one after the other, and ends with whoever gave them.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

/// Somebody at work. Dropping it closes the orders and waits until those that were given are carried out: so the work
/// must not wait for whoever drops this.
pub struct Worker<Order> {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl<Order: Send + 'static> Worker<Order> {
    /// Starts a thread of this name. The work ends when its orders do; the error is that there is no thread.
    pub fn spawn(name: &str, work: impl FnOnce(Receiver<Order>) + Send + 'static) -> io::Result<Self> {
        let (orders, ordered) = mpsc::channel();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || work(ordered))?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }
}

impl<Order> Worker<Order> {
    /// Does it, after what was ordered before.
    pub fn order(&self, order: Order) {
        // A thread that has ended does nothing; its listener has gone first.
        let _ = self.orders.as_ref().map(|orders| orders.send(order));
    }
}

impl<Order> Drop for Worker<Order> {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take()
            // Dropped by its own work, the thread would wait for itself.
            && thread.thread().id() != thread::current().id()
        {
            // A panic has been reported by the thread itself.
            let _ = thread.join();
        }
    }
}
