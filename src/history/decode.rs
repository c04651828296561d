//! Undoes content encodings, within a limit, also of bodies that were cut off.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// What came out of a decoder.
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    /// Whether more would have come: the limit was reached, or the encoded bytes were cut or damaged.
    pub(super) is_cut: bool,
}

/// The bytes without these encodings, at most `limit` of them; nothing for an encoding that is not known.
pub(super) fn decode(bytes: &[u8], encodings: &str, limit: usize) -> Option<Decoded> {
    let mut decoded = Decoded { bytes: bytes.to_vec(), is_cut: false };
    // They were applied in the order in which they stand there. See RFC 9110, 8.4.
    for encoding in encodings.rsplit(',').map(str::trim).filter(|e| !e.is_empty()) {
        let next = undo(&decoded.bytes, &encoding.to_ascii_lowercase(), limit)?;
        decoded = Decoded { is_cut: decoded.is_cut || next.is_cut, ..next };
    }
    Some(decoded)
}

fn undo(bytes: &[u8], encoding: &str, limit: usize) -> Option<Decoded> {
    Some(match encoding {
        "identity" => Decoded { bytes: bytes.to_vec(), is_cut: false },
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(bytes), limit),
        // Servers mean either by this name. See RFC 9110, 8.4.1.2.
        "deflate" if is_zlib(bytes) => read(ZlibDecoder::new(bytes), limit),
        "deflate" => read(DeflateDecoder::new(bytes), limit),
        "br" => read(brotli_decompressor::Decompressor::new(bytes, BUFFER), limit),
        "zstd" => match ruzstd::decoding::StreamingDecoder::new(bytes) {
            Ok(decoder) => read(decoder, limit),
            Err(_) => Decoded { bytes: Vec::new(), is_cut: true },
        },
        _ => return None,
    })
}

fn read(mut from: impl Read, limit: usize) -> Decoded {
    let (mut bytes, mut piece) = (Vec::new(), [0; BUFFER]);
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Decoded { bytes, is_cut: false },
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
            Err(_) => return Decoded { bytes, is_cut: true },
        }
        if bytes.len() > limit {
            bytes.truncate(limit);
            return Decoded { bytes, is_cut: true };
        }
    }
}

fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..] if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31))
}

const BUFFER: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write};

    use super::*;

    fn gzip(text: &str) -> Vec<u8> {
        let mut out = write::GzEncoder::new(Vec::new(), Compression::default());
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap()
    }

    #[test]
    fn known_encodings_are_undone_in_the_reverse_of_their_order() {
        let mut out = write::ZlibEncoder::new(Vec::new(), Compression::default());
        out.write_all(&gzip("hello")).unwrap();
        let both = out.finish().unwrap();
        assert_eq!(decode(&both, "gzip, deflate", 100).unwrap().bytes, b"hello");
        let zstd =
            ruzstd::encoding::compress_to_vec(&b"hello"[..], ruzstd::encoding::CompressionLevel::Fastest);
        assert_eq!(decode(&zstd, "ZSTD", 100).unwrap().bytes, b"hello");
        // `hello` as one uncompressed piece. See RFC 7932, 9.2.
        assert_eq!(decode(b"\x0b\x02\x80hello\x03", "br", 100).unwrap().bytes, b"hello");
        assert!(decode(b"x", "compress", 100).is_none());
    }

    #[test]
    fn a_bomb_stops_at_the_limit_and_a_cut_body_gives_its_beginning() {
        let bomb = gzip(&"a".repeat(1 << 20));
        let decoded = decode(&bomb, "gzip", 1000).unwrap();
        assert_eq!((decoded.bytes.len(), decoded.is_cut), (1000, true));
        let half = decode(&bomb[..bomb.len() / 2], "gzip", 1 << 21).unwrap();
        assert!(half.is_cut && !half.bytes.is_empty());
    }
}
