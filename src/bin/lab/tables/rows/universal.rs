//! One perturbation for all pictures: by method and norm, by the number of
//! pictures that it was made from, and by what is descended.

use super::{Figure, Job, Table, Value, json};

pub const TABLE: Table = Table {
    name: "universal",
    file: "universal",
    about: "Fooling rates of one perturbation for all pictures",
    title: "Universal perturbations",
    jobs: |of, _| {
        let (own, original) = (of.counts.own, of.counts.original);
        let norms = ["linf", "l2"].into_iter();
        let jobs = norms.flat_map(|norm| {
            [("stochastic", own), ("original", original), ("random", own)]
                .map(|(method, own)| of.perturbation(method, norm, own))
        });
        jobs.collect()
    },
    figures: |job, report| {
        let method = job.variant.split(' ').next().unwrap_or_default();
        rates(
            job,
            report,
            &match method {
                "stochastic" => String::new(),
                _ => format!(", {method}"),
            },
        )
    },
};

pub const BY_PICTURES: Table = Table {
    name: "pictures",
    file: "universal-by-pictures",
    about: "The fooling rate against the number of pictures it was made from",
    title: "Fooling rate by the number of pictures learnt from",
    jobs: |of, _| {
        let counts = [10, 30, 100, 300, 600, 1000, 3000].into_iter();
        let counts = counts.filter(|&count| count <= of.counts.own);
        let jobs = counts.map(|own| of.perturbation("stochastic", "linf", own));
        jobs.collect()
    },
    figures: |job, report| {
        let own = job.variant.split(' ').nth(2).unwrap_or_default();
        rates(job, report, &format!(", {own} pictures"))
    },
};

/// What else could be descended, and how, by its name in the table: the losses of
/// sgd-uap (Shafahi et al., AAAI 2020), DF-UAP (Zhang et al., CVPR 2020) and
/// Cos-UAP (ICCV 2021), the rules of Kingma and Ba 2015, of momentum (Dong et al.,
/// CVPR 2018) and of SGA (Liu et al., ICCV 2023).
const WAYS: [(&str, &str); 10] = [
    ("own", ""),
    ("margin", "--loss margin"),
    ("sigmoid", "--loss sigmoid"),
    ("odds", "--loss odds"),
    ("logit", "--loss logit"),
    ("cosine", "--loss cosine"),
    ("adam", "--rule adam"),
    ("momentum", "--rule momentum"),
    ("aggregate", "--rule aggregate"),
    ("batch-32", "--batch 32"),
];

pub const BY_WAY: Table = Table {
    name: "ways",
    file: "universal-ways",
    about: "Fooling rates by what is descended, and how",
    title: "Fooling rate by loss, rule and batch",
    jobs: |of, _| {
        let own = of.counts.tried;
        let ways = ["linf", "l2"].into_iter().flat_map(|norm| {
            WAYS.map(|(name, words)| {
                of.named_perturbation("stochastic", norm, own, name)
                    .words(words)
            })
        });
        ways.filter(|_| own > 0).collect()
    },
    figures: |job, report| {
        let way = job.variant.split(' ').nth(3).unwrap_or_default();
        rates(job, report, &format!(", {way}"))
    },
};

fn rates(job: &Job, report: &Value, which: &str) -> Vec<Figure> {
    let norm = job.variant.split(' ').nth(1).unwrap_or_default();
    let figures = ["own", "others"].map(|of| {
        let measure = format!("fooling rate on {of}, {norm}{which}");
        Figure::new(measure, &report["foolingRateEstimates"][of]).with(json!({
            "radius": report["radius"],
            "passes": report["passes"],
            "gradientEvaluations": report["gradientEvaluations"],
        }))
    });
    figures.into()
}
