//! The test images of a run, normalised as in its training.

use super::checkpoint::{self, TrainingInputs};
use super::evaluation::Evaluation;
use super::folder::RunFolder;
use super::test_result::classify;
use crate::cluster::Alone;
use crate::data::{self, Dataset, ModelInfo, Normalisation};
use crate::error::{Error, Result};
use crate::experiment::ExperimentConfig;
use crate::network::Network;

/// Test images and their normalisation.
pub(super) struct TestImages {
    images: Dataset,
    normalisation: Normalisation,
    /// False if the checkpoint is of other images or labels, `None` for images of another folder.
    pub(super) of_training: Option<bool>,
}

impl TestImages {
    /// Tests a network of the run, whose weights are of `epoch`.
    pub(super) fn evaluate(
        self,
        network: &dyn Network,
        config: &ExperimentConfig,
        epoch: Option<usize>,
    ) -> Result<Evaluation> {
        let smoothing = config.training.label_smoothing;
        let (images, normalisation) = (&self.images, &self.normalisation);
        let (score, predictions) = classify(network, images, normalisation, smoothing, &Alone)?;
        Ok(Evaluation {
            epoch,
            score,
            predictions,
            images: self.images,
            recorded: None,
            of_training: self.of_training,
        })
    }
}

impl RunFolder {
    /// Loads the images to test the run on.
    pub(super) fn test_images(&self, config: &ExperimentConfig) -> Result<TestImages> {
        if let Some(dir) = &self.test_dir {
            let Some(info) = &config.model else {
                let problem = "does not say which classes and normalisation the training had; test it on its own data set";
                return Err(Error::file(&self.path, problem));
            };
            let images = data::load_test(&config.data, dir, info, config.resize()?)?;
            return Ok(TestImages {
                normalisation: info.normalisation(images.white()),
                images,
                of_training: None,
            });
        }
        let split = config.load_data()?;
        let measured = || ModelInfo::of(&split.train);
        let info = config.model.clone().unwrap_or_else(measured);
        let split = config.held_out(split)?;
        let inputs = TrainingInputs::of(config, &split)?;
        let saved = self
            .checkpoint()?
            .map(|path| checkpoint::has_data_of(&path, &inputs));
        Ok(TestImages {
            normalisation: info.normalisation(split.test.white()),
            images: split.test,
            // A checkpoint that cannot be read says nothing; the weights are in another file.
            of_training: Some(saved.is_none_or(|same| same.unwrap_or(true))),
        })
    }
}
