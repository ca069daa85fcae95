import { flushSync } from "react-dom";
import { Button as AriaButton, Text, UNSTABLE_Toast as Toast, UNSTABLE_ToastContent as ToastContent, UNSTABLE_ToastQueue as ToastQueue, UNSTABLE_ToastRegion as ToastRegion } from "react-aria-components";
import { Icon } from "./Icon";

interface Note {
  text: string;
  bad?: boolean;
  action?: { label: string; do: () => void };
}

const queue = new ToastQueue<Note>({ maxVisibleToasts: 3, wrapUpdate: (change) => flushSync(change) });

/** tell shows a note for a while, with something that one may do about it, such as undo. */
export function tell(text: string, action?: { label: string; do: () => void }) {
  queue.add({ text, ...(action ? { action } : {}) }, { timeout: action ? 10_000 : 5_000 });
}

/** complain shows what went wrong until it is closed. */
export function complain(text: string) {
  queue.add({ text, bad: true });
}

/** Toasts is where notes appear. */
export function Toasts() {
  return (
    <ToastRegion queue={queue} className="ui toasts" aria-label="Notes">
      {({ toast }) => (
        <Toast toast={toast} className={toast.content.bad ? "toast bad" : "toast"}>
          <ToastContent className="toast-content">
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          {toast.content.action && (
            <AriaButton
              className="button quiet"
              onPress={() => {
                toast.content.action?.do();
                queue.close(toast.key);
              }}
            >
              {toast.content.action.label}
            </AriaButton>
          )}
          <AriaButton slot="close" className="button quiet icon-only" aria-label="Close">
            <Icon name="x" />
          </AriaButton>
        </Toast>
      )}
    </ToastRegion>
  );
}
