//! The machine that a pickle is a program of: protocols 2 to 5, as Python and
//! PyTorch write them.

use super::super::cursor::Cursor;
use super::super::{WeightsError, refuse};
use super::global::Global;
use super::heap::{Heap, Value};
use std::collections::HashMap;

/// The least byte first.
const MARK: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// Follows one pickle to its end, and gives what it makes.
pub fn run(cursor: &mut Cursor<'_>, heap: &mut Heap) -> Result<Value, WeightsError> {
    let mut machine = Machine {
        heap,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
    };
    loop {
        let code = cursor.byte()?;
        if code == b'.' {
            return machine.pop();
        }
        machine.step(code, cursor)?;
    }
}

struct Machine<'a> {
    heap: &'a mut Heap,
    stack: Vec<Value>,
    /// How high the stack was at each mark that is on it.
    marks: Vec<usize>,
    /// What the pickle refers to again.
    memo: HashMap<u64, Value>,
}

fn damaged() -> WeightsError {
    refuse("what it says of its tensors is damaged")
}

impl Machine<'_> {
    fn step(&mut self, code: u8, cursor: &mut Cursor<'_>) -> Result<(), WeightsError> {
        match code {
            // The protocol, and how long its next piece is.
            0x80 => cursor.skip(1),
            0x95 => cursor.skip(8),

            // Plain values.
            b'N' => self.push(Value::Other),
            0x88 => self.push(Value::Int(1)),
            0x89 => self.push(Value::Int(0)),
            b'K' => self.push_int(cursor.number::<1>()? as i64),
            b'M' => self.push_int(cursor.number::<2>()? as i64),
            b'J' => self.push_int(i32::from_le_bytes(cursor.array()?).into()),
            0x8a => self.long(u64::from(cursor.byte()?), cursor),
            0x8b => self.long(cursor.number::<4>()?, cursor),
            b'G' => self.pass_over(8, cursor),
            b'C' => self.bytes::<1>(cursor),
            b'B' => self.bytes::<4>(cursor),
            0x8e | 0x96 => self.bytes::<8>(cursor),
            0x8c | b'U' => self.text::<1>(cursor),
            b'X' | b'T' => self.text::<4>(cursor),
            0x8d => self.text::<8>(cursor),

            // Lists, tuples, sets and dictionaries.
            b']' | b')' => self.push_items(Vec::new()),
            b'}' => {
                let dict = self.heap.add_dict(Vec::new());
                self.push(dict)
            }
            0x8f => self.push_items(Vec::new()),
            b'(' => {
                self.heap.spend(1)?;
                self.marks.push(self.stack.len());
                Ok(())
            }
            b't' | b'l' | 0x91 => {
                let items = self.since_mark()?;
                self.push_items(items)
            }
            b'd' => {
                let entries = pairs(&self.since_mark()?)?;
                let dict = self.heap.add_dict(entries);
                self.push(dict)
            }
            0x85..=0x87 => {
                let count = usize::from(code - 0x84);
                let mut items = Vec::with_capacity(count);
                for _ in 0..count {
                    items.push(self.pop()?);
                }
                items.reverse();
                self.push_items(items)
            }
            b'a' => {
                let item = self.pop()?;
                self.append(&[item])
            }
            b'e' | 0x90 => {
                let items = self.since_mark()?;
                self.append(&items)
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set(&[(key, value)])
            }
            b'u' => {
                let entries = pairs(&self.since_mark()?)?;
                self.set(&entries)
            }

            // The stack, and what is referred to again.
            b'0' => self.pop().map(|_| ()),
            b'1' => self.since_mark().map(|_| ()),
            b'2' => self.push(self.top()?),
            b'q' => self.keep(cursor.number::<1>()?),
            b'r' => self.keep(cursor.number::<4>()?),
            0x94 => self.keep(self.memo.len() as u64),
            b'h' => self.fetch(cursor.number::<1>()?),
            b'j' => self.fetch(cursor.number::<4>()?),

            // Names, and what is made by them.
            b'c' => {
                let (module, name) = (cursor.line()?, cursor.line()?);
                self.push(Value::Global(Global::of(&module, &name)))
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let text = |value| self.heap.text(value).unwrap_or_default();
                let global = Global::of(text(module), text(name));
                self.push(Value::Global(global))
            }
            b'R' | 0x81 => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                let made = self.heap.call(function, arguments)?;
                self.push(made)
            }
            0x92 => {
                let (_, arguments, function) = (self.pop()?, self.pop()?, self.pop()?);
                let made = self.heap.call(function, arguments)?;
                self.push(made)
            }
            b'b' => {
                let state = self.pop()?;
                if let Value::Object(id) = self.top()? {
                    // What is in slots comes after it.
                    let first = self.heap.items(state).first().copied();
                    self.heap.object_mut(id).state = first.unwrap_or(state);
                }
                Ok(())
            }
            b'Q' => {
                let reference = self.pop()?;
                let numbers = self.heap.numbers(reference)?;
                self.push(numbers)
            }
            _ => Err(damaged()),
        }
    }

    fn push(&mut self, value: Value) -> Result<(), WeightsError> {
        self.heap.spend(1)?;
        self.stack.push(value);
        Ok(())
    }

    fn push_int(&mut self, number: i64) -> Result<(), WeightsError> {
        self.push(Value::Int(number))
    }

    fn push_items(&mut self, items: Vec<Value>) -> Result<(), WeightsError> {
        let items = self.heap.add_items(items);
        self.push(items)
    }

    /// The value on top, which no mark is above.
    fn top(&self) -> Result<Value, WeightsError> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let above = self.stack.get(floor..).unwrap_or_default();
        above.last().copied().ok_or_else(damaged)
    }

    fn pop(&mut self) -> Result<Value, WeightsError> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    /// Takes all that is above the last mark, and the mark.
    fn since_mark(&mut self) -> Result<Vec<Value>, WeightsError> {
        let mark = self.marks.pop().ok_or_else(damaged)?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    /// Adds to the list on top.
    fn append(&mut self, items: &[Value]) -> Result<(), WeightsError> {
        let list = self.top()?;
        if let Some(list) = self.heap.items_mut(list) {
            list.extend(items);
        }
        Ok(())
    }

    /// Adds to the dictionary on top.
    fn set(&mut self, entries: &[(Value, Value)]) -> Result<(), WeightsError> {
        let dict = self.top()?;
        if let Some(dict) = self.heap.entries_mut(dict) {
            dict.extend(entries);
        }
        Ok(())
    }

    fn keep(&mut self, key: u64) -> Result<(), WeightsError> {
        self.heap.spend(2)?;
        let top = self.top()?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn fetch(&mut self, key: u64) -> Result<(), WeightsError> {
        let value = self.memo.get(&key).copied().ok_or_else(damaged)?;
        self.push(value)
    }

    /// A number of any size.
    fn long(&mut self, length: u64, cursor: &mut Cursor<'_>) -> Result<(), WeightsError> {
        if length > MARK.len() as u64 {
            return self.pass_over(length, cursor);
        }
        let mut bytes = [0; MARK.len()];
        let length = length as usize;
        for byte in &mut bytes[..length] {
            *byte = cursor.byte()?;
        }
        if length == bytes.len() {
            return self.push(match bytes == MARK {
                true => Value::Mark,
                false => Value::Other,
            });
        }
        let is_negative = length > 0 && bytes[length - 1] & 0x80 != 0;
        if is_negative {
            bytes[length..].fill(0xff);
        }
        let (low, high) = bytes.split_at(8);
        let number = i64::from_le_bytes(low.try_into().unwrap_or_default());
        let is_whole = length <= 8 || high.iter().all(|&byte| byte == 0) && number >= 0;
        self.push(match is_whole {
            true => Value::Int(number),
            false => Value::Other,
        })
    }

    fn pass_over(&mut self, length: u64, cursor: &mut Cursor<'_>) -> Result<(), WeightsError> {
        cursor.skip(length)?;
        self.push(Value::Other)
    }

    fn bytes<const SIZE: usize>(&mut self, cursor: &mut Cursor<'_>) -> Result<(), WeightsError> {
        let length = cursor.number::<SIZE>()?;
        self.pass_over(length, cursor)
    }

    fn text<const SIZE: usize>(&mut self, cursor: &mut Cursor<'_>) -> Result<(), WeightsError> {
        let length = cursor.number::<SIZE>()?;
        let text = match cursor.text(length)? {
            Some(text) => self.heap.add_text(text)?,
            None => Value::Other,
        };
        self.push(text)
    }
}

/// Keys and values by turns.
fn pairs(values: &[Value]) -> Result<Vec<(Value, Value)>, WeightsError> {
    let (pairs, rest) = values.as_chunks::<2>();
    match rest {
        [] => Ok(pairs.iter().map(|&[key, value]| (key, value)).collect()),
        _ => Err(damaged()),
    }
}
