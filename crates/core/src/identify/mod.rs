//! identify: who asks. Credentials are found, verified and held against what the Operation
//! declares; a Request with a bad credential is never taken for one without.

mod admission;
pub mod algorithm;
pub mod api_key;
pub mod cache;
pub mod challenge;
pub mod credential;
pub mod issued;
pub mod issuer;
mod json;
pub mod jwk;
pub mod jws;
mod jwt;
pub mod key_text;
pub mod keys;
pub mod principal;
pub mod refusal;
pub mod revocation;
pub mod security;
mod token;
mod verb;

pub use principal::{Principal, PrincipalKind};
pub use security::{OperationSecurity, Security, SecurityFault};
pub use verb::{Identified, Identity, identify};
