import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { Resource } from "../../api/client";
import { keys, listPage, MAX_LISTED, type Listing, type Place } from "../../api/resources";

/** firstPage is the query of a place's list. */
export const firstPage = (place: Place) => ({
  queryKey: keys.list(place),
  initialPageParam: "",
  queryFn: ({ pageParam }: { pageParam: string }) => listPage(place, pageParam || undefined, pageParam ? 1000 : 200),
  getNextPageParam: (last: Listing) => last.next,
});

/** useListing lists all of a place, a thousand at a time, up to MAX_LISTED. */
export function useListing(place: Place) {
  const query = useInfiniteQuery(firstPage(place));
  const items = useMemo(() => {
    const seen = new Map<string, Resource>(); // what moved between two pages is on both
    for (const page of query.data?.pages ?? []) for (const r of page.items) seen.set(r.id, r);
    return [...seen.values()];
  }, [query.data]);
  const more = query.hasNextPage && items.length < MAX_LISTED;
  const { fetchNextPage, isFetching, isError } = query;
  useEffect(() => {
    if (more && !isFetching && !isError) void fetchNextPage();
  }, [more, isFetching, isError, fetchNextPage, items.length]);
  return { items, error: query.error, isPending: query.isPending, loading: more, cut: query.hasNextPage && !more, refetch: query.refetch };
}
