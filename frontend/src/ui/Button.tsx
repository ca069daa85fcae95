import type { ComponentProps, ReactNode, SyntheticEvent } from "react";
import { Button as AriaButton, Tooltip, TooltipTrigger, type ButtonProps as AriaProps } from "react-aria-components";
import { Icon } from "./Icon";

export interface ButtonProps extends Omit<AriaProps, "className" | "children"> {
  children: ReactNode;
  /** kind: one primary button in view at a time; quiet ones have no border. */
  kind?: "primary" | "plain" | "quiet" | "danger";
  icon?: string;
}

export function Button({ kind = "plain", icon, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={`button ${kind}`}>
      {icon && <Icon name={icon} />}
      {children}
    </AriaButton>
  );
}

/** IconButton shows a picture alone; its label is read aloud and shown when pointed at or focused. */
export function IconButton({ icon, label, ...rest }: Omit<AriaProps, "className" | "children"> & { icon: string; label: string }) {
  return (
    <TooltipTrigger delay={500}>
      <AriaButton {...rest} aria-label={label} className="button quiet icon-only">
        <Icon name={icon} />
      </AriaButton>
      <Tooltip className="ui tooltip" offset={4}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}

const own = (e: SyntheticEvent) => e.stopPropagation();

/** RowButton is an IconButton within the row of a list: one of very many, so it weighs little. What is pressed is not the row. */
export function RowButton({ icon, label, onPress, ...rest }: { icon: string; label: string; onPress: (button: HTMLButtonElement) => void } & Pick<ComponentProps<"button">, "aria-pressed" | "aria-haspopup" | "aria-expanded">) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className="button quiet icon-only"
      onPointerDown={own}
      onPointerUp={own}
      onMouseDown={own}
      onKeyDown={(e) => (e.key === "Enter" || e.key === " ") && own(e)}
      onKeyUp={(e) => (e.key === "Enter" || e.key === " ") && own(e)}
      onClick={(e) => {
        own(e);
        onPress(e.currentTarget);
      }}
    >
      <Icon name={icon} />
    </button>
  );
}
