import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-aria-components";
import { ApiError, messageOf, ROOT } from "../../api/client";
import { ancestors, one, permissions } from "../../api/resources";
import { addressOf, page } from "../../app/page";
import { Button, IconButton } from "../../ui/Button";
import { DropFiles } from "../../ui/DropFiles";
import { Icon } from "../../ui/Icon";
import { Empty, Failed, Loading } from "../../ui/States";
import { useTitle } from "../../app/useTitle";
import { open } from "./dialogs";
import { titleOf } from "./kinds";
import { Listing } from "./Listing";
import { useActions } from "./actions";
import { upload } from "./uploads";
import { useStarred } from "./useStarred";

/** FolderPage is a folder: where it is, what is in it. */
export function FolderPage({ id }: { id: string }) {
  const folder = useQuery(one(id));
  const trail = useQuery(ancestors(id));
  const may = useQuery(permissions(id, ["resources.create"]));
  const queries = useQueryClient();
  const actions = useActions();
  const starred = useStarred();
  const missing = folder.error instanceof ApiError && (folder.error.status === 404 || folder.error.status === 403);
  const document = folder.data !== undefined && folder.data.type !== "folder";
  useEffect(() => {
    if (missing || document) location.reload(); // the server shows documents, and what one may not see
  }, [missing, document]);
  useTitle(folder.data ? titleOf(folder.data) : "");
  if (folder.error && !missing) return <Failed message={messageOf(folder.error)} retry={() => void folder.refetch()} />;
  if (!folder.data || document) return <Loading />;
  const r = folder.data;
  const above = trail.data ?? [];
  const creates = may.data?.includes("resources.create") ?? false;
  return (
    <DropFiles disabled={!creates} hint={`Drop to upload into “${titleOf(r)}”`} onDrop={(files) => void upload(queries, id, files)}>
      <div className="page-head">
        <div className="trail-title">
          {above.length > 0 && (
            <nav aria-label="Where this is">
              <ol className="crumbs">
                {above.map((a) => (
                  <li key={a.id}>
                    <Link href={addressOf(a.id)} routerOptions={{ within: true }}>
                      {a.id === ROOT ? "All documents" : a.name}
                    </Link>
                    <Icon name="chevron-right" />
                  </li>
                ))}
              </ol>
            </nav>
          )}
          <h1>{titleOf(r)}</h1>
          {id !== ROOT && (
            <IconButton
              icon="star"
              label={starred.has(id) ? "Take the star off" : "Star this folder"}
              aria-pressed={starred.has(id)}
              onPress={() => void actions.star([r], !starred.has(id))}
            />
          )}
        </div>
        <div className="page-actions">
          {page.lab && (
            <Link className="button quiet" href={`${addressOf(id)}/lab`}>
              <Icon name="external-link" />
              JupyterLab
            </Link>
          )}
          <Button icon="user-plus" onPress={() => open({ kind: "share", resource: r })}>
            Share
          </Button>
        </div>
      </div>
      {r.description && <p className="quiet">{r.description}</p>}
      <Listing
        key={id}
        place={{ in: "folder", id }}
        label={`In ${titleOf(r)}`}
        empty={
          <Empty icon="folder" action={creates && <Button onPress={() => open({ kind: "new", type: "sql", parent: id })}>New SQL script</Button>}>
            {creates ? "This folder is empty. Drop files here, or begin with a script." : "This folder is empty."}
          </Empty>
        }
      />
    </DropFiles>
  );
}

