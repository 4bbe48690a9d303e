// Boost.JSON from its sources, so that the sanitizers and the fuzzer's coverage see into it: what
// Debian's archive holds is built without either.
#include <boost/json/src.hpp>
