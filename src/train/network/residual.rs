//! Pre-activation residual networks.

use tch::{Kind, TchError, Tensor};

use super::BatchNorm;
use super::layer::{Affine, Builder, Conv, Norm, Padding};
use crate::error::Error;

/// How many blocks each of the three groups of a wide residual network has.
pub(super) fn blocks(depth: u16, width: u16) -> Result<u16, Error> {
    if depth < 10 || depth % 6 != 4 || width == 0 {
        return Err(Error::NotWide { depth, width });
    }
    Ok((depth - 4) / 6)
}

#[derive(Clone, Copy, Debug)]
enum Activation {
    Relu,
    Silu,
}

impl Activation {
    fn apply(self, x: &Tensor) -> Result<Tensor, TchError> {
        match self {
            Self::Relu => x.f_relu(),
            Self::Silu => x.f_silu(),
        }
    }
}

/// What the shortcut of a block that changes the number of channels is applied to.
#[derive(Clone, Copy, Debug)]
enum Shortcut {
    /// A 1 x 1 convolution of what the block's first activation gives.
    Activated,
    /// A 3 x 3 convolution of what the block gets.
    Raw,
}

/// Names and choices that the published networks differ in.
#[derive(Debug)]
struct Family {
    activation: Activation,
    shortcut: Shortcut,
    /// What pads a convolution with stride 2.
    strided: Padding,
    stem: &'static str,
    /// The name of block i of group g.
    block: fn(usize, usize) -> String,
    norms: [&'static str; 2],
    convolutions: [&'static str; 2],
    shortcut_name: &'static str,
    last_norm: &'static str,
    logits: &'static str,
}

const PREACT: Family = Family {
    activation: Activation::Relu,
    shortcut: Shortcut::Activated,
    strided: Padding::Around(1),
    stem: "conv1",
    block: |group, i| format!("layer{}.{i}", group + 1),
    norms: ["bn1", "bn2"],
    convolutions: ["conv1", "conv2"],
    shortcut_name: "shortcut.0",
    last_norm: "bn",
    logits: "linear",
};

const PREACT_SILU: Family = Family {
    activation: Activation::Silu,
    shortcut: Shortcut::Raw,
    strided: Padding::After,
    stem: "conv_2d",
    block: |group, i| format!("layer_{group}.{i}"),
    norms: ["batchnorm_0", "batchnorm_1"],
    convolutions: ["conv_2d_1", "conv_2d_2"],
    shortcut_name: "shortcut",
    last_norm: "batchnorm",
    logits: "logits",
};

const WIDE: Family = Family {
    activation: Activation::Silu,
    shortcut: Shortcut::Activated,
    strided: Padding::After,
    stem: "init_conv",
    block: |group, i| format!("layer.{group}.block.{i}"),
    norms: ["batchnorm_0", "batchnorm_1"],
    convolutions: ["conv_0", "conv_1"],
    shortcut_name: "shortcut",
    last_norm: "batchnorm",
    logits: "logits",
};

/// `x + conv(a(norm(conv(a(norm(x))))))`, with a shortcut in place of the first x where the shape changes.
#[derive(Debug)]
struct Block {
    norms: [Norm; 2],
    convolutions: [Conv; 2],
    shortcut: Option<Conv>,
}

impl Block {
    fn new(
        builder: &mut Builder,
        family: &Family,
        name: &str,
        [from, to]: [i64; 2],
        stride: i64,
    ) -> Result<Self, TchError> {
        let named = |part: &str| format!("{name}.{part}");
        let padding = if stride == 1 { Padding::Around(1) } else { family.strided };
        let [norm_0, norm_1] = family.norms.map(named);
        let [conv_0, conv_1] = family.convolutions.map(named);
        let norm_0 = builder.norm(&norm_0, from)?;
        let conv_0 = builder.conv(&conv_0, [from, to], 3, stride, padding)?;
        let norm_1 = builder.norm(&norm_1, to)?;
        let conv_1 = builder.conv(&conv_1, [to, to], 3, 1, Padding::Around(1))?;
        let shortcut = if from == to && stride == 1 {
            None
        } else {
            let name = named(family.shortcut_name);
            Some(match family.shortcut {
                Shortcut::Activated => {
                    builder.conv(&name, [from, to], 1, stride, Padding::Around(0))?
                }
                Shortcut::Raw => builder.conv(&name, [from, to], 3, stride, padding)?,
            })
        };
        Ok(Self { norms: [norm_0, norm_1], convolutions: [conv_0, conv_1], shortcut })
    }

    fn apply(&self, family: &Family, x: &Tensor, mode: BatchNorm) -> Result<Tensor, TchError> {
        let activated =
            |n: usize, x: &Tensor| family.activation.apply(&self.norms[n].apply(x, mode)?);
        let first = activated(0, x)?;
        let inner = self.convolutions[0].apply(&first)?;
        let inner = self.convolutions[1].apply(&activated(1, &inner)?)?;
        match (&self.shortcut, family.shortcut) {
            (None, _) => inner.f_add(x),
            (Some(shortcut), Shortcut::Activated) => inner.f_add(&shortcut.apply(&first)?),
            (Some(shortcut), Shortcut::Raw) => inner.f_add(&shortcut.apply(x)?),
        }
    }
}

/// A convolution, groups of blocks of which all but the first halve the image, and an affine map of the mean over positions.
#[derive(Debug)]
pub(super) struct Residual {
    family: &'static Family,
    stem: Conv,
    blocks: Vec<Block>,
    norm: Norm,
    logits: Affine,
}

impl Residual {
    pub fn preact(builder: &mut Builder, classes: i64) -> Result<Self, Error> {
        Self::new(builder, &PREACT, classes, 64, &[64, 128, 256, 512], 2)
    }

    pub fn preact_silu(builder: &mut Builder, classes: i64) -> Result<Self, Error> {
        Self::new(builder, &PREACT_SILU, classes, 64, &[64, 128, 256, 512], 2)
    }

    pub fn wide(
        builder: &mut Builder,
        classes: i64,
        depth: u16,
        width: u16,
    ) -> Result<Self, Error> {
        let channels = [16, 32, 64].map(|channels| channels * i64::from(width));
        Self::new(builder, &WIDE, classes, 16, &channels, blocks(depth, width)?)
    }

    fn new(
        builder: &mut Builder,
        family: &'static Family,
        classes: i64,
        stem: i64,
        groups: &[i64],
        per_group: u16,
    ) -> Result<Self, Error> {
        let first = builder.conv(family.stem, [3, stem], 3, 1, Padding::Around(1))?;
        let (mut blocks, mut channels) = (Vec::new(), stem);
        for (g, &wider) in groups.iter().enumerate() {
            for i in 0..usize::from(per_group) {
                let stride = if g > 0 && i == 0 { 2 } else { 1 };
                let name = (family.block)(g, i);
                blocks.push(Block::new(builder, family, &name, [channels, wider], stride)?);
                channels = wider;
            }
        }
        let norm = builder.norm(family.last_norm, channels)?;
        let logits = builder.affine(family.logits, [channels, classes])?;
        Ok(Self { family, stem: first, blocks, norm, logits })
    }

    pub fn logits(&self, x: &Tensor, mode: BatchNorm) -> Result<Tensor, TchError> {
        let mut x = self.stem.apply(x)?;
        for block in &self.blocks {
            x = block.apply(self.family, &x, mode)?;
        }
        let x = self.family.activation.apply(&self.norm.apply(&x, mode)?)?;
        self.logits.apply(&x.f_mean_dim([2_i64, 3].as_slice(), false, Kind::Float)?)
    }
}
