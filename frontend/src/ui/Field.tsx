import { Button, FieldError, Input, Label, ListBox, ListBoxItem, Popover, Select as AriaSelect, SelectValue, Text, TextField, type Key } from "react-aria-components";
import { Icon } from "./Icon";

export interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "search" | "date" | "email" | "password";
  placeholder?: string;
  autoFocus?: boolean;
  isRequired?: boolean;
  isDisabled?: boolean;
  /** hideLabel leaves the label to be read aloud. */
  hideLabel?: boolean;
  /** problem says what is wrong with the value. */
  problem?: string | undefined;
  min?: string;
  name?: string;
}

export function Field({ label, hideLabel, problem, placeholder, min, ...rest }: FieldProps) {
  return (
    <TextField {...rest} isInvalid={Boolean(problem)} className="field" {...(hideLabel ? { "aria-label": label } : {})}>
      {!hideLabel && <Label>{label}</Label>}
      <Input {...(placeholder ? { placeholder } : {})} {...(min ? { min } : {})} onFocus={(e) => rest.autoFocus && e.currentTarget.type === "text" && e.currentTarget.select()} />
      <FieldError className="problem">{problem}</FieldError>
    </TextField>
  );
}

export interface Choice {
  id: string;
  label: string;
  detail?: string | undefined;
}

/** Choose is one of a few choices. */
export function Choose({ label, value, choices, onChange, hideLabel, quiet, isDisabled }: {
  label: string;
  value: string;
  choices: Choice[];
  onChange: (id: string) => void;
  hideLabel?: boolean;
  quiet?: boolean;
  isDisabled?: boolean;
}) {
  return (
    <AriaSelect className="field" value={value} onChange={(key: Key | null) => key !== null && onChange(String(key))} isDisabled={isDisabled ?? false} {...(hideLabel ? { "aria-label": label } : {})}>
      {!hideLabel && <Label>{label}</Label>}
      <Button className={quiet ? "button quiet select" : "button select"}>
        <SelectValue>{({ selectedText }) => selectedText || choices.find((c) => c.id === value)?.label || value}</SelectValue>
        <Icon name="chevron-down" />
      </Button>
      <Popover className="ui popover">
        <ListBox className="menu" items={choices}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.label} className="menu-item">
              {({ isSelected }) => (
                <>
                  {isSelected ? <Icon name="check" /> : <span className="icon" />}
                  <Text slot="label">{choice.label}</Text>
                  {choice.detail && (
                    <Text slot="description" className="detail">
                      {choice.detail}
                    </Text>
                  )}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
