//! The order of the entries of each row.

use tch::{Device, Kind, Tensor};

/// Where the entries of each row `[N, D]` of single precision are, from the smallest to the largest, equal ones as they stand.
///
/// That is the order of libtorch's stable sort, which takes its time on a processor, since it moves values and places through two strides at once; here
/// one whole number holds both, and digits are sorted, not numbers compared. The sort that promises no order of equal entries may have another one, depending on the processor.
pub(super) fn ascending(table: &Tensor) -> Tensor {
    let [n, d] = table.size()[..] else { unreachable!("a table has rows") };
    if table.device() != Device::Cpu || table.kind() != Kind::Float {
        return table.argsort(1, false);
    }
    let mut entries = vec![0f32; table.numel()];
    table.contiguous().copy_data(&mut entries, table.numel());
    let columns = entries.len() / usize::try_from(n).unwrap_or(1).max(1);
    let mut order = Vec::with_capacity(entries.len());
    let (mut row, mut spare) = (Vec::with_capacity(columns), vec![0; columns]);
    for values in entries.chunks_exact(columns.max(1)) {
        row.clear();
        row.extend(values.iter().zip(0u64..).map(|(x, place)| u64::from(rank(*x)) << 32 | place));
        sort_by_rank(&mut row, &mut spare);
        order.extend(row.iter().map(|entry| (entry & u64::from(u32::MAX)).cast_signed()));
    }
    Tensor::from_slice(&order).view([n, d])
}

/// The same, but equal entries as libtorch's own sort leaves them, which promises nothing of them: sums taken in this order are the reference
/// implementation's to the last bit.
pub(super) fn ascending_as_libtorch(table: &Tensor) -> Tensor {
    table.argsort(1, false)
}

/// Sorts by the upper 32 bits, a byte at a time from the lowest on; what is equal in them stays as it stands.
fn sort_by_rank(row: &mut Vec<u64>, spare: &mut Vec<u64>) {
    const BYTES: [u32; 4] = [32, 40, 48, 56];
    let byte = |entry: u64, shift: u32| (entry >> shift & 0xff) as usize;
    let mut starts = [[0usize; 256]; 4];
    for &entry in row.iter() {
        for (counts, shift) in starts.iter_mut().zip(BYTES) {
            counts[byte(entry, shift)] += 1;
        }
    }
    for (starts, shift) in starts.iter_mut().zip(BYTES) {
        let mut sum = 0;
        for start in starts.iter_mut() {
            sum += std::mem::replace(start, sum);
        }
        for &entry in row.iter() {
            let place = &mut starts[byte(entry, shift)];
            spare[*place] = entry;
            *place += 1;
        }
        std::mem::swap(row, spare);
    }
}

/// A whole number that grows with x; NaN above all.
fn rank(x: f32) -> u32 {
    if x.is_nan() {
        return u32::MAX;
    }
    // Both zeros are one.
    let bits = (x + 0.0).to_bits();
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::random::seeded;

    #[test]
    fn the_order_is_that_of_libtorchs_stable_sort() {
        tch::set_num_threads(1);
        let options = (Kind::Float, Device::Cpu);
        let [noise, normal] = seeded(0, || [(); 2].map(|()| Tensor::randn([5, 900], options)));
        let ties = (normal * 4.0).round();
        let zeros =
            Tensor::from_slice(&[0.0f32, -0.0, 1.0, -0.0, f32::NAN, f32::INFINITY, 0.0, -2.0]);
        for table in
            [&noise, &ties, &ties.relu(), &noise.tr().contiguous().tr(), &zeros.view([1, -1])]
        {
            let (_, expected) = table.sort_stable(true, 1, false);
            assert!(ascending(table).equal(&expected), "{table:?}");
        }
        assert_eq!(ascending(&Tensor::zeros([0, 3], options)).size(), [0, 3]);
    }
}
