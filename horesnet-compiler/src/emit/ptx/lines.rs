//! Lines of a module's text.

/// Text that grows by lines.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    /// A line of the module itself.
    pub(super) fn raw(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// A line of the function.
    pub(super) fn line(&mut self, line: &str) {
        self.0.push_str("    ");
        self.raw(line);
    }

    /// A remark on the module.
    pub(super) fn note(&mut self, text: &str) {
        self.raw(format!("// {text}").trim_end());
    }

    /// A remark on the lines of the function that follow.
    pub(super) fn comment(&mut self, text: &str) {
        self.raw("");
        self.line(&format!("// {text}"));
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}
