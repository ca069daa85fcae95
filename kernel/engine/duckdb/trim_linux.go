package duckdb

/*
#include <malloc.h>
static void sextant_trim(void) {
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
*/
import "C"

// trimHeap makes the C allocator give back its free pages, which it would keep.
func trimHeap() { C.sextant_trim() }
