//! Self-contained HTML pages, for screen and paper.

use super::Escaped;

const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 1rem 0; background: #fff; border-radius: 6px; break-inside: avoid; }
svg { display: block; max-width: 100%; height: auto; margin: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid #8886; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.table { overflow-x: auto; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1rem; }
.gallery figure { margin: 0; background: none; font-size: .8rem; line-height: 1.3; overflow-wrap: anywhere; }
.gallery img { display: block; width: 100%; image-rendering: pixelated; border-radius: 4px; margin-bottom: .3rem; }
@media print { :root { color-scheme: light; } body { margin: 0; max-width: none; } }
";

/// Returns a page with this title and body.
pub(crate) fn html(title: &str, body: &[String]) -> String {
    let (title, body) = (Escaped(title), body.concat());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

/// Returns a heading.
pub(crate) fn heading(text: &str) -> String {
    format!("<h2>{}</h2>\n", Escaped(text))
}

/// Returns a table of names and values. Values of several lines, such as tableaux, keep them.
pub(crate) fn table(rows: &[(String, String)]) -> String {
    let row = |(name, value): &(String, String)| {
        let is_long = value.contains('\n');
        let [start, end] = if is_long {
            ["<pre>", "</pre>"]
        } else {
            [""; 2]
        };
        let (name, value) = (Escaped(name), Escaped(value));
        format!("<tr><th>{name}</th><td>{start}{value}{end}</td></tr>\n")
    };
    let rows: String = rows.iter().map(row).collect();
    format!("<div class=\"table\"><table>\n{rows}</table></div>\n")
}

/// Returns a table with a head; numbers are set flush right.
pub(crate) fn grid(head: &[String], rows: &[Vec<String>]) -> String {
    let name = |cell: &String| format!("<th>{}</th>\n", Escaped(cell));
    let cell = |cell: &String| {
        let number = cell.starts_with(|c: char| c.is_ascii_digit());
        let class = if number { " class=\"number\"" } else { "" };
        format!("<td{class}>{}</td>", Escaped(cell))
    };
    let row = |cells: &Vec<String>| {
        let cells: String = cells.iter().map(cell).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let head: String = head.iter().map(name).collect();
    let rows: String = rows.iter().map(row).collect();
    format!("<div class=\"table\"><table>\n<tr>\n{head}</tr>\n{rows}</table></div>\n")
}

/// Returns a figure around a picture.
pub(crate) fn figure(svg: &str) -> String {
    format!("<figure>\n{svg}\n</figure>\n")
}

/// Returns a small picture with a caption; `png` is in Base64.
pub(crate) fn thumbnail(png: &str, caption: &str) -> String {
    let caption = Escaped(caption);
    format!(
        "<figure><img src=\"data:image/png;base64,{png}\" alt=\"\"><figcaption>{caption}</figcaption></figure>\n"
    )
}

/// Returns pictures side by side.
pub(crate) fn gallery(figures: &[String]) -> String {
    format!("<div class=\"gallery\">\n{}</div>\n", figures.concat())
}
