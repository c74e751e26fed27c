//! The settings of an experiment.

use std::path::PathBuf;

use toml::{Table, Value};

use crate::augment::Augmentation;
use crate::config::config;
use crate::data::{self, ImageSize, ModelInfo, Resize, Skipped, Split};
use crate::error::{Error, Result};
use crate::experiment::first_difference;
use crate::files::path;
use crate::limits::ensure;
use crate::network::cost::step_bytes;
use crate::network::variables::Variables;
use crate::network::{self, Describe, NetworkConfig, weights};
use crate::training::TrainingConfig;

config! {
    /// The settings that determine the result of a run: `config.json`.
    ///
    /// By default, the preset `digits`: RK4 on the bundled digits, moved by a pixel at most, a tenth of them held out for
    /// validation. [`TrainingConfig`] alone holds out none.
    pub struct ExperimentConfig {
        /// The name of the data set, see [`data::names`].
        #[serde(deserialize_with = "data::name")]
        pub data: String = "digits".to_owned(),
        /// The folder of the data set; none if it is bundled.
        #[serde(with = "path", skip_serializing_if = "Option::is_none")]
        pub data_dir: Option<PathBuf> = None,
        /// The size to which the pictures of a `folder` are resized; by default, all must have one size.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub image_size: Option<ImageSize> = None,
        /// The share of the shorter side of resized pictures that is kept, see [`Resize`]; by default 0.875.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub crop_pct: Option<f64> = None,
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
            epochs: 20,
            validation: 0.1,
            augmentation: Augmentation { crop: 1, ..Augmentation::default() },
            ..TrainingConfig::default()
        },
    }
}

impl ExperimentConfig {
    /// Loads the data set and [fits](Self::fitted_to) the experiment to it.
    ///
    /// Fails like [`load`](Self::load) and [`fitted_to`](Self::fitted_to).
    pub fn fitted(self) -> Result<Self> {
        let split = self.load()?;
        self.fitted_to(&split)
    }

    /// Sets the network's channels and classes to those of the data set, measures the images, and makes paths absolute.
    ///
    /// Fails with [`Error::Data`] if there is one class, like [`validate`](Self::validate) and, with initial weights, like
    /// [`load_weights`](crate::load_weights).
    pub fn fitted_to(self, split: &Split) -> Result<Self> {
        let mut this = self.with_absolute_paths()?;
        if let [only] = split.train.class_names() {
            let problem = format!("it has one class, `{only}`; a network needs 2 or more");
            return Err(Error::data(&this.data, problem));
        }
        this.network
            .fit(split.train.image_shape(), split.train.classes());
        this.model = Some(ModelInfo::of(&split.train));
        this.validate()?;
        let share = this.training.validation;
        let counts = split.counts(share);
        ensure("validation", share == 0.0 || counts[1] > 0, || {
            "no class has two images, so none can be held out; set it to 0".to_owned()
        })?;
        this.training.expect_images(counts)?;
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
        let (mut this, mut other) = (self.clone(), other.clone().with_absolute_paths()?);
        for config in [&mut this, &mut other] {
            config.network = config.network.resolved()?;
        }
        if self.model.is_none() {
            // A run of a version that did not save it.
            other.model = None;
        }
        match first_difference(&json(&this)?, &json(&other)?) {
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
        self.resize()?;
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
            training.optimiser.moments().len(),
            training.ema > 0.0,
            training.recompute,
        )
    }

    /// Holds out the validation images of a data set.
    pub(crate) fn held_out(&self, split: Split) -> Result<Split> {
        split.hold_out(self.training.validation, self.training.seed)
    }

    /// Loads the data set as it is configured.
    ///
    /// Fails like [`data::load_resized`].
    pub fn load(&self) -> Result<Split> {
        data::load_resized(&self.data, self.data_dir.as_deref(), self.resize()?)
    }

    /// Returns the resizing of pictures, if there is one.
    ///
    /// Fails with [`Error::Setting`] if the data set is not resized, or `crop_pct` cannot be used.
    pub(crate) fn resize(&self) -> Result<Option<Resize>> {
        let Some(size) = self.image_size else {
            let problem = "it is the share of pictures that are resized; set image_size too";
            return match self.crop_pct {
                Some(_) => Err(Error::setting("crop_pct", problem)),
                None => Ok(None),
            };
        };
        data::expect_resizable(&self.data)?;
        Resize::new(size, self.crop_pct).map(Some)
    }

    /// Counts the files of a data set `folder` that training skips because they are not images by their names.
    ///
    /// Fails like [`data::load`] if the folder cannot be listed.
    pub fn skipped(&self) -> Result<Option<Skipped>> {
        data::skipped(&self.data, self.data_dir.as_deref(), false)
    }

    /// Loads the data set, and checks that the network takes its images.
    pub(crate) fn load_data(&self) -> Result<Split> {
        let split = self.load()?;
        self.expect_data(&split)?;
        Ok(split)
    }

    /// Fails with [`Error::Data`] if the network does not take the images of `split`, or was made for others.
    pub(crate) fn expect_data(&self, split: &Split) -> Result<()> {
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
        Ok(())
    }
}
