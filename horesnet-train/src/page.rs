//! A page of HTML that needs nothing else, on screen and on paper.

use std::fmt::{self, Display, Write};

const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 1rem 0; background: #fff; border-radius: 6px; break-inside: avoid; }
svg { display: block; max-width: 100%; height: auto; margin: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid #8886; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
@media print { :root { color-scheme: light; } body { margin: 0; max-width: none; } }
";

/// A page with this title; `body` writes what comes after it.
pub(crate) fn html(
    title: &str,
    body: impl FnOnce(&mut String) -> fmt::Result,
) -> Result<String, String> {
    let title = Escaped(title);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    body(&mut page).map_err(|error| error.to_string())?;
    page.push_str("</body>\n</html>\n");
    Ok(page)
}

/// A table of names and what they stand for.
pub(crate) fn table(page: &mut String, rows: &[(String, String)]) -> fmt::Result {
    writeln!(page, "<table>")?;
    for (name, value) in rows {
        let (name, value) = (Escaped(name), Escaped(value));
        writeln!(page, "<tr><th>{name}</th><td>{value}</td></tr>")?;
    }
    writeln!(page, "</table>")
}

/// A table with a head; numbers are set flush right.
pub(crate) fn grid(page: &mut String, head: &[String], rows: &[Vec<String>]) -> fmt::Result {
    writeln!(page, "<table>\n<tr>")?;
    for cell in head {
        writeln!(page, "<th>{}</th>", Escaped(cell))?;
    }
    writeln!(page, "</tr>")?;
    for row in rows {
        write!(page, "<tr>")?;
        for cell in row {
            let number = cell.starts_with(|c: char| c.is_ascii_digit());
            let class = if number { " class=\"number\"" } else { "" };
            write!(page, "<td{class}>{}</td>", Escaped(cell))?;
        }
        writeln!(page, "</tr>")?;
    }
    writeln!(page, "</table>")
}

/// Pictures, one below the other.
pub(crate) fn figures<'a>(
    page: &mut String,
    pictures: impl IntoIterator<Item = &'a String>,
) -> fmt::Result {
    for picture in pictures {
        writeln!(page, "<figure>\n{picture}\n</figure>")?;
    }
    Ok(())
}

/// Text that is no markup.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
