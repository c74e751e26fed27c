//! TensorBoard's event files: figures of each epoch.
//!
//! A file is a series of records (`TFRecord`), each a length, a message and their checksums. The messages are `Event`s of
//! TensorFlow's protocol buffers.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::training::EpochMetrics;

/// The version of event files.
const VERSION: &str = "brain.Event:2";

/// Fields of messages: number and wire type (0 varint, 1 eight bytes, 2 with a length, 5 four bytes).
mod field {
    pub(crate) const EVENT_WALL_TIME: u8 = 1 << 3 | 1;
    pub(crate) const EVENT_STEP: u8 = 2 << 3;
    pub(crate) const EVENT_FILE_VERSION: u8 = 3 << 3 | 2;
    pub(crate) const EVENT_SUMMARY: u8 = 5 << 3 | 2;
    pub(crate) const EVENT_SESSION_LOG: u8 = 7 << 3 | 2;
    pub(crate) const SUMMARY_VALUE: u8 = 1 << 3 | 2;
    pub(crate) const VALUE_TAG: u8 = 1 << 3 | 2;
    pub(crate) const VALUE_SIMPLE: u8 = 2 << 3 | 5;
    pub(crate) const SESSION_STATUS: u8 = 1 << 3;
}

/// The `SESSION_STATUS` of a session that begins.
const START: u64 = 1;

/// Returns the head of a file, after which TensorBoard drops epochs from `first` on of earlier files in the folder.
pub(crate) fn head(first: usize) -> Vec<u8> {
    let mut file = version(now());
    if first > 1 {
        file.extend(session(now(), first));
    }
    file
}

/// Returns the record of an epoch, which is shown as the step.
pub(crate) fn epoch(metrics: &EpochMetrics) -> Vec<u8> {
    event(now(), metrics.epoch, &scalars(metrics))
}

/// Returns the figures by their names in TensorBoard.
fn scalars(metrics: &EpochMetrics) -> Vec<(String, f64)> {
    let scalars = [
        ("loss/train", Some(metrics.train_loss)),
        ("loss/val", metrics.val_loss),
        ("loss/test", metrics.test_loss),
        ("accuracy/train", Some(metrics.train_accuracy)),
        ("accuracy/val", metrics.val_accuracy),
        ("accuracy/test", metrics.test_accuracy),
        ("learning_rate", Some(metrics.lr)),
    ];
    let scalars = scalars.into_iter();
    let mut scalars: Vec<_> = scalars
        .filter_map(|(tag, value)| Some((tag.to_owned(), value?)))
        .collect();
    for (block, coefficients) in &metrics.coefficients {
        for (name, value) in coefficients {
            scalars.push((format!("coefficients/{block}.{name}"), *value));
        }
    }
    scalars
}

/// Returns the record of the version.
fn version(time: f64) -> Vec<u8> {
    let mut event = stamp(time);
    bytes(&mut event, field::EVENT_FILE_VERSION, VERSION.as_bytes());
    record(&event)
}

/// Returns the record of a session that begins at a step and replaces later steps.
fn session(time: f64, step: usize) -> Vec<u8> {
    let mut log = Vec::new();
    number(&mut log, field::SESSION_STATUS, START);
    let mut event = stamp(time);
    number(&mut event, field::EVENT_STEP, step as u64);
    bytes(&mut event, field::EVENT_SESSION_LOG, &log);
    record(&event)
}

/// Returns the record of scalars at a step.
fn event(time: f64, step: usize, scalars: &[(String, f64)]) -> Vec<u8> {
    let mut summary = Vec::new();
    for (tag, scalar) in scalars {
        let mut value = Vec::new();
        bytes(&mut value, field::VALUE_TAG, tag.as_bytes());
        value.push(field::VALUE_SIMPLE);
        value.extend((*scalar as f32).to_le_bytes());
        bytes(&mut summary, field::SUMMARY_VALUE, &value);
    }
    let mut event = stamp(time);
    number(&mut event, field::EVENT_STEP, step as u64);
    bytes(&mut event, field::EVENT_SUMMARY, &summary);
    record(&event)
}

/// Starts an event with its time, in seconds since 1970.
fn stamp(time: f64) -> Vec<u8> {
    let mut event = vec![field::EVENT_WALL_TIME];
    event.extend(time.to_le_bytes());
    event
}

fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |time| time.as_secs_f64())
}

fn bytes(message: &mut Vec<u8>, field: u8, content: &[u8]) {
    number(message, field, content.len() as u64);
    message.extend(content);
}

/// Appends a varint field: seven bits a byte, the lowest first, the eighth set if more follow.
fn number(message: &mut Vec<u8>, field: u8, value: u64) {
    message.push(field);
    let mut rest = value;
    while rest >= 0x80 {
        message.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    message.push(rest as u8);
}

/// Returns a message with its length and checksums.
fn record(message: &[u8]) -> Vec<u8> {
    let length = (message.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(message.len() + 16);
    record.extend(length);
    record.extend(masked(&length).to_le_bytes());
    record.extend(message);
    record.extend(masked(message).to_le_bytes());
    record
}

/// Masks a checksum that is stored with its data, or a checksum over both would be constant.
fn masked(data: &[u8]) -> u32 {
    crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Computes CRC-32C (RFC 3720, appendix B.4) bit by bit, because records are short.
fn crc32c(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_rfc_3720() {
        let counting: Vec<u8> = (0..32).collect();
        let falling: Vec<u8> = (0..32).rev().collect();
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(&counting), 0x46dd_794e);
        assert_eq!(crc32c(&falling), 0x113f_db5c);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }
    /// Written by the `RecordWriter` and the protocol buffers of TensorBoard 2.21.
    #[test]
    fn records_are_those_of_tensorboard() {
        let scalars = [
            ("loss/train".to_owned(), 1.5),
            ("coefficients/group1.block1.h".to_owned(), 0.97),
        ];
        for (record, expected) in [
            (
                version(1234.5),
                "1800000000000000a37f4b220900000000004a93401a0d627261696e2e4576656e743a3265b8d3fb",
            ),
            (
                session(1234.5, 300),
                "100000000000000095fbfe180900000000004a934010ac023a02080160cea677",
            ),
            (
                event(1234.5, 3, &scalars),
                "4500000000000000ebe668b00900000000004a934010032a380a110a0a6c6f73732f747261696e150000c03f\
                 0a230a1c636f656666696369656e74732f67726f7570312e626c6f636b312e6815ec51783f720ace19",
            ),
        ] {
            let bytes = expected.as_bytes().chunks(2);
            let expected = bytes.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16));
            assert_eq!(record, expected.collect::<Result<Vec<_>, _>>().unwrap());
        }
    }

    #[test]
    fn a_session_that_goes_on_says_from_where() {
        assert_eq!(head(1).len(), version(0.0).len());
        assert_eq!(head(7).len(), version(0.0).len() + session(0.0, 7).len());
    }
}
