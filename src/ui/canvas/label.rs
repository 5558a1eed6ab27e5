//! Where the words at an edge stand, and how many of them.

use egui::{Align2, Pos2, Rect, Vec2, vec2};

/// What words keep clear of, in window points.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Cards and names of frames.
    pub(super) cards: Vec<Rect>,
    /// Breakers, by their edges: an edge's own is no obstacle.
    pub(super) glyphs: Vec<(usize, Rect)>,
    /// Words that stand already.
    pub(super) words: Vec<Rect>,
}

impl Taken {
    fn is_free(&self, edge: usize, rect: Rect) -> bool {
        let rect = rect.expand(2.0);
        let mut others = self.glyphs.iter().filter(|(it, _)| *it != edge);
        let mut all = self.cards.iter().chain(&self.words);
        !all.any(|it| it.intersects(rect)) && !others.any(|(_, it)| it.intersects(rect))
    }
}

/// The place of an edge's words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) edge: usize,
    pub(super) at: Pos2,
    pub(super) is_upright: bool,
    pub(super) scale: f32,
    /// How long the piece of the line is, in window points.
    pub(super) along: f32,
    /// How wide one line of words may be.
    pub(super) room: f32,
}

/// How urgent words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// They stand where there is room.
    Plain,
    /// The first of them stands in any case.
    News,
    /// All of them stand in any case.
    Asked,
}

/// Words that are set: their lines, and where.
#[derive(Debug, PartialEq)]
pub(super) struct Setting {
    pub(super) lines: Vec<String>,
    pub(super) place: (Pos2, Align2),
}

/// Sets words, the most important first, so that as many as possible stand free: at the
/// best place in one line or one below the other, then at the next place, then without
/// the last of them.
pub(super) fn set(
    parts: &[String],
    (spot, urgency): (Spot, Urgency),
    taken: &Taken,
    measure: impl Fn(&[String]) -> Vec2,
) -> Option<Setting> {
    let is_asked = urgency == Urgency::Asked;
    let least = if is_asked { parts.len() } else { 1 };
    for count in (least..=parts.len()).rev() {
        let parts = &parts[..count];
        let sized = |lines: Vec<String>| (measure(&lines), lines);
        let mut ways = vec![sized(in_lines_of(parts, count)), sized(halves(parts))];
        // Too wide for its line; who asks is told all the same.
        ways.retain(|(size, _)| count == 1 || is_asked || size.x <= spot.room);
        if count > 1 {
            ways.push(sized(parts.to_vec()));
        }
        for (at, anchor) in places(spot) {
            let free = ways
                .iter()
                .find(|(size, _)| taken.is_free(spot.edge, anchor.anchor_size(at, *size)));
            if let Some((_, lines)) = free {
                return Some(Setting {
                    lines: lines.clone(),
                    place: (at, anchor),
                });
            }
        }
    }
    let lines = match urgency {
        Urgency::Plain => return None,
        Urgency::News => vec![parts.first()?.clone()],
        Urgency::Asked => vec![parts.join(" · ")],
    };
    let place = places(spot).next()?;
    Some(Setting { lines, place })
}

fn in_lines_of(parts: &[String], count: usize) -> Vec<String> {
    let lines = parts.chunks(count.max(1));
    lines.map(|it| it.join(" · ")).collect()
}

/// Two lines, the first the longer one.
fn halves(parts: &[String]) -> Vec<String> {
    in_lines_of(parts, parts.len().div_ceil(2))
}

/// Where the words of an edge may stand, the best first: above or below a line that
/// runs across, right or left of one that runs upright, and farther along it.
fn places(spot: Spot) -> impl Iterator<Item = (Pos2, Align2)> {
    let (aside, along, anchors) = if spot.is_upright {
        let anchors = [Align2::LEFT_CENTER, Align2::RIGHT_CENTER];
        (vec2(16.0 * spot.scale, 0.0), vec2(0.0, 1.0), anchors)
    } else {
        let anchors = [Align2::CENTER_BOTTOM, Align2::CENTER_TOP];
        (vec2(0.0, -11.0 * spot.scale), vec2(1.0, 0.0), anchors)
    };
    let step = (spot.along / 2.0 - 12.0).clamp(0.0, 48.0);
    [0.0, step, -step].into_iter().flat_map(move |shift| {
        let middle = spot.at + along * shift;
        [(middle + aside, anchors[0]), (middle - aside, anchors[1])]
    })
}

#[cfg(test)]
mod tests {
    use egui::{Rect, Vec2, pos2, vec2};

    use super::{Setting, Spot, Taken, Urgency, set};

    /// Every letter is ten points wide and every line ten high.
    fn measure(lines: &[String]) -> Vec2 {
        let widest = lines.iter().map(|it| it.chars().count()).max();
        vec2(widest.unwrap_or(0) as f32, lines.len() as f32) * 10.0
    }

    fn set_at(room: f32, urgency: Urgency, taken: &Taken) -> Option<Setting> {
        let parts = ["9 /s", "p95 1 s"].map(str::to_owned);
        let spot = Spot {
            edge: 0,
            at: pos2(0.0, 0.0),
            is_upright: true,
            scale: 1.0,
            along: 40.0,
            room,
        };
        set(&parts, (spot, urgency), taken, measure)
    }

    fn lines(setting: Option<Setting>) -> String {
        setting.map_or_else(String::new, |it| it.lines.join("/"))
    }

    /// Cards at both sides from so far on.
    fn between_cards(far: f32) -> Taken {
        let right = Rect::from_min_max(pos2(far, -500.0), pos2(900.0, 500.0));
        let left = Rect::from_min_max(pos2(-900.0, -500.0), pos2(-far, 500.0));
        Taken {
            cards: vec![right, left],
            ..Taken::default()
        }
    }

    #[test]
    fn what_does_not_fit_into_a_line_is_stacked_before_anything_is_left_out() {
        let plain = |far, room| lines(set_at(room, Urgency::Plain, &between_cards(far)));
        assert_eq!(plain(400.0, 200.0), "9 /s · p95 1 s");
        assert_eq!(plain(400.0, 100.0), "9 /s/p95 1 s");
        assert_eq!(plain(100.0, 200.0), "9 /s/p95 1 s");
        assert_eq!(plain(70.0, 200.0), "9 /s");
        assert_eq!(plain(40.0, 200.0), "");
    }

    #[test]
    fn words_are_spread_over_two_lines_before_they_are_stacked() {
        let four = ["a", "b", "c", "d"].map(str::to_owned);
        assert_eq!(super::halves(&four), ["a · b", "c · d"]);
        assert_eq!(super::halves(&four[..3]), ["a · b", "c"]);
    }

    #[test]
    fn news_is_never_left_out_and_who_asks_is_told_all() {
        let narrow = between_cards(40.0);
        assert_eq!(lines(set_at(200.0, Urgency::News, &narrow)), "9 /s");
        let asked = lines(set_at(200.0, Urgency::Asked, &narrow));
        assert_eq!(asked, "9 /s · p95 1 s");
    }

    #[test]
    fn words_cover_neither_each_other_nor_the_breaker_of_another_edge() {
        let right = Rect::from_min_max(pos2(10.0, -30.0), pos2(300.0, 30.0));
        let mut taken = Taken::default();
        let is_right = |taken: &Taken| {
            let setting = set_at(200.0, Urgency::Plain, taken).unwrap();
            setting.place.0.x > 0.0
        };
        assert!(is_right(&taken));
        taken.glyphs.push((0, right));
        assert!(is_right(&taken), "its own breaker is no obstacle");
        taken.glyphs.push((1, right));
        assert!(!is_right(&taken));
        taken.glyphs.clear();
        taken.words.push(right);
        assert!(!is_right(&taken));
    }
}
