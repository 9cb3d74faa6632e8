//! The real window: first start, find, register, top up, unplug, top up again, plug in.
