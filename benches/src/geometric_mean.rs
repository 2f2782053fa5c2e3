//! The mean of ratios: half as fast here and twice as fast there is as fast on the whole.

/// The geometric mean of `ratios`.
///
/// # Panics
/// If `ratios` is empty.
///
/// ```
/// assert!((gorace_benches::geometric_mean(&[0.5, 2.0, 8.0]) - 2.0).abs() < 1e-9);
/// ```
pub fn geometric_mean(ratios: &[f64]) -> f64 {
    assert!(!ratios.is_empty(), "a mean is of one ratio at least");
    (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp()
}
