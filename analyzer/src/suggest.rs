//! "Did you mean": near names by edit distance (Levenshtein 1966).

/// The known names that are near to `name`, nearest first.
pub fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let limit = (name.chars().count() / 3).max(2);
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .map(|other| (distance(name, other), other))
        .filter(|(distance, other)| *distance <= limit || other.starts_with(name))
        .collect();
    found.sort();
    found.into_iter().map(|(_, other)| other).take(3).collect()
}

/// A hint: the near names, or all of them.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let near = near(name, known.iter().copied());
    if near.is_empty() {
        format!("expected one of: {}", known.join(", "))
    } else {
        format!("did you mean `{}`?", near.join("` or `"))
    }
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn finds_the_near_ones() {
        let known = ["bank_transfer", "bank_transfer_fixed", "lost_wakeup"];
        assert_eq!(near("bank_tranfser", known), ["bank_transfer"]);
        assert_eq!(near("bank", known), ["bank_transfer", "bank_transfer_fixed"]);
        assert!(near("nothing_like_it", known).is_empty());
    }
}
