//! Real servers on free ports of the loopback, called by real clients.

#[cfg(test)]
mod backends;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod endings;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod probe;
