use std::convert::Infallible;

use proptest::prelude::*;

use super::*;

/// The reference leaves of Certificate Transparency and the roots of their first 0 to 8 (transparency-dev/merkle, testonly).
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn hash(hex: &str) -> Hash {
    bytes(hex).try_into().unwrap()
}

fn reference() -> Vec<Hash> {
    LEAVES.iter().map(|leaf| leaf_hash(&bytes(leaf))).collect()
}

fn leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|leaf| leaf_hash(&leaf.to_be_bytes())).collect()
}

/// The definition of RFC 6962, with no regard to speed.
fn plain_root(leaves: &[Hash]) -> Hash {
    if leaves.len() < 2 {
        return perfect(leaves);
    }
    let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
    node_hash(&plain_root(left), &plain_root(right))
}

fn nodes(leaves: &[Hash]) -> impl FnMut(Node) -> Result<Hash, Infallible> {
    |node| {
        let start = usize::try_from(node.index << node.height).unwrap();
        Ok(perfect(&leaves[start..start + (1 << node.height)]))
    }
}

fn grown(leaves: &[Hash]) -> (Edge, Vec<Tile>) {
    let (mut edge, mut full) = (Edge::default(), Vec::new());
    for leaf in leaves {
        edge.append(*leaf, &mut full);
    }
    (edge, full)
}

#[test]
fn the_published_roots_and_proofs_are_found() {
    let leaves = reference();

    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(grown(&leaves[..size]).0.root(), hash(root), "{size}");
    }
    let Ok(proof) = inclusion(5, 8, &mut nodes(&leaves));
    let expected = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        ROOTS[4],
    ];
    assert_eq!(proof, expected.map(hash));
    let Ok(proof) = consistency(2, 5, &mut nodes(&leaves));
    let expected = [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ];
    assert_eq!(proof, expected.map(hash));
}

#[test]
fn every_leaf_is_proved_in_every_tree_and_nothing_else_is() {
    let all = leaves(70);
    for size in 1..=70_u64 {
        let here = &all[..usize::try_from(size).unwrap()];
        let root = plain_root(here);
        for leaf in 0..size {
            let Ok(proof) = inclusion(leaf, size, &mut nodes(here));
            let holds = |hash, leaf, size, proof: &[Hash], root| verify_inclusion(hash, leaf, size, proof, root);
            let hash = here[usize::try_from(leaf).unwrap()];

            assert!(holds(hash, leaf, size, &proof, &root), "{leaf} of {size}");

            assert!(!holds(leaf_hash(b"other"), leaf, size, &proof, &root));
            assert!(!holds(hash, (leaf + 1) % size, size, &proof, &root) || size == 1);
            assert!(!holds(hash, size, size, &proof, &root));
            assert!(!holds(hash, leaf, size, &[&proof[..], &[root]].concat(), &root));
            assert!(proof.is_empty() || !holds(hash, leaf, size, &proof[1..], &root));
        }
    }
}

#[test]
fn every_tree_is_proved_to_be_the_beginning_of_every_larger_one_and_of_no_other() {
    let all = leaves(70);
    let roots: Vec<Hash> = (0..=70).map(|size| plain_root(&all[..size])).collect();
    let root = |size: u64| &roots[usize::try_from(size).unwrap()];
    for new in 0..=70_u64 {
        for old in 0..=new {
            let Ok(proof) = consistency(old, new, &mut nodes(&all));

            assert!(
                verify_consistency((old, root(old)), (new, root(new)), &proof),
                "{old} {new}"
            );

            let other = leaf_hash(b"other");
            assert!(old == 0 || !verify_consistency((old, &other), (new, root(new)), &proof));
            assert!(old == 0 || !verify_consistency((old, root(old)), (new, &other), &proof));
            assert!(old == new || !verify_consistency((new, root(new)), (old, root(old)), &proof));
            assert!(proof.is_empty() || !verify_consistency((old, root(old)), (new, root(new)), &proof[1..]));
        }
    }
}

#[test]
fn a_tree_grown_leaf_by_leaf_and_in_any_steps_from_its_tiles_has_the_same_root_and_tiles() {
    let all = leaves(66_000);
    let (edge, full) = grown(&all);
    assert_eq!(edge.root(), plain_root(&all));
    let kept = |level, number| {
        let tiles = full.iter().cloned().chain(edge.partial());
        let found = tiles
            .into_iter()
            .find(|tile| (tile.level, tile.number) == (level, number));
        Ok::<_, Infallible>(found.unwrap().hashes)
    };

    for size in [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 66_000] {
        let Ok(read) = Edge::read(size, kept);
        let mut read = read.unwrap();

        assert_eq!(
            read.root(),
            plain_root(&all[..usize::try_from(size).unwrap()]),
            "{size}"
        );

        let mut more = Vec::new();
        all.iter()
            .skip(usize::try_from(size).unwrap())
            .for_each(|leaf| read.append(*leaf, &mut more));
        assert_eq!(read, edge, "{size}");
        assert!(more.iter().all(|tile| full.contains(tile)), "{size}");
    }
}

#[test]
fn paths_are_those_of_the_specification() {
    let path = |level, number, width| Resource { level, number, width }.to_string();

    assert_eq!(path(Some(0), 1_234_067, None), "0/x001/x234/067");
    assert_eq!(path(Some(2), 0, Some(1)), "2/000.p/1");
    assert_eq!(path(None, 273, Some(112)), "entries/273.p/112");
    for wrong in [
        "0/1",
        "64/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/001/234",
        "0/x000/001",
        "0/000.p/01",
        "+1/000",
        "entries",
        "0/",
    ] {
        assert_eq!(wrong.parse::<Resource>(), Err(NotATile), "{wrong}");
    }
}

#[test]
fn a_log_of_seventy_thousand_consists_of_the_tiles_that_the_specification_counts() {
    let tiles: Vec<_> = Resource::all(70_000).filter(|tile| tile.level.is_some()).collect();

    let full = |level| {
        tiles
            .iter()
            .filter(|tile| tile.level == Some(level) && tile.width.is_none())
            .count()
    };
    let partial: Vec<_> = tiles
        .iter()
        .filter(|tile| tile.width.is_some())
        .map(ToString::to_string)
        .collect();
    assert_eq!((full(0), full(1), full(2)), (273, 1, 0));
    assert_eq!(partial, ["0/273.p/112", "1/001.p/17", "2/000.p/1"]);
    assert!(tiles.iter().all(|tile| tile.is_of(70_000)));
    assert!(
        !tiles
            .iter()
            .any(|tile| tile.level == Some(0) && tile.number == 273 && tile.is_of(69_999))
    );
}

proptest! {
    #[test]
    fn a_path_is_read_as_it_was_written(level in proptest::option::of(0_u8..64), number: u64, width in proptest::option::of(1_u8..)) {
        let resource = Resource { level, number, width };

        prop_assert_eq!(resource.to_string().parse(), Ok(resource));
    }

    #[test]
    fn no_path_makes_it_panic(text: String, size: u64) {
        if let Ok(resource) = text.parse::<Resource>() {
            let _ = resource.is_of(size);
        }
    }

    #[test]
    fn a_changed_removed_or_swapped_leaf_has_another_root(size in 2_usize..600, at: prop::sample::Index, to: prop::sample::Index) {
        let all = leaves(size as u64);
        let (at, to) = (at.index(size), to.index(size));
        let root = grown(&all).0.root();

        let (mut changed, mut removed, mut swapped) = (all.clone(), all.clone(), all.clone());
        changed[at] = leaf_hash(b"changed");
        removed.remove(at);
        swapped.swap(at, to);

        prop_assert_ne!(grown(&changed).0.root(), root);
        prop_assert_ne!(grown(&removed).0.root(), root);
        prop_assert_eq!(grown(&swapped).0.root() == root, at == to);
    }
}
