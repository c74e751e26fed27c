//! The settings of an experiment.

use std::path::PathBuf;

use toml::{Table, Value};

use crate::augment::Augmentation;
use crate::config::config;
use crate::data::{self, ModelInfo, Split};
use crate::error::{Error, Result};
use crate::experiment::first_difference;
use crate::files::path;
use crate::network::cost::step_bytes;
use crate::network::variables::Variables;
use crate::network::{self, Describe, NetworkConfig, weights};
use crate::training::TrainingConfig;

config! {
    /// The settings that determine the result of a run: `config.json`.
    ///
    /// By default, the preset `digits`: RK4 on the bundled digits, moved by a pixel at most.
    pub struct ExperimentConfig {
        /// The name of the data set, see [`data::names`].
        #[serde(deserialize_with = "data::name")]
        pub data: String = "digits".to_owned(),
        /// The folder of the data set; none if it is bundled.
        #[serde(with = "path", skip_serializing_if = "Option::is_none")]
        pub data_dir: Option<PathBuf> = None,
        /// A safetensors file of initial weights, as for [`load_weights`](crate::load_weights); by default they are drawn from
        /// the seed.
        #[serde(with = "path", skip_serializing_if = "Option::is_none")]
        pub weights: Option<PathBuf> = None,
        /// The images and classes that the model was trained on: measured, not set.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub model: Option<ModelInfo> = None,
        /// The network.
        pub network: NetworkConfig = NetworkConfig::default(),
        /// The training.
        pub training: TrainingConfig = TrainingConfig {
            epochs: 12,
            validation: 0.1,
            augmentation: Augmentation { crop: 1, ..Augmentation::default() },
            ..TrainingConfig::default()
        },
    }
}

impl ExperimentConfig {
    /// Sets the network's channels and classes to those of the data set, measures the images, and makes paths absolute.
    ///
    /// Fails like [`data::load`], [`Self::validate`] and, with initial weights, [`load_weights`](crate::load_weights).
    pub fn fitted(self) -> Result<Self> {
        let mut this = self.with_absolute_paths()?;
        let split = data::load(&this.data, this.data_dir.as_deref())?;
        this.network
            .fit(split.train.image_shape(), split.train.classes());
        this.model = Some(ModelInfo::of(&split.train));
        this.validate()?;
        this.training.expect_images(&this.held_out(split)?)?;
        this.initial_variables()?;
        Ok(this)
    }

    /// Makes paths absolute, because the run folder may be read from another directory.
    fn with_absolute_paths(mut self) -> Result<Self> {
        for path in self.data_dir.iter_mut().chain(&mut self.weights) {
            *path = std::path::absolute(&*path).map_err(Error::io("find", &*path))?;
        }
        Ok(self)
    }

    /// Returns the variables with their initial weights; building the network draws the missing ones.
    pub(crate) fn initial_variables(&self) -> Result<Variables> {
        match &self.weights {
            Some(path) => weights::variables(path, &self.network),
            None => Ok(Variables::seeded(self.training.seed)),
        }
    }

    /// Writes all settings as TOML for [`Settings`](crate::Settings).
    pub fn to_toml(&self) -> Result<String> {
        let settings = Self {
            model: None,
            ..self.clone()
        };
        let mut table = Table::try_from(settings).map_err(Error::unserialisable)?;
        if let Some(Value::Table(network)) = table.get_mut("network") {
            network::drop_excluded(network);
        }
        toml::to_string(&table).map_err(Error::unserialisable)
    }

    /// Fails with [`Error::Changed`] if `other`, with its network [resolved](Describe::resolved) as that of a run is, has
    /// another value of any setting.
    pub fn expect(&self, other: &Self) -> Result<()> {
        let json = |config| serde_json::to_value(config).map_err(Error::unserialisable);
        let mut other = other.clone().with_absolute_paths()?;
        other.network = other.network.resolved()?;
        if self.model.is_none() {
            // A run of a version that did not save it.
            other.model = None;
        }
        match first_difference(&json(self)?, &json(&other)?) {
            None => Ok(()),
            Some([setting, before, after]) => Err(Error::Changed {
                setting,
                before,
                after,
            }),
        }
    }

    /// Fails with [`Error::Setting`] on settings that cannot be used, whatever the data set is.
    pub fn validate(&self) -> Result<()> {
        self.network.validate()?;
        self.model.as_ref().map_or(Ok(()), ModelInfo::validate)?;
        self.training.validate()
    }

    /// Returns the default name of the run folder, such as `rk4-digits-seed0`.
    #[must_use]
    pub fn folder_name(&self) -> String {
        let (scheme, seed) = (self.network.scheme(), self.training.seed);
        format!("{scheme}-{}-seed{seed}", self.data)
    }

    /// Returns the peak memory of a step in bytes, where it is known.
    pub(crate) fn step_bytes(&self, split: &Split) -> Result<Option<u64>> {
        let (image, training) = (split.train.image_shape(), &self.training);
        step_bytes(
            &self.network,
            image,
            training.batch_size,
            training.ema > 0.0,
        )
    }

    /// Holds out the validation images of a data set.
    pub(crate) fn held_out(&self, split: Split) -> Result<Split> {
        split.hold_out(self.training.validation, self.training.seed)
    }

    /// Loads the data set, and checks that the network takes its images.
    pub(crate) fn load_data(&self) -> Result<Split> {
        let split = data::load(&self.data, self.data_dir.as_deref())?;
        let (image, classes) = (split.train.image_shape(), split.train.classes());
        if let Err(made_for) = self.network.is_compatible(image, classes) {
            let [channels, height, width] = image;
            let problem = format!(
                "its images have {channels} channels and {height}×{width} pixels in {classes} classes; the network is made \
                 for {made_for}"
            );
            return Err(Error::data(&self.data, problem));
        }
        let known = self.model.as_ref();
        if let Some(difference) = known.and_then(|info| info.difference(&split.train)) {
            return Err(Error::data(&self.data, difference));
        }
        Ok(split)
    }
}
