#pragma once

// toml++, set up in the same way wherever it is included.

#ifdef NDEBUG
#error "toml++ takes its assertions for granted there; some do not hold"
#endif
// The parser of toml++ 3.3 asserts that a table's name begins well before it looks whether it does:
// "[!store]" would end the program instead of being told with its line.
#define TOML_ASSERT(expression) static_assert(true)
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>
