import { ROOT } from "../../api/client";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Tree, TreeItem, type Key } from "react-aria-components";
import { one, subfolders } from "../../api/resources";
import { page, top } from "../../app/page";
import { byName } from "../../ui/format";
import { Loading } from "../../ui/States";
import { TreeRow } from "../../ui/TreeRow";

interface Node {
  id: string;
  name: string;
}

/** FolderPicker is the tree of folders to choose one of; those in without are left out, with all below them. */
export function FolderPicker({ selected, without, onSelect }: { selected: string; without: ReadonlySet<string>; onSelect: (folder: Node) => void }) {
  const root = useQuery({ ...one(ROOT), enabled: page.root });
  const home = useQuery({ ...one(page.home), enabled: page.home !== "" });
  const [expanded, setExpanded] = useState<string[]>([top.id]);
  const lists = useQueries({ queries: expanded.map((id) => ({ ...subfolders(id), retry: false })) });
  const below = new Map(expanded.map((id, i) => [id, lists[i]?.data] as const));
  if ((page.root && root.isPending) || (page.home && home.isPending)) return <Loading />;
  const tops: Node[] = [...(home.data ? [{ id: home.data.id, name: "My documents" }] : []), ...(root.data ? [{ id: ROOT, name: "All documents" }] : [])];
  const names = new Map<string, string>();
  const branch = (node: Node) => {
    names.set(node.id, node.name);
    const list = below.get(node.id);
    return (
      <TreeItem key={node.id} id={node.id} textValue={node.name} className="tree-item" hasChildItems={list?.length !== 0}>
        <TreeRow icon={node.id === page.home ? "user-round" : "folder"} name={node.name} />
        {[...(list ?? [])]
          .filter((r) => !without.has(r.id) && r.id !== page.home)
          .sort((a, b) => byName(a.name, b.name))
          .map((r) => branch({ id: r.id, name: r.name }))}
      </TreeItem>
    );
  };
  return (
    <Tree
      aria-label="Folders"
      className="tree picker"
      autoFocus
      selectionMode="single"
      selectionBehavior="replace"
      disallowEmptySelection
      selectedKeys={selected ? [selected] : []}
      onSelectionChange={(keys) => {
        const id = keys === "all" ? undefined : [...keys][0];
        if (id !== undefined) onSelect({ id: String(id), name: names.get(String(id)) ?? "" });
      }}
      expandedKeys={expanded}
      onExpandedChange={(keys: Set<Key>) => setExpanded([...keys].map(String))}
    >
      {tops.map((top) => branch(top))}
    </Tree>
  );
}
