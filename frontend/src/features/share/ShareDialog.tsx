import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf, type Resource, ROOT } from "../../api/client";
import { ancestors, one, permissions } from "../../api/resources";
import { granted } from "../../api/sharing";
import { addressOf as pageOf } from "../../app/page";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Failed, Loading } from "../../ui/States";
import { tell } from "../../ui/toast";
import { AddPeople } from "./AddPeople";
import { AskAccess } from "./AskAccess";
import { Explain } from "./Explain";
import { General } from "./General";
import { grantsOf } from "./grants";
import { Inherited, Owner, Own } from "./Grants";
import { Links } from "./Links";
import { Requests } from "./Requests";
import { useSharing } from "./useSharing";

export interface ShareDialogProps {
  resource: Pick<Resource, "id" | "name" | "type">;
  onClose: () => void;
}

/** ShareDialog says who may do what with a document or folder, and lets those who may change it. */
export function ShareDialog({ resource, onClose }: ShareDialogProps) {
  const [explaining, setExplaining] = useState(false);
  const name = resource.id === ROOT ? "All documents" : resource.name.replace(/\.ipynb$/, "");
  return (
    <Dialog title={explaining ? `Who can do what with “${name}”` : `Share “${name}”`} isOpen onClose={onClose} wide>
      <div className="share">{explaining ? <Explain resource={resource} /> : <Access resource={resource} />}</div>
      <footer>
        <Button kind="quiet" onPress={() => setExplaining(!explaining)}>
          {explaining ? "Back to sharing" : "What can someone do here, and why?"}
        </Button>
        <span className="grow" />
        <Button icon="link" onPress={() => void copyAddress(resource.id)}>
          Copy link
        </Button>
        <Button kind="primary" onPress={onClose}>
          Done
        </Button>
      </footer>
    </Dialog>
  );
}

async function copyAddress(id: string) {
  const address = new URL(pageOf(id), location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    tell("Link copied. It opens for those who have access.");
  } catch {
    prompt("The link", address); // where the browser does not let pages write to the clipboard
  }
}

function Access({ resource }: Pick<ShareDialogProps, "resource">) {
  const { id } = resource;
  const may = useQuery(permissions(id, ["resources.getIamPolicy", "resources.setIamPolicy"]));
  const full = useQuery(one(id));
  if (may.error) return <Failed message={messageOf(may.error)} retry={() => void may.refetch()} />;
  if (!may.data || !full.data) return <Loading lines={4} />;
  if (!may.data.includes("resources.getIamPolicy")) return <AskAccess resource={full.data} />;
  return <Policy resource={full.data} changes={may.data.includes("resources.setIamPolicy")} />;
}

function Policy({ resource, changes }: { resource: Resource; changes: boolean }) {
  const { own, grants, change } = useSharing(resource.id);
  const above = useQuery(granted(resource.id));
  const trail = useQuery(ancestors(resource.id));
  if (own.error) return <Failed message={messageOf(own.error)} retry={() => void own.refetch()} />;
  if (own.isPending) return <Loading lines={4} />;
  const inherited = (above.data ?? []).filter((g) => g.resourceId !== resource.id).flatMap((g) => grantsOf([g.binding]).map((grant) => ({ ...grant, from: g.resourceId })));
  const folderName = (id: string) => (id === ROOT ? "All documents" : (trail.data?.find((a) => a.id === id)?.name ?? "a folder above"));
  return (
    <>
      {changes && <AddPeople resource={resource} grants={grants} change={change} />}
      {changes && <Requests id={resource.id} />}
      <ul className="people" aria-label="People with access">
        <Owner resource={resource} />
        <Own resource={resource} grants={grants} change={changes ? change : undefined} />
        <Inherited owner={resource.owner} grants={inherited} folderName={folderName} />
      </ul>
      <General grants={grants} change={changes ? change : undefined} inherited={inherited} folderName={folderName} />
      {changes && resource.type !== "folder" && <Links id={resource.id} />}
    </>
  );
}
