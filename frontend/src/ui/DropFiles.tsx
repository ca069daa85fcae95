import { useRef, useState, type ReactNode } from "react";

/** Dropped is a file with the folders that it was in, below what was dropped. */
export interface Dropped {
  file: File;
  folders: string[];
}

/** DropFiles takes files and folders from outside that are dropped anywhere on what it holds. */
export function DropFiles({ onDrop, hint, children, disabled }: { onDrop: (files: Dropped[]) => void; hint: string; children: ReactNode; disabled?: boolean }) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const ofFiles = (e: React.DragEvent) => !disabled && e.dataTransfer.types.includes("Files");
  const leave = () => {
    depth.current = 0;
    setOver(false);
  };
  return (
    <div
      className="drop-files"
      onDragEnter={(e) => {
        if (!ofFiles(e)) return;
        depth.current++;
        setOver(true);
      }}
      onDragLeave={(e) => ofFiles(e) && --depth.current <= 0 && leave()}
      onDragOver={(e) => {
        if (!ofFiles(e)) return;
        e.preventDefault();
        e.dataTransfer.dropEffect = "copy";
      }}
      onDrop={(e) => {
        if (!ofFiles(e)) return;
        e.preventDefault();
        leave();
        // Entries are there only as long as the event is.
        const found = [...e.dataTransfer.items].map((item): Promise<Dropped[]> => {
          const entry = item.webkitGetAsEntry();
          const file = item.getAsFile();
          return entry ? inside(entry, []) : Promise.resolve(file ? [{ file, folders: [] }] : []);
        });
        void Promise.all(found).then((all) => onDrop(all.flat()));
      }}
    >
      {children}
      {over && <div className="drop-hint">{hint}</div>}
    </div>
  );
}

async function inside(entry: FileSystemEntry, folders: string[]): Promise<Dropped[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ file, folders }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const out: Dropped[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject)); // at most 100 at a time
    if (some.length === 0) return out;
    for (const one of some) out.push(...(await inside(one, [...folders, entry.name])));
  }
}
