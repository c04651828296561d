//! Looks at the first bytes of a tunnel to tell what is spoken in it, and gives them back.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// What a client speaks in a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speech {
    /// A TLS handshake.
    Tls,
    /// HTTP in the clear, as browsers do for a WebSocket without TLS.
    Http,
    /// Anything else, or nothing at all.
    Other,
}

/// Reads until it is clear what is spoken; `seen` holds what was read, also when this future is dropped.
pub(super) async fn listen(io: &mut (impl AsyncRead + Unpin), seen: &mut BytesMut) -> io::Result<Speech> {
    loop {
        if let Some(speech) = classify(seen) {
            return Ok(speech);
        }
        if io.read_buf(seen).await? == 0 {
            return Ok(Speech::Other);
        }
    }
}

/// What the bytes are the beginning of; nothing when more are needed to tell.
fn classify(bytes: &[u8]) -> Option<Speech> {
    match bytes {
        [] | [HANDSHAKE] => None,
        [HANDSHAKE, 3, ..] => Some(Speech::Tls),
        _ => classify_text(bytes),
    }
}

fn classify_text(bytes: &[u8]) -> Option<Speech> {
    let is_method = |b: &u8| b.is_ascii_uppercase() || matches!(b, b'-' | b'_');
    let method = bytes.iter().take_while(|b| is_method(b)).count();
    match &bytes[method..] {
        _ if method > METHOD_MOST => Some(Speech::Other),
        [] | [b' '] => None,
        [b' ', b'/' | b'*' | b'h', ..] if method > 0 => Some(Speech::Http),
        _ => Some(Speech::Other),
    }
}

/// A stream with bytes in front that were read already.
pub(super) struct Prefixed<I> {
    seen: Bytes,
    io: I,
}

impl<I> Prefixed<I> {
    pub(super) fn new(seen: BytesMut, io: I) -> Self {
        Self { seen: seen.freeze(), io }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Prefixed<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.seen.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        let count = self.seen.len().min(buf.remaining());
        buf.put_slice(&self.seen[..count]);
        self.seen.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Prefixed<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

const HANDSHAKE: u8 = 0x16;
const METHOD_MOST: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_http_and_the_rest_are_told_apart_by_their_first_bytes() {
        assert_eq!(classify(&[0x16, 3, 1]), Some(Speech::Tls));
        assert_eq!(classify(b"GET /chat HTTP/1.1"), Some(Speech::Http));
        assert_eq!(classify(b"PRI * HTTP/2.0"), Some(Speech::Http));
        assert_eq!(classify(b"SSH-2.0-OpenSSH"), Some(Speech::Other));
        assert_eq!(classify(b"GET key\r\n"), Some(Speech::Other));
        assert_eq!(classify(&[0x16, 9]), Some(Speech::Other));
        assert_eq!(classify(&[0]), Some(Speech::Other));
    }

    #[test]
    fn too_few_bytes_decide_nothing() {
        for bytes in [&b""[..], &[0x16], b"G", b"GET", b"GET "] {
            assert_eq!(classify(bytes), None, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn the_bytes_that_were_read_come_again() {
        let mut seen = BytesMut::new();
        let mut io = &b"GET / HTTP/1.1\r\n"[..];
        assert_eq!(listen(&mut io, &mut seen).await.unwrap(), Speech::Http);
        let mut text = String::new();
        Prefixed::new(seen, io).read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "GET / HTTP/1.1\r\n");
    }
}
