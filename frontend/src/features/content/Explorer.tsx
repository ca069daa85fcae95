import { useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { Link, Tree, TreeItem, useDragAndDrop, type Key } from "react-aria-components";
import { useLocation } from "wouter";
import { base, type Resource } from "../../api/client";
import { ancestors, one, subfolders } from "../../api/resources";
import { addressOf, folderAt, page, top } from "../../app/page";
import { byName } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { TreeRow } from "../../ui/TreeRow";
import { usePersisted } from "../../ui/usePersisted";
import { useActions } from "./actions";
import { dragType } from "./drag";

const places = [
  { path: "/", name: "Home", icon: "house" },
  { path: "/recent", name: "Recent", icon: "clock" },
  { path: "/starred", name: "Starred", icon: "star" },
  { path: "/shared", name: "Shared with me", icon: "users-round" },
];

/** Explorer leads to places and folders. */
export function Explorer() {
  const [path] = useLocation();
  return (
    <nav className="places" aria-label="Places">
      <ul>
        {places.map((p) => (
          <PlaceLink key={p.path} {...p} current={path === p.path} />
        ))}
        {page.home && page.root && <PlaceLink path={`/n/${page.home}`} name="My documents" icon="user-round" current={path === `/n/${page.home}`} within />}
      </ul>
      <Folders path={path} />
      <ul>
        <PlaceLink path="/trash" name="Trash" icon="trash-2" current={path === "/trash"} />
      </ul>
    </nav>
  );
}

function PlaceLink({ path, name, icon, current, within }: { path: string; name: string; icon: string; current: boolean; within?: boolean }) {
  return (
    <li>
      <Link className="place" href={base.slice(0, -1) + path} routerOptions={{ within: within ?? false }} {...(current ? { "aria-current": "page" as const } : {})}>
        <Icon name={icon} />
        {name}
      </Link>
    </li>
  );
}

interface Node {
  id: string;
  name: string;
  children: Node[];
  /** leaf is known to have no folders in it. */
  leaf: boolean;
}

/** Folders is the tree of folders that one may see, from the top. */
function Folders({ path }: { path: string }) {
  const [expanded, setExpanded] = usePersisted<string[]>("folders", [top.id]);
  const actions = useActions();
  const lists = useQueries({ queries: expanded.map((id) => ({ ...subfolders(id), retry: false })) });
  const below = useMemo(() => {
    const out = new Map<string, Resource[]>();
    expanded.forEach((id, i) => {
      const list = lists[i]?.data;
      if (list) out.set(id, [...list].sort((a, b) => byName(a.name, b.name)));
    });
    return out;
  }, [expanded, lists]);

  // Where one is, is in view.
  const here = folderAt(path);
  const trail = useQuery({ ...ancestors(here), enabled: here !== "" && here !== top.id });
  useEffect(() => {
    const missing = (trail.data ?? []).map((a) => a.id).filter((id) => !expanded.includes(id));
    if (missing.length > 0) setExpanded([...expanded, ...missing]);
    // Only when one comes to another place: what is folded there stays folded.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [trail.data]);

  const names = useMemo(() => new Map([[top.id, top.name], ...[...below.values()].flat().map((r) => [r.id, r.name] as const)]), [below]);
  const { dragAndDropHooks } = useDragAndDrop({
    acceptedDragTypes: [dragType],
    getDropOperation: (target, types) => (target.type === "item" && target.dropPosition === "on" && types.has(dragType) ? "move" : "cancel"),
    async onItemDrop(e) {
      const ids = await Promise.all(e.items.map((item) => (item.kind === "text" ? item.getText(dragType) : "")));
      const to = String(e.target.key);
      const { queryClient } = await import("../../app/queries");
      const moved = await Promise.all(ids.filter((id) => id && id !== to).map((id) => queryClient.fetchQuery(one(id))));
      await actions.move(moved, { id: to, name: names.get(to) ?? "the folder" });
    },
  });
  if (!top.id) return null;
  const nodeOf = (id: string, name: string, depth: number): Node => {
    const list = below.get(id);
    return { id, name, leaf: list?.length === 0, children: depth > 40 ? [] : (list ?? []).map((r) => nodeOf(r.id, r.name, depth + 1)) };
  };
  return (
    <Tree
      aria-label="Folders"
      className="tree"
      expandedKeys={expanded}
      onExpandedChange={(keys: Set<Key>) => setExpanded([...keys].map(String))}
      dragAndDropHooks={dragAndDropHooks}
      selectionMode="none"
    >
      {branch(nodeOf(top.id, top.name, 0), here)}
    </Tree>
  );
}

function branch(node: Node, here: string) {
  return (
    <TreeItem
      key={node.id}
      id={node.id}
      textValue={node.name}
      href={addressOf(node.id)}
      routerOptions={{ within: true }}
      hasChildItems={!node.leaf}
      className={node.id === here ? "tree-item here" : "tree-item"}
      {...(node.id === here ? { "aria-current": "page" as const } : {})}
    >
      <TreeRow icon="folder" name={node.name} />
      {node.children.map((child) => branch(child, here))}
    </TreeItem>
  );
}
