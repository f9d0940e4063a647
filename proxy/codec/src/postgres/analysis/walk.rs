//! Walks a whole parse tree without knowing its node types, through the Serialize that every node has. What it
//! finds is the safety net: a relation that the analyser did not record is a construct it did not understand.

use std::fmt;

use serde::ser::{self, Impossible, Serialize};

/// A relation name as it stands in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NamedRelation {
    pub(super) catalog: String,
    pub(super) schema: String,
    pub(super) name: String,
    /// Byte offset in the text; 0 or less when the grammar does not say.
    pub(super) location: i32,
}

/// What a walk finds.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) relations: Vec<NamedRelation>,
    /// Function names, as their dotted parts.
    pub(super) functions: Vec<Vec<String>>,
    /// Deepest nesting of nodes.
    pub(super) depth: usize,
    /// Number of nodes.
    pub(super) nodes: usize,
}

/// Walks a tree; `Err` when it nests deeper than `max_depth`.
pub(super) fn walk<T: Serialize + ?Sized>(tree: &T, max_depth: usize) -> Result<Walked, TooDeep> {
    let mut walker = Walker {
        found: Walked::default(),
        depth: 0,
        max_depth,
        field: "",
        naming: false,
        relation: false,
    };
    match tree.serialize(&mut walker) {
        Ok(()) => Ok(walker.found),
        Err(fmt::Error) => Err(TooDeep),
    }
}

/// The tree nests deeper than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooDeep;

struct Walker {
    found: Walked,
    depth: usize,
    max_depth: usize,
    /// Name of the field that is being walked.
    field: &'static str,
    /// Inside `funcname`: strings are parts of a function's name.
    naming: bool,
    /// The struct that is being walked is a RangeVar.
    relation: bool,
}

impl Walker {
    fn string(&mut self, value: &str) {
        if self.naming && self.field == "sval" {
            if let Some(name) = self.found.functions.last_mut() {
                name.push(value.to_owned());
            }
        } else if self.relation
            && let Some(relation) = self.found.relations.last_mut()
        {
            let part = match self.field {
                "catalogname" => &mut relation.catalog,
                "schemaname" => &mut relation.schema,
                "relname" => &mut relation.name,
                _ => return,
            };
            value.clone_into(part);
        }
    }
}

/// One struct of the tree; remembers what was being walked around it.
struct Fields<'w> {
    walker: &'w mut Walker,
    name: &'static str,
    outer: (bool, bool),
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        self.walker.field = key;
        self.walker.relation = self.name == "RangeVar" && key != "alias";
        if self.name == "FuncCall" && key == "funcname" {
            self.walker.found.functions.push(Vec::new());
            self.walker.naming = true;
            value.serialize(&mut *self.walker)?;
            self.walker.naming = false;
            return Ok(());
        }
        value.serialize(&mut *self.walker)
    }

    fn end(self) -> Result<(), fmt::Error> {
        (self.walker.naming, self.walker.relation) = self.outer;
        self.walker.depth -= 1;
        Ok(())
    }
}

impl ser::SerializeSeq for &mut Walker {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), fmt::Error> {
        Ok(())
    }
}

macro_rules! ignore {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, _value: $type) -> Result<(), fmt::Error> { Ok(()) })*
    };
}

impl<'w> ser::Serializer for &'w mut Walker {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Self;
    type SerializeTuple = Impossible<(), fmt::Error>;
    type SerializeTupleStruct = Impossible<(), fmt::Error>;
    type SerializeTupleVariant = Impossible<(), fmt::Error>;
    type SerializeMap = Impossible<(), fmt::Error>;
    type SerializeStruct = Fields<'w>;
    type SerializeStructVariant = Impossible<(), fmt::Error>;

    ignore!(serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i64: i64, serialize_u8: u8,
        serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32, serialize_f64: f64,
        serialize_char: char, serialize_bytes: &[u8], serialize_unit_struct: &'static str);

    fn serialize_i32(self, value: i32) -> Result<(), fmt::Error> {
        if self.relation
            && self.field == "location"
            && let Some(relation) = self.found.relations.last_mut()
        {
            relation.location = value;
        }
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), fmt::Error> {
        self.string(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), fmt::Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'w>, fmt::Error> {
        self.depth += 1;
        self.found.nodes += 1;
        self.found.depth = self.found.depth.max(self.depth);
        if self.depth > self.max_depth {
            return Err(fmt::Error);
        }
        if name == "RangeVar" {
            self.found.relations.push(NamedRelation::default());
        }
        let outer = (self.naming, self.relation);
        Ok(Fields {
            walker: self,
            name,
            outer,
        })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, fmt::Error> {
        Err(fmt::Error)
    }
}
