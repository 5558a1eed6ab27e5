//! What a person gets from the canvas, by pointer, by keyboard and by ear.

mod harness;
mod keyboard;
mod pointer;
mod rest;
