//! Finds the smallest sets of parts that suffice, with few questions.

/// What an oracle says of a set of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// The set suffices.
    Enough,
    /// It does not.
    TooLittle,
    /// Nobody may be asked any more.
    Stop,
}

/// A set of parts by their numbers, sorted.
type Set = Vec<usize>;

/// What is known after asking: sets that suffice with nothing to spare, and whether these are all there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) minimal: Vec<Set>,
    /// Whether every set that suffices holds one of these.
    pub(super) is_complete: bool,
    /// The parts that are in every set that suffices.
    pub(super) needed: Set,
}

/// What was asked before, and what follows from it: more parts of what suffices suffice, fewer of what does not do not.
#[derive(Debug, Default)]
struct Memory {
    enough: Vec<Set>,
    too_little: Vec<Set>,
}

impl Memory {
    fn known(&self, set: &[usize]) -> Option<Said> {
        let holds = |big: &[usize], small: &[usize]| small.iter().all(|part| big.contains(part));
        if self.enough.iter().any(|known| holds(set, known)) {
            return Some(Said::Enough);
        }
        self.too_little.iter().any(|known| holds(known, set)).then_some(Said::TooLittle)
    }

    fn keep(&mut self, set: Set, said: Said) {
        match said {
            Said::Enough => self.enough.push(set),
            Said::TooLittle => self.too_little.push(set),
            Said::Stop => {}
        }
    }
}

/// Finds minimal sets among `count` parts, ranked with the likeliest first, of which all together suffice and none do not.
///
/// The first set takes one question where the first part suffices, and about twice the logarithm of `count` for each part
/// else: the shortest beginning of the ranking that suffices is looked for in doubling steps and halves, its last part is
/// needed there, and so on with what stands before it (the progression of `QuickXplain`'s family). Then each part of a set is
/// left out for another set without it, until nothing is left to leave out (Reiter's hitting sets) or `ask` says stop.
pub(super) async fn search(count: usize, ask: &mut impl AsyncFnMut(&[usize]) -> Said) -> Found {
    let mut memory = Memory::default();
    memory.keep((0..count).collect(), Said::Enough);
    memory.keep(Vec::new(), Said::TooLittle);
    let mut found = Found::default();
    let mut left_out: Vec<Set> = vec![Vec::new()];
    let mut seen: Vec<Set> = Vec::new();
    while let Some(out) = pop_front(&mut left_out) {
        let pool: Set = (0..count).filter(|part| !out.contains(part)).collect();
        let Some(said) = asked(&pool, &mut memory, ask).await else { return found };
        if said == Said::TooLittle {
            if let [only] = out.as_slice() {
                found.needed.push(*only);
            }
            continue;
        }
        let known = found.minimal.iter().find(|set| set.iter().all(|part| !out.contains(part))).cloned();
        let set = match known {
            Some(set) => set,
            None => match smallest(pool, &mut memory, ask).await {
                Some(set) => set,
                None => return found,
            },
        };
        if !found.minimal.contains(&set) {
            found.minimal.push(set.clone());
        }
        for part in set {
            let mut more = out.clone();
            more.push(part);
            more.sort_unstable();
            if !seen.contains(&more) {
                seen.push(more.clone());
                left_out.push(more);
            }
        }
    }
    found.is_complete = true;
    found
}

/// A minimal set within a ranked pool that suffices; nothing when nobody may be asked any more.
async fn smallest(
    mut pool: Set,
    memory: &mut Memory,
    ask: &mut impl AsyncFnMut(&[usize]) -> Said,
) -> Option<Set> {
    let (universe, mut needed) = (pool.clone(), Set::new());
    loop {
        // Whether it is in every set is asked sooner or later; where it is, nothing else has to be asked of it.
        if let ([last], false) = (pool.as_slice(), needed.is_empty()) {
            let without: Set = universe.iter().filter(|part| *part != last).copied().collect();
            if asked(&without, memory, ask).await? == Said::TooLittle {
                needed.push(*last);
                needed.sort_unstable();
                pool.clear();
            }
        }
        if asked(&needed, memory, ask).await? == Said::Enough {
            return Some(needed);
        }
        let with = |count: usize| -> Set {
            let mut set: Set = needed.iter().chain(&pool[..count]).copied().collect();
            set.sort_unstable();
            set
        };
        // `few` parts are too little, `many` are enough.
        let (mut few, mut many, mut step) = (0, pool.len(), 1);
        while many - few > 1 {
            let at = if step < many { step } else { few + (many - few) / 2 };
            let at = at.clamp(few + 1, many - 1);
            if asked(&with(at), memory, ask).await? == Said::Enough {
                (many, step) = (at, usize::MAX);
            } else {
                (few, step) = (at, step.saturating_mul(2));
            }
        }
        needed.push(pool[many - 1]);
        needed.sort_unstable();
        pool.truncate(many - 1);
    }
}

async fn asked(
    set: &[usize],
    memory: &mut Memory,
    ask: &mut impl AsyncFnMut(&[usize]) -> Said,
) -> Option<Said> {
    if let Some(known) = memory.known(set) {
        return Some(known);
    }
    let said = ask(set).await;
    memory.keep(set.to_vec(), said);
    (said != Said::Stop).then_some(said)
}

fn pop_front(queue: &mut Vec<Set>) -> Option<Set> {
    (!queue.is_empty()).then(|| queue.remove(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found where these sets suffice, and how many questions that took.
    async fn found(count: usize, sets: &[&[usize]], most: usize) -> (Found, usize) {
        let mut asked = 0;
        let found = search(count, &mut async |set: &[usize]| {
            if asked == most {
                return Said::Stop;
            }
            asked += 1;
            let is_enough = sets.iter().any(|enough| enough.iter().all(|part| set.contains(part)));
            if is_enough { Said::Enough } else { Said::TooLittle }
        })
        .await;
        (found, asked)
    }

    #[tokio::test]
    async fn one_part_that_suffices_takes_two_questions_when_it_stands_first() {
        for count in [2, 12, 40] {
            let (found, asked) = found(count, &[&[0]], 99).await;
            assert_eq!((found.minimal, found.needed, found.is_complete), (vec![vec![0]], vec![0], true));
            assert_eq!(asked, 2, "of {count}");
        }
    }

    #[tokio::test]
    async fn parts_that_are_needed_together_are_found_wherever_they_stand() {
        for (sets, most) in [([0, 1], 4), ([3, 9], 14), ([10, 11], 14), ([0, 11], 9)] {
            let (found, asked) = found(12, &[&sets], 99).await;
            assert_eq!((found.minimal, found.needed), (vec![sets.to_vec()], sets.to_vec()));
            assert!(found.is_complete && asked <= most, "{sets:?}: {asked}");
        }
    }

    #[tokio::test]
    async fn alternatives_are_found_and_nothing_is_needed() {
        let (alternatives, asked) = found(8, &[&[0], &[2, 3]], 99).await;
        assert_eq!(alternatives.minimal, [vec![0], vec![2, 3]]);
        assert!(alternatives.needed.is_empty() && alternatives.is_complete && asked <= 12, "{asked}");
        let (common, _) = found(4, &[&[0, 1], &[0, 2]], 99).await;
        assert_eq!((common.minimal, common.needed), (vec![vec![0, 1], vec![0, 2]], vec![0]));
    }

    #[tokio::test]
    async fn a_search_that_is_stopped_says_that_it_is_not_complete() {
        let (found, asked) = found(12, &[&[3, 9]], 5).await;
        assert_eq!((found, asked), (Found::default(), 5));
    }
}
