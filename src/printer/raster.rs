//! Dots for the paper: 576 a row, 80 mm paper at 203 dpi.

use super::escpos;
use zeroize::Zeroizing;

/// Dots in one row: 72 mm of the 80 mm paper at 203 dpi.
pub const WIDTH: usize = 576;
/// Bytes in one row, the leftmost dot the highest bit.
pub const ROW_BYTES: usize = WIDTH / 8;

/// A picture of black dots on white, wiped on drop. It never holds bytes that a printer takes for an order
/// ([`escpos::is_order`]): one dot, an eighth of a millimetre, is added where they would stand.
#[derive(Clone, PartialEq, Eq)]
pub struct Raster(Zeroizing<Vec<u8>>);

impl Raster {
    /// `rows` rows; `is_dark` is asked for every dot by column and row.
    pub fn new(rows: usize, is_dark: impl Fn(usize, usize) -> bool) -> Self {
        let mut bytes = Zeroizing::new(vec![0_u8; rows * ROW_BYTES]);
        for (at, byte) in bytes.iter_mut().enumerate() {
            let (row, left) = (at / ROW_BYTES, at % ROW_BYTES * 8);
            for bit in 0..8 {
                *byte |= u8::from(is_dark(left + bit, row)) << (7 - bit);
            }
        }
        for at in 1..bytes.len() {
            if escpos::is_order(bytes[at - 1], bytes[at]) {
                bytes[at - 1] |= 0x08;
            }
        }
        Self(bytes)
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.0.len() / ROW_BYTES
    }

    /// A dot, by column and row; white outside.
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        let byte = self.0.get(row * ROW_BYTES + column / 8).filter(|_| column < WIDTH);
        byte.is_some_and(|byte| byte & (0x80 >> (column % 8)) != 0)
    }

    /// Bands of at most `rows` rows, from the top.
    pub fn bands(&self, rows: usize) -> impl Iterator<Item = &[u8]> {
        self.0.chunks(rows * ROW_BYTES)
    }
}

impl std::fmt::Debug for Raster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raster({} rows)", self.rows())
    }
}
