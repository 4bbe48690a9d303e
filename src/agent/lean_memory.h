#pragma once

namespace plimsoll {

/// One heap for all threads, whose large blocks go back to the system when they are freed: an agent
/// has three threads that seldom meet, and an answer of a large host is half a megabyte.
///
/// Requires: called before threads are started.
void use_one_heap();

/// Gives back what only the start needed: free heap, and the pages of the program's code and
/// constants, which come back from the page cache where they are used.
void drop_startup_memory();

}  // namespace plimsoll
