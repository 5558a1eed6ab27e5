//! The colors of each appearance. Nothing else names a color.

use egui::Color32;

use super::Theme;

#[allow(clippy::disallowed_methods, reason = "this is where colors are named")]
const fn rgb(red: u8, green: u8, blue: u8) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

pub(super) static DARK: Theme = Theme {
    is_dark: true,
    canvas: rgb(0x12, 0x15, 0x1A),
    grid_dot: rgb(0x1A, 0x1F, 0x27),
    panel: rgb(0x19, 0x1D, 0x24),
    card: rgb(0x22, 0x28, 0x32),
    field: rgb(0x12, 0x15, 0x1A),
    line: rgb(0x2E, 0x36, 0x42),
    text: rgb(0xE6, 0xEA, 0xF0),
    muted: rgb(0x9A, 0xA5, 0xB5),
    faint: rgb(0x7B, 0x87, 0x96),
    accent: rgb(0x5B, 0x9D, 0xFF),
    accent_surface: rgb(0x1D, 0x2C, 0x44),
    on_accent: rgb(0x0B, 0x12, 0x1E),
    up: rgb(0x41, 0xB8, 0x8D),
    degraded: rgb(0xE2, 0xA8, 0x3E),
    down: rgb(0xF0, 0x64, 0x6F),
    unknown: rgb(0x71, 0x7C, 0x8B),
    on_state: rgb(0x12, 0x15, 0x1A),
    edge: rgb(0x7C, 0x88, 0x98),
    event: rgb(0xA7, 0x8B, 0xFA),
    added_surface: rgb(0x16, 0x30, 0x2A),
    removed_surface: rgb(0x3A, 0x1F, 0x26),
    incident_surface: rgb(0x3A, 0x1B, 0x22),
    boundaries: [
        rgb(0x5B, 0x9D, 0xFF),
        rgb(0x41, 0xB8, 0x8D),
        rgb(0xE2, 0x9A, 0x5B),
        rgb(0xA7, 0x8B, 0xFA),
        rgb(0x3F, 0xB6, 0xC9),
        rgb(0xE5, 0x7F, 0xB4),
        rgb(0xCF, 0xB8, 0x4A),
        rgb(0x94, 0xA3, 0xB8),
    ],
};

pub(super) static LIGHT: Theme = Theme {
    is_dark: false,
    canvas: rgb(0xF4, 0xF6, 0xF8),
    grid_dot: rgb(0xE9, 0xED, 0xF1),
    panel: rgb(0xFF, 0xFF, 0xFF),
    card: rgb(0xFF, 0xFF, 0xFF),
    field: rgb(0xF4, 0xF6, 0xF8),
    line: rgb(0xD9, 0xDF, 0xE7),
    text: rgb(0x1A, 0x23, 0x30),
    muted: rgb(0x58, 0x64, 0x74),
    faint: rgb(0x72, 0x7D, 0x8B),
    accent: rgb(0x22, 0x5F, 0xE4),
    accent_surface: rgb(0xE6, 0xEE, 0xFD),
    on_accent: rgb(0xFF, 0xFF, 0xFF),
    up: rgb(0x12, 0x7A, 0x54),
    degraded: rgb(0x8F, 0x5E, 0x0C),
    down: rgb(0xC2, 0x30, 0x3F),
    unknown: rgb(0x72, 0x7D, 0x8B),
    on_state: rgb(0xFF, 0xFF, 0xFF),
    edge: rgb(0x77, 0x82, 0x8F),
    event: rgb(0x6D, 0x4A, 0xE0),
    added_surface: rgb(0xDF, 0xF3, 0xE8),
    removed_surface: rgb(0xFB, 0xE1, 0xE4),
    incident_surface: rgb(0xFB, 0xE6, 0xE8),
    boundaries: [
        rgb(0x22, 0x5F, 0xE4),
        rgb(0x12, 0x7A, 0x54),
        rgb(0xA3, 0x54, 0x10),
        rgb(0x6D, 0x4A, 0xE0),
        rgb(0x0E, 0x73, 0x84),
        rgb(0xB8, 0x33, 0x7C),
        rgb(0x80, 0x69, 0x0A),
        rgb(0x52, 0x60, 0x75),
    ],
};

pub(super) static HIGH_CONTRAST: Theme = Theme {
    is_dark: true,
    canvas: rgb(0x00, 0x00, 0x00),
    grid_dot: rgb(0x22, 0x22, 0x22),
    panel: rgb(0x00, 0x00, 0x00),
    card: rgb(0x0A, 0x0A, 0x0A),
    field: rgb(0x00, 0x00, 0x00),
    line: rgb(0x8A, 0x94, 0xA3),
    text: rgb(0xFF, 0xFF, 0xFF),
    muted: rgb(0xDD, 0xE3, 0xEB),
    faint: rgb(0xC2, 0xCB, 0xD6),
    accent: rgb(0x8F, 0xC1, 0xFF),
    accent_surface: rgb(0x0B, 0x2A, 0x52),
    on_accent: rgb(0x00, 0x00, 0x00),
    up: rgb(0x5C, 0xF0, 0xB4),
    degraded: rgb(0xFF, 0xD0, 0x5C),
    down: rgb(0xFF, 0x8A, 0x93),
    unknown: rgb(0xB8, 0xC2, 0xCF),
    on_state: rgb(0x00, 0x00, 0x00),
    edge: rgb(0xD5, 0xDC, 0xE5),
    event: rgb(0xCB, 0xB8, 0xFF),
    added_surface: rgb(0x00, 0x2E, 0x1F),
    removed_surface: rgb(0x42, 0x00, 0x0A),
    incident_surface: rgb(0x42, 0x00, 0x0A),
    boundaries: [
        rgb(0x8F, 0xC1, 0xFF),
        rgb(0x5C, 0xF0, 0xB4),
        rgb(0xFF, 0xBB, 0x80),
        rgb(0xCB, 0xB8, 0xFF),
        rgb(0x72, 0xE4, 0xF5),
        rgb(0xFF, 0xA8, 0xD6),
        rgb(0xF5, 0xE0, 0x70),
        rgb(0xD5, 0xDC, 0xE5),
    ],
};

#[cfg(test)]
mod tests {
    use egui::{Color32, Rgba};

    use super::{DARK, HIGH_CONTRAST, LIGHT};
    use crate::ui::theme::Theme;

    /// WCAG 2.2, "contrast ratio".
    fn contrast(one: Color32, other: Color32) -> f32 {
        let luminance = |color: Color32| {
            let color = Rgba::from(color);
            0.2126 * color.r() + 0.7152 * color.g() + 0.0722 * color.b()
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// A text, graphic or ground with what it is called.
    type Named = (&'static str, Color32);

    fn too_weak(theme: &Theme) -> Vec<String> {
        let grounds = [
            ("panel", theme.panel),
            ("card", theme.card),
            ("canvas", theme.canvas),
            ("field", theme.field),
        ];
        let texts = [
            ("text", theme.text),
            ("muted", theme.muted),
            ("accent", theme.accent),
            ("up", theme.up),
            ("degraded", theme.degraded),
            ("down", theme.down),
            ("event", theme.event),
        ];
        let graphics = [
            ("faint", theme.faint),
            ("unknown", theme.unknown),
            ("edge", theme.edge),
        ];
        let mut weak = weaker_than(4.5, &texts, &grounds);
        weak.extend(weaker_than(3.0, &graphics, &grounds));
        for color in theme.boundaries {
            let tint = [("its tint", theme.tint(color))];
            let on_it = [("boundary", color), ("muted", theme.muted)];
            weak.extend(weaker_than(4.5, &on_it, &tint));
        }
        let surfaces = [
            ("selected", theme.accent_surface),
            ("added", theme.added_surface),
            ("removed", theme.removed_surface),
            ("incident", theme.incident_surface),
        ];
        weak.extend(weaker_than(4.5, &texts[..1], &surfaces));
        weak.extend(weaker_than(4.5, &texts[2..3], &surfaces[..1]));
        let accent = [("text on accent", theme.on_accent)];
        weak.extend(weaker_than(4.5, &accent, &texts[2..3]));
        let on_state = [("text on a state", theme.on_state)];
        weak.extend(weaker_than(4.5, &on_state, &texts[3..6]));
        weak
    }

    fn weaker_than(least: f32, colors: &[Named], grounds: &[Named]) -> Vec<String> {
        let pairs = colors
            .iter()
            .flat_map(|color| grounds.iter().map(move |ground| (color, ground)));
        pairs
            .map(|(color, ground)| (color.0, ground.0, contrast(color.1, ground.1)))
            .filter(|it| it.2 < least)
            .map(|(color, ground, is)| format!("{color} on {ground}: {is:.2} < {least}"))
            .collect()
    }

    #[test]
    fn every_text_and_graphic_can_be_told_from_its_ground() {
        for theme in [&DARK, &LIGHT, &HIGH_CONTRAST] {
            assert_eq!(too_weak(theme), Vec::<String>::new());
        }
    }
}
