import { useEffect, useState } from "react";
import { Button as AriaButton, Dialog, Modal, ModalOverlay } from "react-aria-components";
import { Icon } from "../../ui/Icon";
import { Palette } from "./Palette";

/** Search is the field at the top, and the dialog in which one searches as one types. */
export function Search() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const typing = e.target instanceof HTMLElement && (e.target.isContentEditable || /^(input|textarea|select)$/i.test(e.target.tagName));
      if ((e.key === "k" && (e.ctrlKey || e.metaKey)) || (e.key === "/" && !typing && !document.querySelector("[role=dialog]"))) {
        e.preventDefault();
        setOpen(true);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <AriaButton className="search-button" onPress={() => setOpen(true)}>
        <Icon name="search" />
        <span>Search documents</span>
        <kbd>Ctrl K</kbd>
      </AriaButton>
      <ModalOverlay className="ui overlay high" isDismissable isOpen={open} onOpenChange={setOpen}>
        <Modal className="palette">
          <Dialog className="dialog" aria-label="Search">
            <Palette close={() => setOpen(false)} />
          </Dialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}
