import { useQuery } from "@tanstack/react-query";
import { useMemo, useState, type KeyboardEvent, type ReactNode } from "react";
import { Toolbar, type Selection, type SortDescriptor } from "react-aria-components";
import { messageOf, type Resource, type ResourceType, ROOT } from "../../api/client";
import { permissions, type Place } from "../../api/resources";
import { addressOf, page } from "../../app/page";
import { Button } from "../../ui/Button";
import { Choose, Field } from "../../ui/Field";
import { count } from "../../ui/format";
import type { Action } from "../../ui/Menu";
import { Failed, Loading } from "../../ui/States";
import { useNarrow } from "../../ui/useNarrow";
import { usePersisted } from "../../ui/usePersisted";
import { useActions } from "./actions";
import { arrange, freeName, type Column } from "./arrange";
import { open } from "./dialogs";
import { DocumentTable } from "./DocumentTable";
import { kinds, opens, titleOf } from "./kinds";
import { useListing } from "./useListing";
import { useNames } from "../../api/useNames";
import { useStarred } from "./useStarred";

const typeChoices = [{ id: "", label: "Type: all" }, ...(["folder", "notebook", "sql", "file", "environment", "dataSource"] as const).map((id) => ({ id, label: kinds[id].name }))];

/** Listing is everything in a place, and what can be done with it. */
export function Listing({ place, label, empty, bar }: { place: Place; label: string; empty: ReactNode; bar?: ReactNode }) {
  const { items, error, isPending, loading, cut, refetch } = useListing(place);
  const actions = useActions();
  const starred = useStarred();
  const narrow = useNarrow(700);
  const inTrash = place.in === "trash";
  const [sort, setSort] = usePersisted<{ by: Column; descending: boolean }>(`sort.${place.in}`, place.in === "folder" ? { by: "name", descending: false } : { by: "changed", descending: true });
  const [words, setWords] = useState("");
  const [type, setType] = useState<ResourceType | "">("");
  const [owner, setOwner] = useState("");
  const [selected, setSelected] = useState<Selection>(new Set());
  const owners = useMemo(() => [...new Set(items.map((r) => r.owner))], [items]);
  const nameOf = useNames(owners);
  const arranged = useMemo(() => arrange(items, { ...sort, words, type, owner }), [items, sort, words, type, owner]);
  // What was selected and is no longer shown is not acted on.
  const chosen = useMemo(() => arranged.filter((r) => selected === "all" || selected.has(r.id)), [arranged, selected]);
  const may = useQuery({ ...permissions(place.in === "folder" ? place.id : ROOT, ["resources.create"]), enabled: place.in === "folder" });

  const actionsOf = (r: Resource): (Action | null)[] => {
    if (inTrash)
      return [
        { id: "restore", label: "Restore", icon: "rotate-ccw", do: () => void actions.restore([r]) },
        { id: "purge", label: "Delete for good…", icon: "trash-2", danger: true, do: () => open({ kind: "purge", resources: [r] }) },
      ];
    const document = r.type === "notebook" || r.type === "sql" || r.type === "file";
    return [
      ...(page.lab && opens(r) ? [{ id: "lab", label: "Open in JupyterLab", icon: "external-link", href: `${addressOf(r.id)}/lab` }] : []),
      ...(document ? [{ id: "history", label: "History", icon: "history", href: `${addressOf(r.id)}/history` }] : []),
      ...(page.runs && (r.type === "notebook" || r.type === "sql") ? [{ id: "run", label: "Run…", icon: "play", href: `${addressOf(r.id)}/run` }] : []),
      ...(document ? [{ id: "download", label: "Download", icon: "download", href: `${addressOf(r.id)}/download` }] : []),
      { id: "share", label: "Share…", icon: "user-plus", do: () => open({ kind: "share", resource: r }) },
      null,
      { id: "rename", label: "Rename…", icon: "pencil", keys: "F2", do: () => open({ kind: "rename", resource: r }) },
      { id: "move", label: "Move…", icon: "folder-input", do: () => open({ kind: "move", resources: [r], copy: false }) },
      { id: "copy", label: "Copy…", icon: "copy", do: () => open({ kind: "move", resources: [r], copy: true }) },
      null,
      { id: "trash", label: "Move to the trash", icon: "trash-2", keys: "Del", danger: true, do: () => void actions.trash([r]) },
    ];
  };

  function onKeyDown(e: KeyboardEvent) {
    const id = (e.target as HTMLElement).closest("[role=row][data-key]")?.getAttribute("data-key");
    const under = items.find((r) => r.id === id);
    if (!under || (e.target as HTMLElement).closest("input, [role=menu]")) return;
    const of = chosen.some((r) => r.id === id) ? chosen : [under];
    if (e.key === "F2" && !inTrash) open({ kind: "rename", resource: under });
    else if (e.key === "Delete" && inTrash) open({ kind: "purge", resources: of });
    else if (e.key === "Delete") void actions.trash(of);
    else return;
    e.preventDefault();
    setSelected(new Set());
  }

  const act = (what: () => void) => () => {
    what();
    setSelected(new Set());
  };
  const filtered = Boolean(words || type || owner);
  return (
    <section className="listing" aria-label={label} onKeyDown={onKeyDown}>
      {chosen.length > 0 ? (
        <Toolbar className="filters" aria-label="What to do with the selected">
          <strong>{chosen.length} selected</strong>
          {inTrash ? (
            <>
              <Button icon="rotate-ccw" onPress={act(() => void actions.restore(chosen))}>
                Restore
              </Button>
              <Button icon="trash-2" kind="danger" onPress={() => open({ kind: "purge", resources: chosen })}>
                Delete for good…
              </Button>
            </>
          ) : (
            <>
              {chosen.length === 1 && chosen[0] && (
                <Button icon="user-plus" onPress={() => chosen[0] && open({ kind: "share", resource: chosen[0] })}>
                  Share
                </Button>
              )}
              <Button icon="folder-input" onPress={act(() => open({ kind: "move", resources: chosen, copy: false }))}>
                Move…
              </Button>
              <Button icon="copy" onPress={act(() => open({ kind: "move", resources: chosen, copy: true }))}>
                Copy…
              </Button>
              <Button icon="star" onPress={act(() => void actions.star(chosen, chosen.some((r) => !starred.has(r.id))))}>
                {chosen.every((r) => starred.has(r.id)) ? "Take stars off" : "Star"}
              </Button>
              <Button icon="trash-2" onPress={act(() => void actions.trash(chosen))}>
                Trash
              </Button>
            </>
          )}
          <Button kind="quiet" icon="x" onPress={() => setSelected(new Set())}>
            Clear
          </Button>
        </Toolbar>
      ) : (
        <div className="filters">
          <Field label="Filter by name or tag" hideLabel type="search" placeholder="Filter…" value={words} onChange={setWords} />
          <Choose label="Type" hideLabel quiet value={type} choices={typeChoices} onChange={(id) => setType(id as ResourceType | "")} />
          {owners.length > 1 && (
            <Choose label="Owner" hideLabel quiet value={owner} onChange={setOwner} choices={[{ id: "", label: "Owner: anyone" }, ...owners.map((id) => ({ id, label: nameOf(id) }))]} />
          )}
          <span className="quiet" role="status">
            {loading ? `${items.length.toLocaleString()} so far…` : filtered ? `${arranged.length.toLocaleString()} of ${count(items.length, "entry", "entries")}` : ""}
          </span>
          {bar}
        </div>
      )}
      {error && <Failed message={messageOf(error)} retry={() => void refetch()} />}
      {cut && <p className="banner">The first {items.length.toLocaleString()} are listed. Search finds the others.</p>}
      {isPending ? (
        <Loading lines={10} />
      ) : (
        <div className="table-frame">
          <DocumentTable
            label={label}
            items={arranged}
            narrow={narrow}
            sort={{ column: sort.by, direction: sort.descending ? "descending" : "ascending" }}
            onSort={(s: SortDescriptor) => setSort({ by: s.column as Column, descending: s.direction === "descending" })}
            selected={selected}
            onSelect={setSelected}
            actionsOf={actionsOf}
            {...(inTrash ? { timeOf: (r: Resource) => r.trashedAt ?? r.updatedAt } : { starred, onStar: (r: Resource) => void actions.star([r], !starred.has(r.id)) })}
            {...(place.in === "folder" && may.data?.includes("resources.create") ? { onMove: (ids: string[], to: Resource) => void actions.move(items.filter((r) => ids.includes(r.id)), to) } : {})}
            empty={filtered ? <p className="quiet">Nothing here is called so. Search looks everywhere.</p> : empty}
          />
        </div>
      )}
    </section>
  );
}

/** copyName is what a copy is called in a folder that has such names. */
export const copyName = (r: Resource, taken: readonly string[]) => freeName(r.name, taken);

/** titles are what resources are called, in one line. */
export const titles = (list: readonly Resource[]) => (list.length === 1 && list[0] ? `“${titleOf(list[0])}”` : count(list.length, "document", "documents"));
