//! Protobuf's text format, in which people write networks (`.prototxt`).
//!
//! A text becomes a tree of fields, and the tree, by serde, the same structs
//! that the binary form gives. Fields that are not known here are passed over.

use super::CaffeError;
use super::messages::Net;
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserialize, Deserializer, Error as _, IntoDeserializer, Visitor};
use std::collections::BTreeMap;

/// A network's description.
///
/// # Errors
/// The first line that cannot be read, or the field that does not fit.
pub fn read(text: &str) -> Result<Net, CaffeError> {
    let mut parser = Parser {
        rest: text.trim_start_matches('\u{feff}'),
        whole: text,
    };
    let fields = parser.fields(0)?;
    let whole = [Value::Message(fields)];
    Net::deserialize(Values(&whole)).map_err(|error| CaffeError::Field(error.to_string()))
}

enum Value {
    /// A number, a word or a text without its quotes.
    Word(String),
    Message(Fields),
}

/// Every field with its values in order.
type Fields = BTreeMap<String, Vec<Value>>;

struct Parser<'a> {
    rest: &'a str,
    whole: &'a str,
}

impl<'a> Parser<'a> {
    fn refuse<T>(&self, reason: impl Into<String>) -> Result<T, CaffeError> {
        let read = self.whole.len() - self.rest.len();
        Err(CaffeError::Text {
            line: self.whole.as_bytes()[..read]
                .iter()
                .filter(|&&it| it == b'\n')
                .count()
                + 1,
            reason: reason.into(),
        })
    }

    fn skip_blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix('#') {
                Some(comment) => {
                    let end = comment.find('\n').unwrap_or(comment.len());
                    self.rest = &comment[end..];
                }
                None => return,
            }
        }
    }

    fn take(&mut self, mark: char) -> bool {
        self.skip_blanks();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Letters, digits and what numbers are written with.
    fn word(&mut self) -> &'a str {
        self.skip_blanks();
        let is_word = |c: char| c.is_ascii_alphanumeric() || "_+-.".contains(c);
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// Up to the end of the text, or to the brace that closes a message.
    fn fields(&mut self, depth: usize) -> Result<Fields, CaffeError> {
        let mut fields = Fields::new();
        if depth > 16 {
            return self.refuse("messages lie in one another too deep");
        }
        loop {
            self.skip_blanks();
            if self.rest.is_empty() {
                return match depth {
                    0 => Ok(fields),
                    _ => self.refuse("a closing brace is missing"),
                };
            }
            if depth > 0 && (self.take('}') || self.take('>')) {
                return Ok(fields);
            }
            let name = self.word();
            if name.is_empty() {
                return self.refuse("the name of a field is expected");
            }
            let colon = self.take(':');
            let values = fields.entry(name.to_owned()).or_default();
            if self.take('[') {
                while !self.take(']') {
                    values.push(self.value(colon, depth)?);
                    self.take(',');
                }
            } else {
                values.push(self.value(colon, depth)?);
            }
            let _ = self.take(',') || self.take(';');
        }
    }

    fn value(&mut self, colon: bool, depth: usize) -> Result<Value, CaffeError> {
        if self.take('{') || self.take('<') {
            return self.fields(depth + 1).map(Value::Message);
        }
        if !colon {
            return self.refuse("a colon or an opening brace is expected");
        }
        let mut text = None;
        // Texts one after the other are one.
        while let Some(quote) = self.quote() {
            text.get_or_insert_with(String::new)
                .push_str(&self.quoted(quote)?);
        }
        if let Some(text) = text {
            return Ok(Value::Word(text));
        }
        match self.word() {
            "" => self.refuse("a value is expected"),
            word => Ok(Value::Word(word.to_owned())),
        }
    }

    fn quote(&mut self) -> Option<char> {
        ['"', '\''].into_iter().find(|&quote| self.take(quote))
    }

    fn quoted(&mut self, quote: char) -> Result<String, CaffeError> {
        let mut text = String::new();
        let mut letters = self.rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\n' => break,
                '\\' => text.extend(letters.next().map(|(_, escaped)| escaped)),
                letter if letter == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                letter => text.push(letter),
            }
        }
        self.refuse("a closing quote is missing")
    }
}

/// All values of one field.
#[derive(Clone, Copy)]
struct Values<'a>(&'a [Value]);

impl Values<'_> {
    /// Of a field that is there once: the last, as protobuf has it.
    fn word(&self) -> Result<&str, Error> {
        match self.0.last() {
            Some(Value::Word(word)) => Ok(word),
            _ => Err(Error::custom(
                "a message stands where a number or a name should",
            )),
        }
    }
}

impl<'de> IntoDeserializer<'de, Error> for Values<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $kind:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let word = self.word()?;
            let number: Result<$kind, _> = word.trim_end_matches('f').parse();
            match number {
                Ok(number) => visitor.$visit(number),
                Err(_) => Err(Error::custom(format!("{word:.40} is no number that fits here"))),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Values<'de> {
    type Error = Error;

    numbers! {
        deserialize_i32 visit_i32 i32,
        deserialize_u32 visit_u32 u32,
        deserialize_i64 visit_i64 i64,
        deserialize_f32 visit_f32 f32,
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.word()? {
            "true" | "True" | "t" | "1" => visitor.visit_bool(true),
            "false" | "False" | "f" | "0" => visitor.visit_bool(false),
            word => Err(Error::custom(format!(
                "{word:.40} is neither true nor false"
            ))),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.word()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let each = self.0.chunks(1).map(Values);
        visitor.visit_seq(SeqDeserializer::new(each))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0.last() {
            Some(Value::Message(fields)) => {
                let fields = fields
                    .iter()
                    .map(|(name, values)| (name.as_str(), Values(values)));
                visitor.visit_map(MapDeserializer::new(fields))
            }
            _ => Err(Error::custom("a value stands where a message should")),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u64 u128 f64 char str bytes byte_buf unit unit_struct newtype_struct
        tuple tuple_struct map enum identifier ignored_any
    }
}

/// The number of a name, among names in the order of their numbers.
fn number<'de, D: Deserializer<'de>>(from: D, names: &[&str]) -> Result<Option<i32>, D::Error> {
    let word = String::deserialize(from)?;
    let index = names.iter().position(|name| *name == word);
    match index
        .map(|index| index as i32)
        .or_else(|| word.parse().ok())
    {
        Some(number) => Ok(Some(number)),
        None => Err(D::Error::custom(format!(
            "{word:.40} is none of {}",
            names.join(", ")
        ))),
    }
}

pub fn phase<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i32>, D::Error> {
    number(from, &["TRAIN", "TEST"])
}

pub fn operation<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i32>, D::Error> {
    number(from, &["PROD", "SUM", "MAX"])
}

pub fn region<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i32>, D::Error> {
    number(from, &["ACROSS_CHANNELS", "WITHIN_CHANNEL"])
}

pub fn pool<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i32>, D::Error> {
    number(from, &["MAX", "AVE", "STOCHASTIC"])
}

pub fn rounding<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i32>, D::Error> {
    number(from, &["CEIL", "FLOOR"])
}
