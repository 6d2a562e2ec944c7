//! Which numbers of a table are told to everybody.
//!
//! The table has a column and a row of totals, which are numbers as well. Small numbers are withheld (primary suppression); and as many others as it
//! takes so that none of the withheld can be computed from what is told (complementary suppression): in each row and each column that withholds
//! something there are two of them at least, with a sum that is not small where it can be known, and none of them is the only bridge between parts of the table.
//!
//! **Invariant:** no withheld number is determined by those that are told.

/// A number below this points at people; nothing at all points at nobody.
pub(super) const FEWEST_TOLD: i64 = 10;

/// A table of numbers: rows of the same length. The last row and the last column are totals.
type Table = [Vec<i64>];

/// Adds totals to the rows and the columns.
pub(super) fn with_totals(cells: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let width = cells.first().map_or(0, Vec::len);
    let mut table: Vec<Vec<i64>> = cells
        .iter()
        .map(|row| row.iter().copied().chain([row.iter().sum()]).collect())
        .collect();
    let total = |column| table.iter().filter_map(|row: &Vec<i64>| row.get(column)).sum();
    let totals: Vec<i64> = (0..=width).map(total).collect();
    table.push(totals);
    table
}

/// The table as everybody is told it: `None` is withheld.
pub(super) fn told(table: &Table) -> Vec<Vec<Option<i64>>> {
    let mut withheld = Withheld::small(table);
    while withheld.protect() {}
    table
        .iter()
        .enumerate()
        .map(|(row, numbers)| {
            let tell = |(column, number): (usize, &i64)| (!withheld.has((row, column))).then_some(*number);
            numbers.iter().enumerate().map(tell).collect()
        })
        .collect()
}

/// A place in the table: row and column.
type Cell = (usize, usize);

struct Withheld<'a> {
    table: &'a Table,
    cells: std::collections::BTreeSet<Cell>,
}

impl<'a> Withheld<'a> {
    /// The small numbers.
    fn small(table: &'a Table) -> Self {
        let cells = all(table).filter(|cell| (1..FEWEST_TOLD).contains(&number(table, *cell)));
        Self {
            table,
            cells: cells.collect(),
        }
    }

    fn has(&self, cell: Cell) -> bool {
        self.cells.contains(&cell)
    }

    /// Withholds one more where that is needed; false where all is safe, or there is no more to withhold.
    fn protect(&mut self) -> bool {
        let lines: Vec<Vec<Cell>> = lines(self.table);
        let weak = lines.iter().find(|line| self.is_weak(line)).cloned();
        let line = weak.or_else(|| self.bridge());
        let Some(line) = line else { return false };
        let open = line.into_iter().filter(|cell| !self.has(*cell));
        // The smallest that says something; a zero only where nothing else is left.
        let chosen = open.min_by_key(|cell| {
            let number = number(self.table, *cell);
            (number == 0, number)
        });
        chosen.is_some_and(|cell| self.cells.insert(cell))
    }

    /// Whether a row or a column withholds too little to hide anything, and could withhold more.
    fn is_weak(&self, line: &[Cell]) -> bool {
        let hidden: Vec<i64> = line
            .iter()
            .filter(|cell| self.has(**cell))
            .map(|cell| number(self.table, *cell))
            .collect();
        // Where the total is told, so is the sum of what is withheld.
        let told_sum = line.last().is_some_and(|total| !self.has(*total));
        let small_sum = told_sum && !hidden.is_empty() && hidden.iter().sum::<i64>() < FEWEST_TOLD;
        let few = hidden.len() == 1 || small_sum;
        few && hidden.len() < line.len()
    }

    /// A line with something left to withhold, where a withheld number is determined by the others: without it, its row and its column do not hang
    /// together. One of these two lines, if it can be.
    fn bridge(&self) -> Option<Vec<Cell>> {
        let found = self.cells.iter().find(|cell| !self.hangs_together_without(**cell))?;
        let mut open: Vec<Vec<Cell>> = lines(self.table);
        open.retain(|line| line.iter().any(|cell| !self.has(*cell)));
        let through = open.iter().position(|line| line.contains(found));
        (!open.is_empty()).then(|| open.swap_remove(through.unwrap_or(0)))
    }

    /// Whether a way leads from the row of a number to its column by other withheld numbers.
    fn hangs_together_without(&self, cell: Cell) -> bool {
        let (mut rows, mut columns) = (vec![cell.0], Vec::new());
        loop {
            let more: Vec<Cell> = self
                .cells
                .iter()
                .copied()
                .filter(|other| *other != cell && rows.contains(&other.0) != columns.contains(&other.1))
                .collect();
            if more.is_empty() {
                return columns.contains(&cell.1);
            }
            for (row, column) in more {
                if !rows.contains(&row) {
                    rows.push(row);
                }
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
        }
    }
}

fn number(table: &Table, (row, column): Cell) -> i64 {
    table
        .get(row)
        .and_then(|numbers| numbers.get(column))
        .copied()
        .unwrap_or_default()
}

fn all(table: &Table) -> impl Iterator<Item = Cell> {
    let rows = table.iter().enumerate();
    rows.flat_map(|(row, numbers)| (0..numbers.len()).map(move |column| (row, column)))
}

/// The rows and the columns.
fn lines(table: &Table) -> Vec<Vec<Cell>> {
    let width = table.first().map_or(0, Vec::len);
    let rows = (0..table.len()).map(|row| (0..width).map(|column| (row, column)).collect());
    let columns = (0..width).map(|column| (0..table.len()).map(|row| (row, column)).collect());
    rows.chain(columns).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_small_number_takes_others_with_it() {
        let table = with_totals(&[vec![3, 40], vec![50, 60], vec![70, 80]]);

        let told = told(&table);

        assert_eq!(told[0][0], None);
        assert_eq!(told[2], [Some(70), Some(80), Some(150)]);
        assert!(told.iter().flatten().filter(|number| number.is_none()).count() >= 4);
    }

    #[test]
    fn large_numbers_and_zeros_are_told() {
        let table = with_totals(&[vec![0, 40], vec![50, 0]]);

        assert!(told(&table).iter().flatten().all(Option::is_some));
    }

    /// The rank of equations, by elimination in fractions of a large prime.
    fn rank(mut rows: Vec<Vec<i128>>) -> usize {
        const PRIME: i128 = 2_147_483_647;
        let power = |base: i128, mut exponent: i128| {
            let (mut base, mut result) = (base.rem_euclid(PRIME), 1);
            while exponent > 0 {
                if exponent % 2 == 1 {
                    result = result * base % PRIME;
                }
                base = base * base % PRIME;
                exponent /= 2;
            }
            result
        };
        let width = rows.first().map_or(0, Vec::len);
        let mut rank = 0;
        for column in 0..width {
            let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column].rem_euclid(PRIME) != 0) else {
                continue;
            };
            rows.swap(rank, pivot);
            let inverse = power(rows[rank][column], PRIME - 2);
            let chosen = rows[rank].clone();
            for (_, values) in rows.iter_mut().enumerate().filter(|(row, _)| *row != rank) {
                let factor = values[column] * inverse % PRIME;
                for (value, other) in values.iter_mut().zip(&chosen) {
                    *value = (*value - factor * other).rem_euclid(PRIME);
                }
            }
            rank += 1;
        }
        rank
    }

    /// Whether what is told determines a withheld number: whether knowing it would add nothing to the equations of rows and columns.
    fn is_determined(told: &[Vec<Option<i64>>], cell: Cell) -> bool {
        let table: Vec<Vec<i64>> = told.iter().map(|row| vec![0; row.len()]).collect();
        let unknown: Vec<Cell> = all(&table)
            .filter(|(row, column)| told[*row][*column].is_none())
            .collect();
        let last = (told.len() - 1, told[0].len() - 1);
        let sign = |line: &[Cell], cell: &Cell| match (line.contains(cell), cell) {
            (false, _) => 0,
            // The total of a line stands on its other side.
            (true, (row, column)) => {
                let is_row = line[0].0 == line[line.len() - 1].0;
                let is_total = if is_row { *column == last.1 } else { *row == last.0 };
                if is_total { -1 } else { 1 }
            }
        };
        let equations: Vec<Vec<i128>> = lines(&table)
            .iter()
            .map(|line| unknown.iter().map(|cell| sign(line, cell)).collect())
            .collect();
        let mut known = equations.clone();
        known.push(unknown.iter().map(|other| i128::from(*other == cell)).collect());
        rank(known) == rank(equations)
    }

    proptest! {
        #[test]
        fn no_withheld_number_can_be_computed(
            cells in (1_usize..6).prop_flat_map(|width| {
                prop::collection::vec(prop::collection::vec(prop_oneof![0_i64..4, 0_i64..40, 100_i64..900], width), 1..9)
            }),
        ) {
            let table = with_totals(&cells);

            let told = told(&table);

            for cell in all(&table) {
                let number = number(&table, cell);
                if let Some(open) = told[cell.0][cell.1] {
                    prop_assert!(open == number && !(1..FEWEST_TOLD).contains(&number));
                } else {
                    prop_assert!(!is_determined(&told, cell), "{cell:?} of {table:?} told as {told:?}");
                }
            }
        }
    }
}
