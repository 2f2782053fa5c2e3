//! The one statistic used: a median, which a single disturbed run does not move.

/// The median of `values`: the middle one, or the mean of the two in the middle.
///
/// # Panics
/// If `values` is empty or holds a NaN.
///
/// ```
/// assert_eq!(gorace_benches::median(&mut [9.0, 1.0, 2.0]), 2.0);
/// assert_eq!(gorace_benches::median(&mut [4.0, 1.0, 2.0, 9.0]), 3.0);
/// ```
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(|a, b| a.partial_cmp(b).expect("times and ratios are numbers"));
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}
