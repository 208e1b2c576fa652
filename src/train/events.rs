//! TensorBoard's files: records of protocol buffers, each framed by its length and two checksums.
//!
//! A record is its length (64 bits), the masked CRC-32C of these 8 bytes, the message, and the masked CRC-32C of the message, all little-endian. The
//! messages are TensorFlow's `Event` and `Summary`, as far as scalars need them.

use prost::Message;

#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(oneof = "What", tags = "3, 5")]
    what: Option<What>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum What {
    #[prost(string, tag = "3")]
    FileVersion(String),
    #[prost(message, tag = "5")]
    Summary(Summary),
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    values: Vec<Scalar>,
}

#[derive(Clone, PartialEq, Message)]
struct Scalar {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, tag = "2")]
    value: f32,
}

/// What a file begins with; `time` in seconds since 1970.
pub(super) fn header(time: f64) -> Vec<u8> {
    record(&Event {
        wall_time: time,
        step: 0,
        what: Some(What::FileVersion("brain.Event:2".into())),
    })
}

/// Scalars with their names at a step.
pub(super) fn scalars(time: f64, step: usize, scalars: &[(String, f64)]) -> Vec<u8> {
    #[allow(clippy::cast_possible_truncation, reason = "TensorBoard's scalars are floats")]
    let scalar = |(tag, value): &(String, f64)| Scalar { tag: tag.clone(), value: *value as f32 };
    let what = What::Summary(Summary { values: scalars.iter().map(scalar).collect() });
    record(&Event { wall_time: time, step: super::random::size(step), what: Some(what) })
}

fn record(event: &Event) -> Vec<u8> {
    let message = event.encode_to_vec();
    let length = (message.len() as u64).to_le_bytes();
    let mut bytes = length.to_vec();
    bytes.extend(masked(&length));
    bytes.extend(&message);
    bytes.extend(masked(&message));
    bytes
}

/// The checksum, rotated and shifted so that a checksum of what contains checksums is none of theirs.
fn masked(bytes: &[u8]) -> [u8; 4] {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `tensorboard.summary.writer.record_writer` of Python's tensorboard 2.20 writes for the same events.
    #[test]
    fn records_are_those_of_tensorboard() {
        let hex =
            |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(
            hex(header(1.5)),
            include_str!("../../tests/parity/events.txt").lines().next().unwrap()
        );
        let found = scalars(2.25, 98, &[("train/loss".into(), 0.5), ("lr".into(), 0.1)]);
        assert_eq!(
            hex(found),
            include_str!("../../tests/parity/events.txt").lines().nth(1).unwrap()
        );
    }
}
