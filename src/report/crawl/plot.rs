//! Draws the timeline of a crawl: requests with and without the session, states found, and what happened.

use maud::{Markup, html};

use super::timeline::{Slot, Timeline};

/// The drawing, with a title for each piece of time.
#[expect(clippy::cast_precision_loss, reason = "what is drawn is small")]
pub(super) fn plot(timeline: &Timeline) -> Markup {
    let highest = timeline.slots.iter().map(|s| s.carried + s.bare + s.other).max().unwrap_or(0).max(1);
    let states = timeline.slots.last().map_or(0, |slot| slot.states).max(1);
    let step = WIDTH / timeline.slots.len().max(1) as f64;
    let high = |count: usize| HEIGHT * count as f64 / highest as f64;
    let line: Vec<String> = timeline
        .slots
        .iter()
        .enumerate()
        .map(|(n, slot)| {
            let y = TOP + HEIGHT - HEIGHT * slot.states as f64 / states as f64;
            format!("{:.1},{y:.1}", (n as f64 + 1.0) * step)
        })
        .collect();
    html! {
        svg.plot viewBox={ "0 0 " (WIDTH) " " (TOP + HEIGHT + BOTTOM) } role="img"
            aria-label={ "requests over " (clock(timeline.seconds)) ", at most " (highest) " at a time" } {
            @for tick in 0..=4 {
                @let x = WIDTH * f64::from(tick) / 4.0;
                line.grid x1=(x) x2=(x) y1=(TOP) y2=(TOP + HEIGHT) {}
                text.tick x=(x) y=(TOP + HEIGHT + 16.0) text-anchor=(anchor(tick)) {
                    (clock(timeline.seconds * f64::from(tick) / 4.0))
                }
            }
            @for (n, slot) in timeline.slots.iter().enumerate() {
                (bar(slot, n as f64 * step, step * 0.86, &high))
            }
            polyline.states points={ "0," (TOP + HEIGHT) " " (line.join(" ")) } {}
            line.base x1="0" x2=(WIDTH) y1=(TOP + HEIGHT) y2=(TOP + HEIGHT) {}
            @for mark in timeline.marks.iter().filter(|mark| mark.kind != "opened") {
                @let x = WIDTH * (mark.at / timeline.seconds).min(1.0);
                g.mark.(mark.kind) {
                    title { (clock(mark.at)) " " (mark.words) }
                    line x1=(x) x2=(x) y1=(TOP - 4.0) y2=(TOP + HEIGHT) {}
                    circle cx=(x) cy=(TOP - 6.0) r="4.5" {}
                }
            }
        }
    }
}

fn bar(slot: &Slot, x: f64, width: f64, high: &impl Fn(usize) -> f64) -> Markup {
    let parts = [("carried", slot.carried), ("bare", slot.bare), ("other", slot.other)];
    let mut y = TOP + HEIGHT;
    html! {
        g {
            title { (slot.carried) " with the session, " (slot.bare) " without, " (slot.other) " not meant to carry it; " (slot.states) " states" }
            @for (class, count) in parts {
                @if count > 0 {
                    @let tall = high(count);
                    @let () = y -= tall;
                    rect.(class) x=(format!("{x:.1}")) y=(format!("{y:.1}")) width=(format!("{width:.1}")) height=(format!("{tall:.1}")) {}
                }
            }
        }
    }
}

fn anchor(tick: i32) -> &'static str {
    match tick {
        0 => "start",
        4 => "end",
        _ => "middle",
    }
}

/// A time as minutes and seconds.
pub(super) fn clock(seconds: f64) -> String {
    let tenths = seconds.max(0.0) * 10.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a crawl takes days at most")]
    let tenths = tenths.round() as u64;
    if tenths < 600 {
        format!("{}.{} s", tenths / 10, tenths % 10)
    } else {
        format!("{}:{:02}", tenths / 600, tenths / 10 % 60)
    }
}

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 150.0;
/// Room above for the marks.
const TOP: f64 = 16.0;
/// Room below for the times.
const BOTTOM: f64 = 22.0;
