//! Every color, size and font of the window, light, dark and high contrast.
//!
//! Nothing else names a color. Text on its surface has a contrast of at least 4.5,
//! graphics 3; the tests compute it for every pair.

mod colors;

use std::sync::Arc;

use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Id, Stroke,
    TextStyle, Vec2, Visuals, style::WidgetVisuals, vec2,
};

use self::colors::{DARK, HIGH_CONTRAST, LIGHT};
use crate::model::BoundaryColor;

/// Width and height of a card on the canvas.
pub const CARD: Vec2 = vec2(184.0, 56.0);
/// Height of the bar at the top.
pub const TOP_BAR_HEIGHT: f32 = 44.0;
/// Height of the bar at the bottom.
pub const STATUS_BAR_HEIGHT: f32 = 26.0;
/// Inner distance of panels.
pub const PANEL_PADDING: f32 = 16.0;
/// Height of a row in a list.
pub const ROW_HEIGHT: f32 = 24.0;
/// Height of a control.
pub const CONTROL_HEIGHT: f32 = 26.0;
/// Corners of controls.
pub const CONTROL_RADIUS: u8 = 6;
/// Corners of cards.
pub const CARD_RADIUS: u8 = 8;
/// Corners of frames.
pub const FRAME_RADIUS: u8 = 12;

/// Size of titles.
pub const TITLE_SIZE: f32 = 14.5;
/// Size of names on cards.
pub const CARD_NAME_SIZE: f32 = 13.5;
/// Size of body text and labels.
pub const BODY_SIZE: f32 = 12.5;
/// Size of rows in lists.
pub const ROW_SIZE: f32 = 12.0;
/// Size of secondary text.
pub const SECONDARY_SIZE: f32 = 11.5;
/// The smallest size of any text.
pub const SMALLEST_SIZE: f32 = 10.5;

/// The colors of one appearance.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Whether it is light text on dark ground.
    pub is_dark: bool,
    /// Ground of the canvas.
    pub canvas: Color32,
    /// Dots on it.
    pub grid_dot: Color32,
    /// Ground of panels.
    pub panel: Color32,
    /// Ground of cards.
    pub card: Color32,
    /// Ground of fields that take text.
    pub field: Color32,
    /// Lines between things.
    pub line: Color32,
    /// Text.
    pub text: Color32,
    /// Text that matters less.
    pub muted: Color32,
    /// Text that repeats what stands elsewhere.
    pub faint: Color32,
    /// Selection and action.
    pub accent: Color32,
    /// Ground of what is selected.
    pub accent_surface: Color32,
    /// Text on a ground of `accent`.
    pub on_accent: Color32,
    /// Well.
    pub up: Color32,
    /// Not as it should be.
    pub degraded: Color32,
    /// Not working.
    pub down: Color32,
    /// Not known.
    pub unknown: Color32,
    /// Text on a ground of `up`, `degraded` or `down`.
    pub on_state: Color32,
    /// A call that waits.
    pub edge: Color32,
    /// A message.
    pub event: Color32,
    /// Ground of a line that was added.
    pub added_surface: Color32,
    /// Ground of a line that was removed.
    pub removed_surface: Color32,
    /// Ground of the banner of an incident.
    pub incident_surface: Color32,
    /// Frames and names of boundaries, in turn.
    pub boundaries: [Color32; 8],
}

/// What a person chose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Appearance {
    /// As the desktop is.
    #[default]
    System,
    /// Light text on dark ground.
    Dark,
    /// Dark text on light ground.
    Light,
    /// The strongest contrast.
    HighContrast,
}

impl Appearance {
    /// Every appearance, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::System, Self::Dark, Self::Light, Self::HighContrast];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "Like the desktop",
            Self::Dark => "Dark",
            Self::Light => "Light",
            Self::HighContrast => "High contrast",
        }
    }
}

impl Theme {
    /// The theme the window shows now.
    pub fn of(ctx: &Context) -> &'static Self {
        if ctx.data(|it| it.get_temp(high_contrast_id())) == Some(true) {
            return &HIGH_CONTRAST;
        }
        match ctx.theme() {
            egui::Theme::Dark => &DARK,
            egui::Theme::Light => &LIGHT,
        }
    }

    /// The color of a boundary: its own, or the one whose turn it is.
    pub fn boundary(&self, color: Option<BoundaryColor>, turn: usize) -> Color32 {
        let index = match color {
            Some(color) => BoundaryColor::ALL
                .iter()
                .position(|it| *it == color)
                .unwrap_or(0),
            None => turn % self.boundaries.len(),
        };
        self.boundaries[index]
    }

    /// A tint of 5 % of a color over a ground: the inside of a frame.
    pub fn tint(&self, color: Color32) -> Color32 {
        mixed(self.canvas, color, if self.is_dark { 0.07 } else { 0.05 })
    }
}

/// A mix of two colors: all ground at 0, all color at 1.
pub fn mixed(ground: Color32, color: Color32, share: f32) -> Color32 {
    ground.lerp_to_gamma(color, share)
}

fn high_contrast_id() -> Id {
    Id::new("meshboard high contrast")
}

/// Makes the whole window look as chosen.
pub fn choose(ctx: &Context, appearance: Appearance) {
    let preference = match appearance {
        Appearance::System => egui::ThemePreference::System,
        Appearance::Dark | Appearance::HighContrast => egui::ThemePreference::Dark,
        Appearance::Light => egui::ThemePreference::Light,
    };
    let is_high_contrast = appearance == Appearance::HighContrast;
    ctx.data_mut(|it| it.insert_temp(high_contrast_id(), is_high_contrast));
    ctx.set_theme(preference);
    let dark = if is_high_contrast {
        &HIGH_CONTRAST
    } else {
        &DARK
    };
    apply(ctx, egui::Theme::Dark, dark);
    apply(ctx, egui::Theme::Light, &LIGHT);
}

fn apply(ctx: &Context, base: egui::Theme, theme: &Theme) {
    ctx.style_mut_of(base, |style| {
        style.visuals = visuals(theme);
        style.text_styles = [
            (TextStyle::Heading, FontId::new(TITLE_SIZE, semibold())),
            (
                TextStyle::Body,
                FontId::new(BODY_SIZE, FontFamily::Proportional),
            ),
            (
                TextStyle::Button,
                FontId::new(BODY_SIZE, FontFamily::Proportional),
            ),
            (
                TextStyle::Small,
                FontId::new(SECONDARY_SIZE, FontFamily::Proportional),
            ),
            (
                TextStyle::Monospace,
                FontId::new(ROW_SIZE, FontFamily::Monospace),
            ),
        ]
        .into();
        style.spacing.item_spacing = vec2(8.0, 6.0);
        style.spacing.button_padding = vec2(10.0, 4.0);
        style.spacing.interact_size.y = CONTROL_HEIGHT;
        style.spacing.combo_width = 120.0;
        style.spacing.menu_margin = egui::Margin::same(6);
        style.animation_time = 0.14;
    });
}

fn visuals(theme: &Theme) -> Visuals {
    let mut visuals = if theme.is_dark {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    let radius = CornerRadius::same(CONTROL_RADIUS);
    let widget = |fill: Color32, border: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, border),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    let raised = mixed(theme.panel, theme.text, 0.04);
    let hovered = mixed(theme.panel, theme.text, 0.09);
    visuals.widgets.noninteractive = widget(theme.panel, theme.line, theme.text);
    visuals.widgets.inactive = widget(raised, theme.line, theme.text);
    visuals.widgets.hovered = widget(hovered, theme.faint, theme.text);
    visuals.widgets.active = widget(theme.accent_surface, theme.accent, theme.text);
    visuals.widgets.open = widget(theme.accent_surface, theme.accent, theme.text);
    visuals.selection.bg_fill = theme.accent_surface;
    visuals.selection.stroke = Stroke::new(1.0, theme.accent);
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(theme.muted);
    visuals.hyperlink_color = theme.accent;
    visuals.faint_bg_color = raised;
    visuals.extreme_bg_color = theme.field;
    visuals.text_edit_bg_color = Some(theme.field);
    visuals.code_bg_color = theme.field;
    visuals.warn_fg_color = theme.degraded;
    visuals.error_fg_color = theme.down;
    visuals.panel_fill = theme.panel;
    visuals.window_fill = theme.panel;
    visuals.window_stroke = Stroke::new(1.0, theme.line);
    visuals.window_corner_radius = CornerRadius::same(FRAME_RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(CARD_RADIUS);
    visuals
}

/// The family of names and numbers that matter.
pub fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// The family of labels that stand out a little.
pub fn medium() -> FontFamily {
    FontFamily::Name("medium".into())
}

/// Makes Inter and `JetBrains Mono` the fonts of the window.
pub fn install_fonts(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    let files: [(&str, &'static [u8]); 4] = [
        (
            "Inter",
            include_bytes!("../../../assets/fonts/Inter-Regular.otf"),
        ),
        (
            "Inter Medium",
            include_bytes!("../../../assets/fonts/Inter-Medium.otf"),
        ),
        (
            "Inter SemiBold",
            include_bytes!("../../../assets/fonts/Inter-SemiBold.otf"),
        ),
        (
            "JetBrains Mono",
            include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf"),
        ),
    ];
    for (name, bytes) in files {
        let data = Arc::new(FontData::from_static(bytes));
        fonts.font_data.insert(name.to_owned(), data);
    }
    // What Inter lacks comes from egui's own fonts.
    let fallback = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    let families = [
        (FontFamily::Proportional, "Inter"),
        (medium(), "Inter Medium"),
        (semibold(), "Inter SemiBold"),
        (FontFamily::Monospace, "JetBrains Mono"),
    ];
    for (family, first) in families {
        let mut names = vec![first.to_owned()];
        names.extend(fallback.iter().cloned());
        fonts.families.insert(family, names);
    }
    ctx.set_fonts(fonts);
}

/// The fonts that painted text uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FontKind {
    /// Rows of lists.
    Row,
    /// What matters less.
    Secondary,
    /// Names that matter.
    Strong,
    /// Code and addresses.
    Code,
}

impl FontKind {
    /// The font.
    pub fn id(self) -> FontId {
        match self {
            Self::Row => FontId::new(ROW_SIZE, FontFamily::Proportional),
            Self::Secondary => FontId::new(SECONDARY_SIZE, FontFamily::Proportional),
            Self::Strong => FontId::new(BODY_SIZE, semibold()),
            Self::Code => FontId::new(ROW_SIZE, FontFamily::Monospace),
        }
    }
}
