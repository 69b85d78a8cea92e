//! The contract in `openapi.yaml` and the router name the same paths.

use super::bench::{Bench, answer};
use reqwest::Method;

/// Path and method of every operation in the contract, with values in the places of its parameters.
fn operations() -> Vec<(String, Method)> {
    let mut found = Vec::new();
    let mut path = String::new();
    for line in include_str!("../openapi.yaml").lines() {
        let indent = line.len() - line.trim_start().len();
        let Some(name) = line.trim().strip_suffix(':') else { continue };
        match indent {
            2 if name.starts_with('/') => {
                path = name.replace("{id}", "0192f0c0-0000-7000-8000-000000000000").replace("{n}", "0");
            }
            4 if !path.is_empty() => {
                if let Ok(method) = Method::from_bytes(name.to_uppercase().as_bytes()) {
                    found.push((path.clone(), method));
                }
            }
            0 => path.clear(),
            _ => {}
        }
    }
    found
}

#[tokio::test]
async fn every_operation_of_the_contract_is_served_and_no_other_method() {
    let bench = Bench::start().await;
    let operations = operations();
    assert_eq!(operations.len(), 17, "{operations:?}");
    for (path, _) in &operations {
        for method in [Method::GET, Method::PUT, Method::POST, Method::DELETE, Method::PATCH] {
            let promised = operations.contains(&(path.clone(), method.clone()));
            let (status, body) = answer(bench.request(method.clone(), path)).await;
            assert_eq!(status != 405, promised, "{method} {path}: {status} {body}");
            assert!(!body.contains("no-such-path"), "{method} {path}: {status} {body}");
        }
    }
}
