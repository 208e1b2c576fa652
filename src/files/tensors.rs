//! Numbers from safetensors files: the layers of a network, and single tensors.

use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::bytes_of;
use crate::error::Error;
use crate::exact::Exact;
use crate::model::{Layer, Mlp};
use crate::names;

/// The layers `<name>.weight` (out x in) and `<name>.bias` (out) in the natural order of their
/// names, where `9` comes before
/// `10`; entries are f64, f32, f16 or bf16.
pub(super) fn layers(path: &Path) -> Result<Vec<Layer>, Error> {
    let at = |key: &str, cause| at(path, key, cause);
    let bytes = bytes_of(path)?;
    let tensors = SafeTensors::deserialize(&bytes)
        .map_err(|error| at("", Error::Tensors { reason: error.to_string() }))?;
    let mut names: Vec<&str> = Vec::new();
    for name in tensors.names() {
        let Some((stem, "weight" | "bias")) = name.rsplit_once('.') else {
            return Err(at(name, Error::TensorName { found: name.into() }));
        };
        if !names.contains(&stem) {
            names.push(stem);
        }
    }
    names.sort_by_key(|name| natural_key(name));
    let layer = |stem: &str| {
        let entries = |kind, rank, expected| {
            let name = format!("{stem}.{kind}");
            let tensor = tensors
                .tensor(&name)
                .map_err(|_| at(&name, Error::TensorMissing { found: tensor_names(&tensors) }))?;
            if tensor.shape().len() != rank {
                let found = tensor.shape().to_vec();
                return Err(at(&name, Error::TensorShape { found, expected }));
            }
            let numbers = numbers(&tensor).map_err(|error| at(&name, error))?;
            Ok((numbers, tensor.shape().to_vec()))
        };
        let (weights, shape) = entries("weight", 2, "[out, in]")?;
        let (bias, _) = entries("bias", 1, "[out]")?;
        let rows = weights.chunks(shape[1].max(1)).map(<[Exact]>::to_vec).collect();
        Layer::new(rows, bias).map_err(|error| at(stem, error))
    };
    names.into_iter().map(layer).collect()
}

/// The entries and the shape of a tensor of this rank: the one of this name, or the only one of the file.
pub(super) fn tensor(
    path: &Path,
    name: Option<&str>,
    rank: usize,
    expected: &'static str,
) -> Result<(Vec<Exact>, Vec<usize>), Error> {
    let bytes = bytes_of(path)?;
    let tensors = SafeTensors::deserialize(&bytes)
        .map_err(|error| at(path, "", Error::Tensors { reason: error.to_string() }))?;
    let names = tensor_names(&tensors);
    let allowed = || names.iter().map(String::as_str);
    let missing = || at(path, "", names::unknown("tensor", name.unwrap_or(""), allowed()));
    let name = match (name, &*names) {
        (Some(name), _) => name,
        (None, [only]) => only,
        (None, _) => return Err(missing()),
    };
    let tensor = tensors.tensor(name).map_err(|_| missing())?;
    let shape = tensor.shape().to_vec();
    if shape.len() != rank {
        return Err(at(path, name, Error::TensorShape { found: shape, expected }));
    }
    Ok((numbers(&tensor).map_err(|error| at(path, name, error))?, shape))
}

/// The error `cause`, at a tensor of a file.
fn at(path: &Path, key: &str, cause: Error) -> Error {
    let file = path.display().to_string();
    Error::At { file, line: None, key: key.into(), cause: Box::new(cause) }
}

/// The layers of a network as a safetensors file of doubles.
pub(super) fn bytes(mlp: &Mlp) -> Vec<u8> {
    let entries = |numbers: &mut dyn Iterator<Item = &Exact>| -> Vec<u8> {
        numbers.flat_map(|number| number.to_f64().to_le_bytes()).collect()
    };
    let tensors = mlp.layers().iter().enumerate().flat_map(|(n, layer)| {
        let (rows, bias) = (layer.weights(), layer.bias());
        [
            (
                format!("{n}.weight"),
                vec![rows.len(), rows[0].len()],
                entries(&mut rows.iter().flatten()),
            ),
            (format!("{n}.bias"), vec![bias.len()], entries(&mut bias.iter())),
        ]
    });
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = tensors.collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F64, shape.clone(), bytes);
        (name.as_str(), view.expect("eight bytes for each entry of the shape"))
    });
    safetensors::serialize(views, None).expect("tensors of valid shapes")
}

fn tensor_names(tensors: &SafeTensors) -> Vec<String> {
    let mut names: Vec<String> = tensors.names().into_iter().map(String::from).collect();
    names.sort_by_key(|name| natural_key(name));
    names
}

/// The parts of a name between its digits and the numbers that the digits are; the number's length
/// decides before its digits.
fn natural_key(name: &str) -> Vec<(String, usize, String)> {
    let mut key = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (text, tail) = rest.split_at(digits);
        let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (number, tail) = tail.split_at(end);
        let number = number.trim_start_matches('0');
        key.push((text.to_owned(), number.len(), number.to_owned()));
        rest = tail;
    }
    key
}

/// The entries of a tensor, exactly.
fn numbers(tensor: &TensorView) -> Result<Vec<Exact>, Error> {
    fn entries<const N: usize>(
        bytes: &[u8],
        value: impl Fn([u8; N]) -> f64,
    ) -> Result<Vec<Exact>, Error> {
        let (entries, _) = bytes.as_chunks::<N>();
        let exact = |entry: &[u8; N]| {
            let found = value(*entry);
            Exact::from_f64(found).ok_or(Error::NotFinite { found })
        };
        entries.iter().map(exact).collect()
    }
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::F64 => entries(data, f64::from_le_bytes),
        Dtype::F32 => entries(data, |bytes| f32::from_le_bytes(bytes).into()),
        Dtype::BF16 => {
            entries(data, |bytes| f32::from_bits(u32::from(u16::from_le_bytes(bytes)) << 16).into())
        }
        Dtype::F16 => entries(data, |bytes| half(u16::from_le_bytes(bytes))),
        found => Err(Error::TensorType { found: format!("{found:?}") }),
    }
}

/// The value of an IEEE 754 half-precision number: 1 sign bit, 5 exponent bits, 10 fraction bits.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match i32::from(bits >> 10 & 0x1f) {
        0 => fraction * 2f64.powi(-24),
        31 => {
            if fraction == 0.0 {
                f64::INFINITY
            } else {
                f64::NAN
            }
        }
        exponent => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision() {
        let pairs = [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_953_125),
            (0x0001, 2f64.powi(-24)),
            (0x7bff, 65504.0),
            (0x0400, 2f64.powi(-14)),
        ];
        for (bits, value) in pairs {
            assert_eq!(half(bits).to_bits(), f64::to_bits(value));
        }
        assert!(half(0x7c00).is_infinite() && half(0x7e00).is_nan());
    }

    #[test]
    fn names_in_natural_order() {
        let mut names = ["net.10", "net.9", "net", "a2b", "net.0", "a10b", "2"];
        names.sort_by_key(|name| natural_key(name));
        assert_eq!(names, ["2", "a2b", "a10b", "net", "net.0", "net.9", "net.10"]);
    }
}
