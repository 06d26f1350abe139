//! Where a universal perturbation sends the classes (Moosavi-Dezfooli, Fawzi,
//! Fawzi and Frossard, CVPR 2017, section 3, figure 7): a directed graph with an
//! edge from class i to class j when most pictures of class i end in j. A few
//! *dominant* labels attract most of them.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Graph;
use petgraph::dot::Dot;
use petgraph::unionfind::UnionFind;
use serde::{Deserialize, Serialize};

use super::GeometryError;
use crate::universal::Fooling;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// An edge i → j needs more than this share of all pictures of class i,
    /// those that were not fooled among them. At least 0, below 1.
    pub threshold: f64,
    /// Classes with fewer pictures than this have no edge. At least 1.
    pub min_pictures: usize,
}

impl Default for Options {
    /// The majority, as in the paper.
    fn default() -> Self {
        Self {
            threshold: 0.5,
            min_pictures: 1,
        }
    }
}

impl Options {
    /// # Errors
    /// The first setting that is out of its range.
    pub fn check(&self) -> Result<(), GeometryError> {
        if !(0.0..1.0).contains(&self.threshold) {
            return Err(GeometryError::Option {
                name: "the threshold of an edge",
                expected: "at least 0 and below 1",
                found: self.threshold,
            });
        }
        if self.min_pictures == 0 {
            return Err(GeometryError::Option {
                name: "the least number of pictures of a class",
                expected: "at least 1",
                found: 0.0,
            });
        }
        Ok(())
    }
}

/// A class that is the clean label of a picture or what one was changed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vertex {
    pub label: usize,
    pub name: String,
    /// With this clean label.
    pub pictures: usize,
    /// Of those, how many changed theirs.
    pub left: usize,
    /// Pictures of other classes that ended here.
    pub attracted: usize,
}

/// Most pictures of one class end in another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    /// How many pictures went this way, and how many the class has.
    pub pictures: usize,
    pub of: usize,
}

/// A label that other classes end in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dominant {
    pub label: usize,
    pub name: String,
    /// Pictures of other classes that ended here.
    pub pictures: usize,
    /// Classes with an edge to here.
    pub classes: usize,
}

/// The graph of a set of pictures and a perturbation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelGraph {
    pub options: Options,
    pub pictures: usize,
    /// Whose label changed.
    pub fooled: usize,
    /// A label without the perturbation, one with it, and how many pictures have
    /// both: all of them, so that the graph can be drawn anew.
    pub ways: Vec<(usize, usize, usize)>,
    /// By label.
    pub vertices: Vec<Vertex>,
    /// By `from`, then by `to`.
    pub edges: Vec<Edge>,
    /// Every label that attracted a picture, the most attractive first; of
    /// equal ones that with more edges, then the smaller label.
    pub dominant: Vec<Dominant>,
    /// Labels that edges join, whatever their direction: the weakly connected
    /// components of at least two classes, the largest first.
    pub components: Vec<Vec<usize>>,
}

impl LabelGraph {
    /// From the labels before and after, and the names of all classes.
    ///
    /// # Errors
    /// Bad options, no pictures, or a label without a name.
    pub fn new(
        fooling: &Fooling,
        names: &[&str],
        options: &Options,
    ) -> Result<Self, GeometryError> {
        options.check()?;
        if fooling.labels.is_empty() {
            return Err(GeometryError::NoPictures);
        }
        let mut ways = BTreeMap::<(usize, usize), usize>::new();
        let mut vertices = BTreeMap::<usize, Vertex>::new();
        for &(clean, new) in &fooling.labels {
            *ways.entry((clean, new)).or_default() += 1;
            for label in [clean, new] {
                if let std::collections::btree_map::Entry::Vacant(place) = vertices.entry(label) {
                    place.insert(vertex(label, names)?);
                }
            }
            let changed = usize::from(clean != new);
            let from = vertices.get_mut(&clean).expect("just put in");
            from.pictures += 1;
            from.left += changed;
            vertices.get_mut(&new).expect("just put in").attracted += changed;
        }

        let mut edges = Vec::new();
        for (&(from, to), &pictures) in ways.iter().filter(|((from, to), _)| from != to) {
            let of = vertices[&from].pictures;
            if of >= options.min_pictures && pictures as f64 > options.threshold * of as f64 {
                edges.push(Edge {
                    from,
                    to,
                    pictures,
                    of,
                });
            }
        }
        let vertices: Vec<Vertex> = vertices.into_values().collect();
        Ok(Self {
            options: options.clone(),
            pictures: fooling.labels.len(),
            fooled: fooling.fooled(),
            dominant: dominant(&vertices, &edges),
            components: components(&vertices, &edges),
            vertices,
            edges,
            ways: ways
                .into_iter()
                .map(|((clean, new), pictures)| (clean, new, pictures))
                .collect(),
        })
    }

    /// How many labels, the most attractive first, take at least this share of
    /// the pictures whose label changed; 0 where none did.
    pub fn labels_that_take(&self, share: f64) -> usize {
        let mut taken = 0;
        let missing = |dominant: &&Dominant| {
            let is_missing = (taken as f64) < share * self.fooled as f64;
            taken += dominant.pictures;
            is_missing
        };
        self.dominant.iter().take_while(missing).count()
    }

    /// In the language of Graphviz, classes by name and edges by how many
    /// pictures went that way; only classes that have an edge. Dominant labels
    /// are drawn the larger, the more pictures they attracted.
    pub fn to_dot(&self) -> String {
        let mut graph = Graph::<&Vertex, usize>::new();
        let joined: BTreeSet<usize> = self.edges.iter().flat_map(|e| [e.from, e.to]).collect();
        let joined = self.vertices.iter().filter(|v| joined.contains(&v.label));
        let places: BTreeMap<usize, _> = joined.map(|v| (v.label, graph.add_node(v))).collect();
        for edge in &self.edges {
            graph.add_edge(places[&edge.from], places[&edge.to], edge.pictures);
        }
        let named = graph.map(|_, vertex| vertex.name.as_str(), |_, pictures| pictures);
        let graph = &graph;
        let size = |attracted: usize| 10.0 + 4.0 * (attracted as f64).sqrt();
        let width = |pictures: usize| (pictures as f64).sqrt();
        Dot::with_attr_getters(
            &named,
            &[],
            &|_, edge| format!("penwidth = {:.1}", width(**edge.weight())),
            &|_, (place, _)| format!("fontsize = {:.0}", size(graph[place].attracted)),
        )
        .to_string()
    }
}

fn vertex(label: usize, names: &[&str]) -> Result<Vertex, GeometryError> {
    let name = names.get(label).ok_or(GeometryError::ClassWithoutName {
        class: label,
        names: names.len(),
    })?;
    Ok(Vertex {
        label,
        name: (*name).to_owned(),
        pictures: 0,
        left: 0,
        attracted: 0,
    })
}

fn dominant(vertices: &[Vertex], edges: &[Edge]) -> Vec<Dominant> {
    let attractive = vertices.iter().filter(|vertex| vertex.attracted > 0);
    let mut dominant: Vec<Dominant> = attractive
        .map(|vertex| Dominant {
            label: vertex.label,
            name: vertex.name.clone(),
            pictures: vertex.attracted,
            classes: edges.iter().filter(|edge| edge.to == vertex.label).count(),
        })
        .collect();
    dominant.sort_by(|a, b| {
        let attraction = |d: &Dominant| (d.pictures, d.classes);
        attraction(b)
            .cmp(&attraction(a))
            .then(a.label.cmp(&b.label))
    });
    dominant
}

fn components(vertices: &[Vertex], edges: &[Edge]) -> Vec<Vec<usize>> {
    let place = |label: usize| {
        let found = vertices.binary_search_by_key(&label, |vertex| vertex.label);
        found.expect("an edge joins vertices")
    };
    let mut joined = UnionFind::<usize>::new(vertices.len());
    for edge in edges {
        joined.union(place(edge.from), place(edge.to));
    }
    let mut components = BTreeMap::<usize, Vec<usize>>::new();
    for (vertex, root) in vertices.iter().zip(joined.into_labeling()) {
        components.entry(root).or_default().push(vertex.label);
    }
    let mut components: Vec<Vec<usize>> = components
        .into_values()
        .filter(|component| component.len() > 1)
        .collect();
    components.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    components
}
