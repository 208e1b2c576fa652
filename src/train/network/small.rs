//! A network that trains in minutes on a CPU.

use tch::{TchError, Tensor};

use super::layer::{Affine, Builder, Conv, Padding};

/// Convolutions 4 x 4 with stride 2 to 16 and 32 channels, then 100 units; without batch normalisation.
#[derive(Debug)]
pub(super) struct Small {
    convolutions: [Conv; 2],
    hidden: Affine,
    logits: Affine,
}

impl Small {
    pub fn new(builder: &mut Builder, classes: i64) -> Result<Self, TchError> {
        Ok(Self {
            convolutions: [
                builder.conv_with_bias("conv_0", [1, 16], 4, 2, Padding::Around(1))?,
                builder.conv_with_bias("conv_1", [16, 32], 4, 2, Padding::Around(1))?,
            ],
            hidden: builder.affine("hidden", [32 * 7 * 7, 100])?,
            logits: builder.affine("logits", [100, classes])?,
        })
    }

    pub fn logits(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let mut x = x.shallow_clone();
        for convolution in &self.convolutions {
            x = convolution.apply(&x)?.f_relu()?;
        }
        let x = self.hidden.apply(&x.f_flatten(1, -1)?)?.f_relu()?;
        self.logits.apply(&x)
    }
}
