//! From bytes to events, within limits: how long an event may be, how long there may be
//! silence, and how much may come in a second.

use std::time::Duration;

use bytes::Bytes;
use eventsource_stream::{Event, EventStreamError, Eventsource as _};
use futures_util::stream::{self, Stream, StreamExt as _};
use tokio::time::{Instant, sleep_until, timeout};

use crate::monitor::{
    Reach,
    fetch::{Failure, Opened},
};

/// The longest event that is read.
const MAX_EVENT_BYTES: usize = 256 * 1024;

/// Without a byte for so long a stream is given up. Hystrix sends `ping: ` twice a second,
/// Resilience4j an event without data once.
const SILENCE: Duration = Duration::from_secs(10);

/// What is read of one stream in a second; a thousand commands of Hystrix are half of it.
const MAX_BYTES_PER_SECOND: usize = 8 * 1024 * 1024;

/// The pieces of an answer as they come.
pub(super) fn pieces(answer: Opened) -> impl Stream<Item = Result<Bytes, Failure>> + Send {
    stream::unfold(Some(answer), |answer| async move {
        let mut answer = answer?;
        match answer.next().await {
            Ok(piece) => Some((Ok(piece?), Some(answer))),
            Err(failure) => Some((Err(failure), None)),
        }
    })
}

/// The same, but silence is a failure, and too much in a second is read more slowly.
pub(super) fn paced(
    pieces: impl Stream<Item = Result<Bytes, Failure>> + Send,
) -> impl Stream<Item = Result<Bytes, Failure>> + Send {
    let start = Some((Box::pin(pieces), Meter::new()));
    stream::unfold(start, |state| async move {
        let (mut pieces, mut meter) = state?;
        meter.wait().await;
        match timeout(SILENCE, pieces.next()).await {
            Ok(Some(Ok(piece))) => {
                meter.count(piece.len());
                Some((Ok(piece), Some((pieces, meter))))
            }
            Ok(Some(Err(failure))) => Some((Err(failure), None)),
            Ok(None) => None,
            Err(_) => {
                let seconds = SILENCE.as_secs();
                let message = format!("the stream was silent for {seconds} s");
                Some((Err(Failure::new(Reach::TimedOut, message)), None))
            }
        }
    })
}

/// How much came in this second.
struct Meter {
    began: Instant,
    bytes: usize,
}

impl Meter {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            bytes: 0,
        }
    }

    fn count(&mut self, bytes: usize) {
        if self.began.elapsed() >= Duration::from_secs(1) {
            *self = Self::new();
        }
        self.bytes += bytes;
    }

    async fn wait(&self) {
        if self.bytes > MAX_BYTES_PER_SECOND {
            sleep_until(self.began + Duration::from_secs(1)).await;
        }
    }
}

/// The events of a stream; the first failure is the last item.
pub(super) fn events(
    pieces: impl Stream<Item = Result<Bytes, Failure>> + Send,
) -> impl Stream<Item = Result<Event, Failure>> + Send {
    let lines = Lines {
        pieces: Box::pin(pieces),
        piece: Bytes::new(),
        event_bytes: 0,
        has_returned: false,
    };
    let lines = stream::unfold(Some(lines), |lines| async move {
        let mut lines = lines?;
        match lines.next().await {
            Ok(Some(line)) => Some((Ok(line), Some(lines))),
            Ok(None) => None,
            Err(failure) => Some((Err(failure), None)),
        }
    });
    lines.eventsource().map(|it| {
        it.map_err(|error| match error {
            EventStreamError::Transport(failure) => failure,
            other => Failure::new(Reach::Unparseable, other.to_string()),
        })
    })
}

/// Hands over whole lines, so that the parser never looks at the same bytes again, and
/// counts what it keeps.
struct Lines<Pieces> {
    pieces: std::pin::Pin<Box<Pieces>>,
    /// What is left of the last piece.
    piece: Bytes,
    /// Bytes of the event so far.
    event_bytes: usize,
    /// Whether the last line ended in a carriage return, to which a line feed may belong.
    has_returned: bool,
}

impl<Pieces: Stream<Item = Result<Bytes, Failure>>> Lines<Pieces> {
    /// The next line with its end; what comes after the last end is no line.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let mut line = Vec::new();
        loop {
            let end = self.piece.iter().position(|it| matches!(it, b'\n' | b'\r'));
            let length = end.map_or(self.piece.len(), |it| it + 1);
            line.extend_from_slice(&self.piece.split_to(length));
            if self.event_bytes + line.len() > MAX_EVENT_BYTES {
                let limit = MAX_EVENT_BYTES / 1024;
                let message = format!("an event is longer than {limit} KiB");
                return Err(Failure::new(Reach::TooLarge, message));
            }
            if end.is_some() {
                self.count(&line);
                return Ok(Some(line));
            }
            match self.pieces.next().await {
                Some(piece) => self.piece = piece?,
                None => return Ok(None),
            }
        }
    }

    /// Of other lines than these the parser keeps nothing.
    fn count(&mut self, line: &[u8]) {
        let belongs = self.has_returned && line == b"\n";
        if line.len() == 1 && !belongs {
            self.event_bytes = 0;
        } else if line.starts_with(b"data") {
            self.event_bytes += line.len();
        }
        self.has_returned = line.ends_with(b"\r");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use futures_util::stream::{self, Stream, StreamExt as _};
    use tokio::time::{Instant, sleep};

    use super::{MAX_BYTES_PER_SECOND, MAX_EVENT_BYTES, SILENCE, events, paced};
    use crate::monitor::{Reach, fetch::Failure};

    /// The data of every event when the text comes in pieces of this size, and how it ended.
    async fn heard(text: &str, size: usize) -> (Vec<String>, Option<Reach>) {
        let pieces: Vec<_> = text
            .as_bytes()
            .chunks(size)
            .map(Bytes::copy_from_slice)
            .collect();
        let pieces = stream::iter(pieces.into_iter().map(Ok::<_, Failure>));
        let (mut heard, mut end) = (Vec::new(), None);
        let mut events = Box::pin(events(pieces));
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => heard.push(event.data),
                Err(failure) => end = Some(failure.reach),
            }
        }
        (heard, end)
    }

    #[tokio::test]
    async fn events_are_the_same_however_the_network_cuts_them() {
        let texts = [
            "ping: \n\ndata: a\n\ndata:b\ndata: c\n\nevent: ping\n\nid: 7\ndata: ä\n\n",
            "ping: \r\n\r\ndata: a\r\n\r\ndata:b\r\ndata: c\r\n\r\nid: 7\r\ndata: ä\r\n\r\n",
        ];
        for text in texts {
            for size in 1..text.len() {
                let (heard, end) = heard(text, size).await;
                assert_eq!(heard, ["a", "b\nc", "ä"], "{size}");
                assert_eq!(end, None);
            }
        }
    }

    #[tokio::test]
    async fn an_event_that_does_not_end_is_not_kept_for_ever() {
        let one_line = format!("data: {}", "x".repeat(MAX_EVENT_BYTES));
        assert_eq!(
            heard(&one_line, 4096).await,
            (vec![], Some(Reach::TooLarge))
        );
        for end in ["\n", "\r\n"] {
            let lines = format!("data: x{end}").repeat(MAX_EVENT_BYTES / 7);
            assert_eq!(heard(&lines, 4096).await, (vec![], Some(Reach::TooLarge)));
        }
        let pings = "ping: \n".repeat(MAX_EVENT_BYTES) + "data: a\n\n";
        assert_eq!(heard(&pings, 4096).await, (vec!["a".to_owned()], None));
    }

    #[tokio::test]
    async fn bytes_that_are_no_text_end_the_stream_without_harm() {
        let pieces = [Bytes::from_static(b"data: \xff\xfe\n\n")];
        let pieces = stream::iter(pieces.map(Ok::<_, Failure>));
        let mut events = Box::pin(events(pieces));
        let failure = events.next().await.unwrap().unwrap_err();
        assert_eq!(failure.reach, Reach::Unparseable);
    }
    /// So many pieces, each after a pause.
    fn sent(
        piece: &'static [u8],
        count: u32,
        pause: Duration,
    ) -> impl Stream<Item = Result<Bytes, Failure>> + Send {
        stream::iter(0..count).then(move |_| async move {
            sleep(pause).await;
            Ok(Bytes::from_static(piece))
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_only_pings_lives_and_a_silent_one_is_given_up() {
        let pings = sent(b"ping: \n\n", 60, Duration::from_secs(1));
        let mut events = Box::pin(events(paced(pings.chain(stream::pending()))));
        let began = Instant::now();
        let failure = events.next().await.unwrap().unwrap_err();
        assert_eq!(failure.reach, Reach::TimedOut);
        assert_eq!(began.elapsed(), Duration::from_mins(1) + SILENCE);
        assert!(events.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_read_no_faster_than_is_allowed() {
        static PIECE: [u8; MAX_BYTES_PER_SECOND / 8] = [b'\n'; MAX_BYTES_PER_SECOND / 8];
        let began = Instant::now();
        let flood = paced(sent(&PIECE, 33, Duration::ZERO));
        assert_eq!(Box::pin(flood).count().await, 33);
        assert!(began.elapsed() >= Duration::from_secs(3));
    }
}
