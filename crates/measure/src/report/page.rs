//! A page of HTML: headings, tables and figures one after the other. All text is escaped here.

use crate::error::Result;
use crate::plot::{Panel, draw_figure, swatch};

const STYLE: &str = include_str!("style.css");

/// A page that grows.
pub(super) struct Page(String);

/// A cell of a table.
pub(super) enum Cell {
    /// Aligned left.
    Text(String),
    /// Aligned right.
    Number(String),
}

impl Page {
    pub(super) fn new(title: &str) -> Self {
        let title = escaped(title);
        Self(format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        ))
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.element("h2", text);
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.element("p", text);
    }

    /// A command line: it scrolls by itself where it is long.
    pub(super) fn command(&mut self, text: &str) {
        self.element("pre", text);
    }

    /// A table that scrolls by itself where it is wide. Names of columns are aligned as the first
    /// row is.
    pub(super) fn table(&mut self, columns: &[&str], rows: impl Iterator<Item = Vec<Cell>>) {
        let rows: Vec<Vec<Cell>> = rows.collect();
        self.0.push_str("<div class=\"wide\"><table>\n<tr>");
        for (place, column) in columns.iter().enumerate() {
            let number =
                matches!(rows.first().and_then(|row| row.get(place)), Some(Cell::Number(_)));
            let class = if number { " class=\"number\"" } else { "" };
            self.0.push_str(&format!("<th scope=\"col\"{class}>{}</th>", escaped(column)));
        }
        self.0.push_str("</tr>\n");
        for row in &rows {
            self.0.push_str("<tr>");
            row.iter().for_each(|cell| self.cell(cell));
            self.0.push_str("</tr>\n");
        }
        self.0.push_str("</table></div>\n");
    }

    /// Figures beside each other, as many as there is room for.
    pub(super) fn figures(&mut self, figures: &[String]) {
        self.0.push_str("<div class=\"figures\">\n");
        figures.iter().for_each(|figure| self.0.push_str(figure));
        self.0.push_str("</div>\n");
    }

    /// The whole page.
    pub(super) fn finish(mut self) -> String {
        self.0.push_str("</body>\n</html>\n");
        self.0
    }

    fn element(&mut self, name: &str, text: &str) {
        self.0.push_str(&format!("<{name}>{}</{name}>\n", escaped(text)));
    }

    fn cell(&mut self, cell: &Cell) {
        let html = match cell {
            Cell::Text(text) => format!("<td>{}</td>", escaped(text)),
            Cell::Number(text) => format!("<td class=\"number\">{}</td>", escaped(text)),
        };
        self.0.push_str(&html);
    }
}

/// A panel with a legend and a line of text below it, for [`Page::figures`].
///
/// # Errors
/// It can't be drawn.
pub(super) fn figure(panel: &Panel, x: &str, caption: &str) -> Result<String> {
    let mut legend = String::new();
    for (number, name) in panel.names().into_iter().enumerate().filter(|(_, name)| !name.is_empty())
    {
        legend.push_str(&format!("<li>{}{}</li>", swatch(number)?, escaped(name)));
    }
    Ok(framed(&draw_figure(panel, x)?, &format!("<ul>{legend}</ul>"), caption))
}

/// A picture and a line of text below it, for [`Page::figures`].
pub(super) fn framed(svg: &str, legend: &str, caption: &str) -> String {
    format!("<figure>{svg}{legend}<figcaption>{}</figcaption></figure>\n", escaped(caption))
}

/// Text as HTML shows it.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(letter),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let evil = "<script>alert('1 & \"2\"')</script>";
        let mut page = Page::new(evil);
        page.heading(evil);
        page.command(evil);
        let row = vec![Cell::Text(evil.to_owned()), Cell::Number(evil.to_owned())];
        page.table(&[evil, "b"], std::iter::once(row));
        page.figures(&[framed("<svg></svg>", "", evil)]);
        let html = page.finish();
        assert!(!html.contains("<script") && !html.contains("\"2\""), "{html}");
        let times = html
            .matches("&lt;script&gt;alert(&#39;1 &amp; &quot;2&quot;&#39;)&lt;/script&gt;")
            .count();
        assert_eq!(times, 8, "{html}");
    }
}
