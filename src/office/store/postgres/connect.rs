//! Reaching the server: on this machine or by TLS, only one that keeps what it confirmed, and with the right schema.

use super::rows;
use super::tls::Authority;
use crate::office::store::StoreError;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Transaction};
use std::net::IpAddr;
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, IsolationLevel, NoTls, Socket};

/// Version of the schema, in `meta`.
const VERSION: i64 = 3;
const SCHEMA: &str = include_str!("schema.sql");
/// What brings a database of version 1 to version 2.
const FROM_1: &str = include_str!("from_1.sql");
/// And from version 2 to version 3.
const FROM_2: &str = include_str!("from_2.sql");
/// Connections of one process. `PostgreSQL`'s own limit is 100 for everybody together.
const MAX_CONNECTIONS: usize = 16;
/// A request waits so long for a connection: for a free one, for a new one, or for the check of an old one.
const CONNECTION_LIMIT: Duration = Duration::from_secs(5);
/// What is refused when a server may lose what it confirmed.
pub(super) const DURABLE: &str = "fsync, full_page_writes and synchronous_commit must be on";
/// So long a request waits for a lock, and so long a transaction of a process that fell silent may hold one. There is no
/// limit for statements: it would also end the wait for a synchronous standby, and a commit would then be confirmed
/// without it.
const LOCK_LIMITS: &str = "-c lock_timeout=10s -c idle_in_transaction_session_timeout=30s";
/// Any number that no submission's lock is likely to have; two processes make the schema one after the other.
const SCHEMA_LOCK: i64 = 0x0074_6b30_3174_6b30;

/// Connections to a server on this machine.
pub(super) fn pool(url: &str) -> Result<Pool, StoreError> {
    let config = parsed(url)?;
    let is_near = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()),
        Host::Unix(_) => true,
    };
    if config.get_hosts().iter().all(is_near) && config.get_hostaddrs().iter().all(IpAddr::is_loopback) {
        build(config, NoTls)
    } else {
        Err(StoreError::RemoteDatabase)
    }
}

/// Connections to a server anywhere, by TLS and with a certificate of this authority.
pub(super) fn encrypted_pool(url: &str, authority: Authority) -> Result<Pool, StoreError> {
    let mut config = parsed(url)?;
    config.ssl_mode(SslMode::Require);
    build(config, authority)
}

fn parsed(url: &str) -> Result<Config, StoreError> {
    let config: Config = url.parse().map_err(|_| StoreError::DatabaseUrl)?;
    let names_a_server = config.get_hosts().len() + config.get_hostaddrs().len() > 0;
    if names_a_server { Ok(config) } else { Err(StoreError::DatabaseUrl) }
}

fn build<T>(mut config: Config, tls: T) -> Result<Pool, StoreError>
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::Stream: Send + Sync,
    T::TlsConnect: Send + Sync,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let options = format!("{} {LOCK_LIMITS}", config.get_options().unwrap_or_default());
    config.options(options.trim()).connect_timeout(CONNECTION_LIMIT);
    if config.get_application_name().is_none() {
        config.application_name("intake");
    }
    let manager = Manager::from_config(config, tls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    let pool = Pool::builder(manager)
        .max_size(MAX_CONNECTIONS)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(CONNECTION_LIMIT))
        .create_timeout(Some(CONNECTION_LIMIT))
        .recycle_timeout(Some(CONNECTION_LIMIT))
        .post_create(Hook::async_fn(|client, _| Box::pin(refuse_forgetful(client))))
        .build();
    pool.map_err(|_| StoreError::Unavailable)
}

/// `synchronous_commit` is also pinned for the connection, so that an operator who turns it off later is not obeyed.
async fn refuse_forgetful(client: &deadpool_postgres::ClientWrapper) -> Result<(), HookError> {
    const SETTINGS: &str = "SELECT current_setting('fsync'), current_setting('full_page_writes'),
                set_config('synchronous_commit', current_setting('synchronous_commit'), false)";
    let row = client.query_one(SETTINGS, &[]).await.map_err(HookError::Backend)?;
    for column in 0..row.len() {
        if row.try_get::<_, &str>(column).map_err(HookError::Backend)? == "off" {
            return Err(HookError::message(DURABLE));
        }
    }
    Ok(())
}

/// Each statement sees what was committed before it began, whatever the server's default is.
pub(super) async fn begin(client: &mut Object) -> Result<Transaction<'_>, StoreError> {
    Ok(client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start().await?)
}

/// Makes the schema if there is none. Processes that start at the same time do it one after the other.
pub(super) async fn bring_up_to_date(client: &mut Object) -> Result<(), StoreError> {
    let mut epoch = [0_u8; 16];
    getrandom::fill(&mut epoch).map_err(StoreError::Random)?;
    let tx = begin(client).await?;
    tx.query("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK]).await?;
    let found = tx.query_one("SELECT to_regclass('meta') IS NOT NULL", &[]).await?;
    if !found.try_get::<_, bool>(0)? {
        tx.batch_execute(SCHEMA).await?;
        tx.execute(
            "INSERT INTO meta (id, version, office_epoch, next_receipt_no) VALUES (1, $1, $2, 1)",
            &[&VERSION, &&epoch[..]],
        )
        .await?;
    }
    let version = rows::only(&tx, "SELECT version FROM meta FOR UPDATE", &[]).await?.try_get::<_, i64>(0)?;
    if version == 1 {
        tx.batch_execute(FROM_1).await?;
    }
    if version == 1 || version == 2 {
        tx.batch_execute(FROM_2).await?;
        tx.execute("UPDATE meta SET version = $1", &[&VERSION]).await?;
    }
    match version {
        1 | 2 | VERSION => Ok(tx.commit().await?),
        found if found > VERSION => Err(StoreError::TooNew { found, known: VERSION }),
        _ => Err(StoreError::Absent),
    }
}
