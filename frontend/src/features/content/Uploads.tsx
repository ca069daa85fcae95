import { Link, ProgressBar } from "react-aria-components";
import { addressOf } from "../../app/page";
import { Button, IconButton } from "../../ui/Button";
import { count } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { clear, useUploads } from "./uploads";

/** Uploads shows how far files are that are sent. */
export function Uploads() {
  const list = useUploads();
  if (list.length === 0) return null;
  const going = list.filter((u) => u.state === "waiting" || u.state === "sending");
  const failed = list.filter((u) => u.state === "failed").length;
  return (
    <section className="uploads" aria-label="Uploads">
      <header>
        <strong role="status">
          {going.length > 0 ? `Sending ${count(going.length, "file", "files")}` : `Sent ${count(list.length - failed, "file", "files")}${failed > 0 ? `, ${failed} failed` : ""}`}
        </strong>
        {going.length > 0 ? (
          <Button kind="quiet" onPress={() => going.forEach((u) => u.cancel())}>
            Cancel
          </Button>
        ) : (
          <IconButton icon="x" label="Close" onPress={clear} />
        )}
      </header>
      <ul>
        {list.slice(-200).map((u) => (
          <li key={u.id}>
            <span className="text" title={u.name}>
              {u.document ? <Link href={addressOf(u.document)}>{u.name}</Link> : u.name}
            </span>
            {u.state === "sending" && (
              <ProgressBar aria-label={u.name} value={u.done * 100} className="progress">
                {({ percentage }) => <span style={{ width: `${percentage ?? 0}%` }} />}
              </ProgressBar>
            )}
            {u.state === "done" && <Icon name="check" className="good" />}
            {u.state === "failed" && <span className="bad">{u.problem}</span>}
            {u.state === "ended" && <span className="quiet">ended</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
