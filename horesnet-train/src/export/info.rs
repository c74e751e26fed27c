//! What a network needs to know of its data.

/// The images and classes of a network, as programs that use it need them.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelInfo {
    /// The names of the classes, in the order of the logits.
    pub label_names: Vec<String>,
    /// Channels, height and width of an image.
    pub input_size: [usize; 3],
    /// The mean of each channel, for pixels from 0 to 1.
    pub mean: Vec<f64>,
    /// The standard deviation of each channel.
    pub std: Vec<f64>,
}
