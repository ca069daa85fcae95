import { lazy, Suspense, useState, type FormEvent, type ReactNode } from "react";
import { messageOf, type Resource } from "../../api/client";
import { create, keys, listPage } from "../../api/resources";
import { addressOf, page } from "../../app/page";
import { queryClient } from "../../app/queries";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { useActions } from "./actions";
import { freeName } from "./arrange";
import { open, useOpen, type Open } from "./dialogs";
import { FolderPicker } from "./FolderPicker";
import { titles } from "./Listing";

// The largest of them comes when it is opened: nobody types into it before they have seen it.
const ShareDialog = lazy(async () => ({ default: (await import("../share/ShareDialog")).ShareDialog }));

const close = () => open(null);

/** Dialogs is whichever dialog is open. */
export function Dialogs() {
  const now = useOpen();
  switch (now?.kind) {
    case "rename":
      return <Rename resource={now.resource} />;
    case "move":
      return <Move {...now} />;
    case "new":
      return <New {...now} />;
    case "purge":
      return <Purge resources={now.resources} />;
    case "share":
      return (
        <Suspense>
          <ShareDialog resource={now.resource} onClose={close} />
        </Suspense>
      );
    case "keys":
      return <Keys />;
    default:
      return null;
  }
}

/** Ask is a form in a dialog; what goes wrong is said in it, and it stays. */
function Ask({ title, verb, children, submit, disabled, danger }: { title: string; verb: string; children: (problem: string) => ReactNode; submit: () => Promise<void>; disabled?: boolean; danger?: boolean }) {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  async function onSubmit(e: FormEvent) {
    e.preventDefault();
    if (busy || disabled) return;
    setBusy(true);
    try {
      await submit();
      close();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog title={title} isOpen onClose={close}>
      <form onSubmit={onSubmit} noValidate>
        {children(problem)}
        <footer>
          <Button onPress={close}>Cancel</Button>
          <Button kind={danger ? "danger" : "primary"} type="submit" isPending={busy} isDisabled={disabled ?? false}>
            {verb}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function Rename({ resource }: { resource: Resource }) {
  const [name, setName] = useState(resource.name);
  const actions = useActions();
  return (
    <Ask title={`Rename “${resource.name}”`} verb="Rename" disabled={!name.trim() || name === resource.name} submit={() => actions.rename(resource, name.trim())}>
      {(problem) => <Field label="Name" value={name} onChange={setName} autoFocus problem={problem} />}
    </Ask>
  );
}

const fresh = {
  folder: { title: "New folder", name: "New folder", ending: "", content: undefined },
  sql: { title: "New SQL script", name: "Untitled.sql", ending: ".sql", content: "" },
  notebook: {
    title: "New notebook",
    name: "Untitled.ipynb",
    ending: ".ipynb",
    content: JSON.stringify({ cells: [], metadata: { kernelspec: { name: "sextant", display_name: "SQL (DuckDB)", language: "sql" }, language_info: { name: "sql" } }, nbformat: 4, nbformat_minor: 5 }),
  },
};

function New({ type, parent }: Extract<Open, { kind: "new" }>) {
  const { title, name: first, ending, content } = fresh[type];
  // Names that are there already are known only of the first in the folder; the server refuses the others.
  const there = queryClient.getQueryData<{ pages: { items: Resource[] }[] }>(keys.list({ in: "folder", id: parent }))?.pages.flatMap((p) => p.items.map((r) => r.name)) ?? [];
  const [name, setName] = useState(() => freeName(first, there));
  async function submit() {
    const full = name.trim().endsWith(ending) ? name.trim() : name.trim() + ending;
    const made = await create(parent, full, type, content);
    await queryClient.invalidateQueries({ queryKey: keys.all });
    if (type === "folder") return;
    location.assign(addressOf(made.id) + (page.lab ? "/lab" : ""));
  }
  return (
    <Ask title={title} verb="Create" disabled={!name.trim()} submit={submit}>
      {(problem) => <Field label="Name" value={name} onChange={setName} autoFocus problem={problem} />}
    </Ask>
  );
}

function Move({ resources, copy }: Extract<Open, { kind: "move" }>) {
  const [to, setTo] = useState<{ id: string; name: string } | null>(null);
  const actions = useActions();
  const moved = new Set(resources.map((r) => r.id));
  async function submit() {
    if (!to) return;
    if (!copy) return actions.move(resources, to);
    const taken = (await listPage({ in: "folder", id: to.id }, undefined, 1000)).items.map((r) => r.name);
    await actions.copy(resources, to, (r) => {
      const name = freeName(r.name, taken);
      taken.push(name);
      return name;
    });
  }
  return (
    <Ask title={`${copy ? "Copy" : "Move"} ${titles(resources)} to`} verb={to ? `${copy ? "Copy" : "Move"} to “${to.name}”` : copy ? "Copy" : "Move"} disabled={!to} submit={submit}>
      {(problem) => (
        <>
          <FolderPicker selected={to?.id ?? ""} without={copy ? new Set() : moved} onSelect={setTo} />
          {problem && <p className="problem" role="alert">{problem}</p>}
        </>
      )}
    </Ask>
  );
}

function Purge({ resources }: { resources: Resource[] }) {
  const actions = useActions();
  return (
    <Ask title={`Delete ${titles(resources)} for good?`} verb="Delete for good" danger submit={() => actions.purge(resources)}>
      {(problem) => (
        <p>
          With all revisions, and all that is in folders. This cannot be undone.
          {problem && <span className="problem"> {problem}</span>}
        </p>
      )}
    </Ask>
  );
}

const shortcuts: [string, string][] = [
  ["Ctrl K or /", "Search everywhere"],
  ["↑ ↓ Home End", "Go through a list; letters go to a name"],
  ["Enter", "Open"],
  ["Space", "Select; with Shift, up to there"],
  ["Ctrl A", "Select all"],
  ["Escape", "Select nothing; close what is open"],
  ["F2", "Rename"],
  ["Delete", "Move to the trash"],
  ["← →", "Fold and unfold a folder in the tree"],
  ["F6", "Go to the next part of the page"],
  ["?", "This list"],
];

function Keys() {
  return (
    <Dialog title="Keyboard shortcuts" isOpen onClose={close}>
      <dl className="keys">
        {shortcuts.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
