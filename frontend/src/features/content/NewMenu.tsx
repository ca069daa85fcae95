import { ROOT } from "../../api/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { permissions } from "../../api/resources";
import { page } from "../../app/page";
import { Button } from "../../ui/Button";
import { Menu } from "../../ui/Menu";
import { open } from "./dialogs";
import { upload } from "./uploads";

/** NewMenu makes something in the folder that is open, or in one's own. */
export function NewMenu({ folder }: { folder: string }) {
  const queries = useQueryClient();
  const files = useRef<HTMLInputElement>(null);
  const may = useQuery({ ...permissions(folder || ROOT, ["resources.create"]), enabled: folder !== "" });
  const parent = may.data?.includes("resources.create") ? folder : page.home;
  const elsewhere = parent !== folder && folder !== "" ? "In My documents: here you may not add anything" : "";
  if (!parent) return null;
  return (
    <>
      <Menu
        label="New"
        title={elsewhere}
        trigger={
          <Button kind="primary" icon="plus">
            New
          </Button>
        }
        actions={[
          { id: "sql", label: "SQL script", icon: "file-code", do: () => open({ kind: "new", type: "sql", parent }) },
          { id: "notebook", label: "Notebook", icon: "notebook-text", do: () => open({ kind: "new", type: "notebook", parent }) },
          { id: "folder", label: "Folder", icon: "folder-plus", do: () => open({ kind: "new", type: "folder", parent }) },
          null,
          { id: "upload", label: "Upload files…", icon: "upload", do: () => files.current?.click() },
        ]}
      />
      <input
        ref={files}
        type="file"
        multiple
        hidden
        onChange={(e) => {
          const chosen = [...(e.currentTarget.files ?? [])].map((file) => ({ file, folders: [] }));
          e.currentTarget.value = ""; // the same file can be chosen again
          void upload(queries, parent, chosen);
        }}
      />
    </>
  );
}
