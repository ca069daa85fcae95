import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Autocomplete, Input, Menu, MenuItem, Text, TextField } from "react-aria-components";
import { base, messageOf } from "../../api/client";
import { few, searched } from "../../api/resources";
import { addressOf, page } from "../../app/page";
import { Icon } from "../../ui/Icon";
import { useLater } from "../../ui/useLater";
import { kinds, opens, titleOf } from "../content/kinds";
import { Marked } from "./Marked";

interface Line {
  id: string;
  icon: string;
  title: string;
  href: string;
  within?: boolean;
  detail?: React.ReactNode;
}

/** go are the places one can jump to by their names. */
const go = (): Line[] => [
  { id: "-home", icon: "house", title: "Home", href: base },
  ...(page.root ? [{ id: "-all", icon: "folder", title: "All documents", href: `${base}n/root`, within: true }] : []),
  { id: "-starred", icon: "star", title: "Starred", href: `${base}starred` },
  { id: "-shared", icon: "users-round", title: "Shared with me", href: `${base}shared` },
  { id: "-trash", icon: "trash-2", title: "Trash", href: `${base}trash` },
  ...(page.home ? [{ id: "-mine", icon: "user-round", title: "My documents", href: addressOf(page.home), within: true }] : []),
  ...(page.runs ? [{ id: "-jobs", icon: "history", title: "Jobs", href: `${base}jobs` }] : []),
  ...(page.lab ? [{ id: "-lab", icon: "notebook-text", title: "JupyterLab", href: page.lab }] : []),
];

/** Palette is the field and the list of what is found as one types. */
export function Palette({ close }: { close: () => void }) {
  const [text, setText] = useState("");
  const q = useLater(text.trim(), 120);
  const found = useQuery({ ...searched(q, {}, 12), enabled: q !== "", placeholderData: (was) => (q ? was : undefined) });
  const recent = useQuery(few({ in: "recent" }, 8));
  // What is shown goes by what is typed, at once: else Enter opened what was first before.
  const lower = text.trim().toLowerCase();
  const places = go().filter((p) => lower !== "" && p.title.toLowerCase().includes(lower));
  const documents: Line[] =
    lower === ""
      ? (recent.data ?? []).filter(opens).map((r) => ({ id: r.id, icon: kinds[r.type].icon, title: titleOf(r), href: addressOf(r.id), within: r.type === "folder" }))
      : (q === "" ? [] : (found.data?.items ?? []))
          .filter((h) => opens(h.resource))
          .map((h) => ({
            id: h.resource.id,
            icon: kinds[h.resource.type].icon,
            title: titleOf(h.resource),
            href: addressOf(h.resource.id),
            within: h.resource.type === "folder",
            detail: h.snippets?.[0] && h.snippets[0].field !== "name" ? <Marked snippet={h.snippets[0]} /> : undefined,
          }));
  // It comes last, once there is something before it: the first of the list is what Enter opens.
  const all: Line[] = lower === "" || q === "" || !found.data ? [] : [{ id: "-everything", icon: "search", title: `All results for “${q}”`, href: `${base}search?q=${encodeURIComponent(q)}` }];
  const items = [...places, ...documents, ...all];
  return (
    <Autocomplete inputValue={text} onInputChange={setText}>
      <TextField aria-label="Search" autoFocus className="palette-field">
        <Icon name="search" />
        <Input placeholder="Search names, tags, sources, outputs" />
        <kbd>Esc</kbd>
      </TextField>
      <Menu
        aria-label={lower === "" ? "Recent documents" : "Found"}
        className="menu palette-list"
        items={items}
        renderEmptyState={() => <p className="quiet">{lower === "" ? "Type to search." : found.isFetching || q !== text.trim() ? "Searching…" : "Nothing has all these words."}</p>}
        onAction={close}
      >
        {(line: Line) => (
          <MenuItem id={line.id} textValue={line.title} href={line.href} routerOptions={{ within: line.within ?? false }} className="menu-item">
            <Icon name={line.icon} />
            <Text slot="label">{line.title}</Text>
            {line.detail && (
              <Text slot="description" className="detail">
                {line.detail}
              </Text>
            )}
          </MenuItem>
        )}
      </Menu>
      {found.error && <p className="problem">{messageOf(found.error)}</p>}
    </Autocomplete>
  );
}
