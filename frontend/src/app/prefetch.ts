import { runningJobs, sessions } from "../api/activity";
import { self } from "../api/people";
import { ancestors, few, one, permissions } from "../api/resources";
import { firstPage } from "../features/content/useListing";
import { SHOWN } from "../features/home/shown";
import { folderAt, page, top } from "./page";
import { queryClient as queries } from "./queries";

/** prefetch asks for what a page at a path below base shows first, so that it is there when it is drawn: what the server drew
 * stays until then, and nothing moves. What is refused is told by the page. */
export async function prefetch(path: string): Promise<void> {
  const folder = folderAt(path);
  const asked: Promise<unknown>[] = [queries.prefetchQuery(self)];
  if (folder) {
    asked.push(
      queries.prefetchQuery(one(folder)),
      queries.prefetchQuery(ancestors(folder)),
      queries.prefetchQuery(permissions(folder, ["resources.create"])),
      queries.prefetchInfiniteQuery(firstPage({ in: "folder", id: folder })),
    );
  } else if (path === "/") {
    for (const place of ["recent", "shared", "starred"] as const) asked.push(queries.prefetchQuery(few({ in: place }, SHOWN + 1)));
    if (top.id) asked.push(queries.prefetchQuery(few({ in: "folder", id: top.id }, SHOWN + 1)));
    if (page.runs) asked.push(queries.prefetchQuery(sessions), queries.prefetchQuery(runningJobs));
  }
  await Promise.all(asked);
}
