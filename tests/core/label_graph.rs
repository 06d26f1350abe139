//! The graph of labels, from labels that are given and of a classifier whose
//! answers are known.

use foolscope::geometry::GeometryError;
use foolscope::geometry::label_graph::{Edge, LabelGraph, Options};
use foolscope::task::{Task, block_on};
use foolscope::universal::fooling::{Fooling, Sum, fooling};
use proptest::prelude::*;

use crate::affine::Affine;

const NAMES: [&str; 7] = ["ant", "bee", "cat", "a \"d\\og\"", "eel", "fox", "gnu"];

fn graph(labels: &[(usize, usize)], options: &Options) -> Result<LabelGraph, GeometryError> {
    let fooling = Fooling {
        labels: labels.to_vec(),
    };
    LabelGraph::new(&fooling, &NAMES, options)
}

/// Three ants of which two become bees, a bee that becomes a cat, two dogs of
/// which one becomes an eel, a fox that becomes a gnu, and a cat that stays.
const LABELS: [(usize, usize); 8] = [
    (0, 1),
    (0, 1),
    (0, 0),
    (1, 2),
    (3, 4),
    (3, 3),
    (5, 6),
    (2, 2),
];

#[test]
fn an_edge_needs_the_majority_of_a_class() {
    let found = graph(&LABELS, &Options::default()).unwrap();
    assert_eq!((found.pictures, found.fooled), (8, 5));
    let edge = |from, to, pictures, of| Edge {
        from,
        to,
        pictures,
        of,
    };
    // Half of the dogs are not most of them.
    let expected = [edge(0, 1, 2, 3), edge(1, 2, 1, 1), edge(5, 6, 1, 1)];
    assert_eq!(found.edges, expected);
    assert_eq!(found.components, [vec![0, 1, 2], vec![5, 6]]);
    let dominant: Vec<_> = found
        .dominant
        .iter()
        .map(|d| (d.name.as_str(), d.pictures, d.classes))
        .collect();
    let expected = [("bee", 2, 1), ("cat", 1, 1), ("gnu", 1, 1), ("eel", 1, 0)];
    assert_eq!(dominant, expected);
    // Two bees are less than half of five changed labels.
    let taken = [0.0, 0.4, 0.5, 1.0].map(|share| found.labels_that_take(share));
    assert_eq!(taken, [0, 1, 2, 4]);
    let ant = &found.vertices[0];
    assert_eq!((ant.pictures, ant.left, ant.attracted), (3, 2, 0));
    let ways = [
        (0, 0, 1),
        (0, 1, 2),
        (1, 2, 1),
        (2, 2, 1),
        (3, 3, 1),
        (3, 4, 1),
        (5, 6, 1),
    ];
    assert_eq!(found.ways, ways);
    // They are all that there is to know: the graph can be made anew.
    let labels: Vec<_> = ways
        .iter()
        .flat_map(|&(clean, new, pictures)| vec![(clean, new); pictures])
        .collect();
    assert_eq!(graph(&labels, &Options::default()).unwrap(), found);
}

/// f_k(x) = x_k for six classes: the brightest of six pixels is the answer. A
/// perturbation that lights pixel 2 takes over the dim pictures, and one that
/// lights pixel 5 a little less takes nothing.
#[test]
fn a_perturbation_towards_a_class_makes_it_dominant() {
    let identity = (0..36).map(|i| f32::from(i % 7 == 0)).collect();
    let brightest = Affine::new([1, 2, 3], identity, vec![0.0; 6]);
    let picture = |class: usize, light: f32| {
        let mut x = vec![0.0; 6];
        x[class] = light;
        x
    };
    let (dim, bright) = (0.3, 0.9);
    let x = [
        picture(0, dim),
        picture(0, dim),
        picture(0, bright),
        picture(1, dim),
        picture(1, bright),
        picture(2, bright),
        picture(3, dim),
        picture(4, bright),
    ];
    let v = [0.0, 0.0, 0.5, 0.0, 0.0, 0.4];
    let mut task = Task::silent();
    let found = block_on(fooling(&brightest, &x, &v, Sum::Raw, &mut task)).unwrap();
    let found = LabelGraph::new(&found, &NAMES, &Options::default());
    let found = found.unwrap();
    let edges: Vec<_> = found
        .edges
        .iter()
        .map(|e| (e.from, e.to, e.pictures, e.of))
        .collect();
    // Half of the bees are not most of them.
    assert_eq!(edges, [(0, 2, 2, 3), (3, 2, 1, 1)]);
    assert_eq!(found.components, [vec![0, 2, 3]]);
    assert_eq!(found.fooled, 4);
    assert_eq!(found.dominant.len(), 1);
    let cat = &found.dominant[0];
    assert_eq!(
        (cat.name.as_str(), cat.pictures, cat.classes),
        ("cat", 4, 2)
    );
}

#[test]
fn thresholds_add_and_remove_edges() {
    let with = |threshold, min_pictures| {
        let options = Options {
            threshold,
            min_pictures,
        };
        let found = graph(&LABELS, &options).unwrap();
        found
            .edges
            .iter()
            .map(|edge| (edge.from, edge.to))
            .collect::<Vec<_>>()
    };
    assert_eq!(with(0.4, 1), [(0, 1), (1, 2), (3, 4), (5, 6)]);
    assert_eq!(with(0.7, 1), [(1, 2), (5, 6)]);
    assert_eq!(with(0.5, 2), [(0, 1)]);
}

#[test]
fn graphviz_gets_names_and_counts() {
    let dot = graph(
        &LABELS,
        &Options {
            threshold: 0.4,
            ..Options::default()
        },
    )
    .unwrap()
    .to_dot();
    assert!(dot.starts_with("digraph {"), "{dot}");
    assert!(dot.trim_end().ends_with('}'), "{dot}");
    // A name's own quotes do not end it.
    assert!(dot.contains(r#"label = "a \"d\\og\"""#), "{dot}");
    let edges = dot.lines().filter(|line| line.contains("->")).count();
    assert_eq!(edges, 4);
    assert!(
        dot.lines()
            .any(|line| line.contains("0 -> 1") && line.contains(r#"label = "2""#))
    );
    assert_eq!(dot.matches('"').count() % 2, 0);
}

#[test]
fn json_is_read_as_it_was_written() {
    let found = graph(&LABELS, &Options::default()).unwrap();
    let text = serde_json::to_string(&found).unwrap();
    assert!(text.contains(r#""minPictures":1"#), "{text}");
    assert_eq!(serde_json::from_str::<LabelGraph>(&text).unwrap(), found);
}

#[test]
fn nothing_to_draw_and_bad_settings_are_said() {
    assert_eq!(
        graph(&[], &Options::default()),
        Err(GeometryError::NoPictures)
    );
    let nameless = graph(&[(0, 7)], &Options::default())
        .unwrap_err()
        .to_string();
    assert!(nameless.contains("class 7 has no name"), "{nameless}");
    for (threshold, min_pictures) in [(1.0, 1), (-0.1, 1), (f64::NAN, 1), (0.5, 0)] {
        let options = Options {
            threshold,
            min_pictures,
        };
        assert!(matches!(
            graph(&LABELS, &options),
            Err(GeometryError::Option { .. })
        ));
    }
    let unmoved = graph(&[(1, 1), (2, 2)], &Options::default()).unwrap();
    assert!(unmoved.edges.is_empty() && unmoved.components.is_empty());
    assert!(unmoved.dominant.is_empty());
    assert_eq!(unmoved.labels_that_take(0.5), 0);
    assert!(unmoved.to_dot().starts_with("digraph"));
}

proptest! {
    #[test]
    fn counts_add_up(
        labels in prop::collection::vec((0usize..7, 0usize..7), 1..60),
        threshold in 0.5f64..0.9,
    ) {
        let found = graph(&labels, &Options { threshold, min_pictures: 1 }).unwrap();
        let sum = |count: fn(&foolscope::geometry::label_graph::Vertex) -> usize| {
            found.vertices.iter().map(count).sum::<usize>()
        };
        prop_assert_eq!(sum(|v| v.pictures), labels.len());
        prop_assert_eq!(sum(|v| v.left), found.fooled);
        prop_assert_eq!(sum(|v| v.attracted), found.fooled);
        prop_assert_eq!(found.dominant.iter().map(|d| d.pictures).sum::<usize>(), found.fooled);
        // A majority goes one way only.
        prop_assert!(found.edges.is_sorted_by(|a, b| a.from < b.from));
        // Every edge lies in one component, and each label in at most one.
        for edge in &found.edges {
            let holds = |c: &&Vec<usize>| c.contains(&edge.from) && c.contains(&edge.to);
            prop_assert_eq!(found.components.iter().filter(holds).count(), 1);
        }
        let mut all: Vec<usize> = found.components.concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all.len(), count);
    }
}
