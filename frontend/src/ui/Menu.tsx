import type { ReactElement, ReactNode, RefObject } from "react";
import { Header, Menu as AriaMenu, MenuItem, MenuSection, MenuTrigger, Popover, Separator, Text } from "react-aria-components";
import { Icon } from "./Icon";

export interface Action {
  id: string;
  label: string;
  icon?: string;
  /** keys is the shortcut that does the same, for people. */
  keys?: string;
  /** detail says more below the label. */
  detail?: string;
  danger?: boolean;
  href?: string;
  do?: () => void;
}

export interface MenuProps {
  label: string;
  actions: (Action | null)[];
  title?: string;
}

/** Menu is a button's list of actions; null separates them. */
export function Menu({ trigger, ...list }: MenuProps & { trigger: ReactElement }) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className="ui popover" placement="bottom end">
        <Actions {...list} />
      </Popover>
    </MenuTrigger>
  );
}

/** MenuAt is a list of actions that hangs from an element, which many share; open as long as it is there. */
export function MenuAt({ at, onClose, ...list }: MenuProps & { at: RefObject<Element | null>; onClose: () => void }) {
  return (
    <Popover className="ui popover" placement="bottom end" aria-label={list.label} triggerRef={at} isOpen onOpenChange={(open) => !open && onClose()}>
      <Actions {...list} onClose={onClose} />
    </Popover>
  );
}

function Actions({ label, actions, title, onClose }: MenuProps & { onClose?: () => void }) {
  return (
    <AriaMenu className="menu" aria-label={label} onAction={(key) => actions.find((a) => a?.id === key)?.do?.()} {...(onClose ? { onClose, autoFocus: "first" as const } : {})}>
      <MenuSection aria-label={label}>
        {title ? <Header className="menu-title">{title}</Header> : null}
        {actions.map((action, i) => (action ? <Item key={action.id} action={action} /> : <Separator key={i} className="separator" />))}
      </MenuSection>
    </AriaMenu>
  );
}

function Item({ action }: { action: Action }): ReactNode {
  return (
    <MenuItem id={action.id} textValue={action.label} className={action.danger ? "menu-item danger" : "menu-item"} {...(action.href ? { href: action.href } : {})}>
      {action.icon ? <Icon name={action.icon} /> : <span className="icon" />}
      <Text slot="label">{action.label}</Text>
      {action.keys && <kbd aria-hidden="true" data-keys={action.keys} />}
      {action.detail && (
        <Text slot="description" className="detail">
          {action.detail}
        </Text>
      )}
    </MenuItem>
  );
}
