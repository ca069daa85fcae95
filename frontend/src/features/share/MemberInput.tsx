import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover, Text } from "react-aria-components";
import { addressOf, directory } from "../../api/people";
import { Face } from "../../ui/Face";
import { Icon } from "../../ui/Icon";
import { useLater } from "../../ui/useLater";
import { memberOf } from "./grants";

export interface Somebody {
  member: string;
  name: string;
}

/** MemberInput finds people and groups: by what they are called, or by their whole address. */
export function MemberInput({ label, placeholder, onChoose, autoFocus, before, onBackspace }: {
  label: string;
  placeholder: string;
  onChoose: (who: Somebody) => void;
  autoFocus?: boolean;
  /** before stands in the field before what is typed. */
  before?: React.ReactNode;
  /** onBackspace is called where there is nothing to delete. */
  onBackspace?: () => void;
}) {
  const [text, setText] = useState("");
  const asked = useLater(text.trim(), 150);
  const found = useQuery({ ...directory(asked), enabled: asked !== "", placeholderData: (was) => was });
  const typed = memberOf(text);
  const items: Somebody[] = (found.data ?? []).map((e) => ({ member: e.member, name: e.name || addressOf(e.member) }));
  if (typed && !items.some((i) => i.member === typed)) items.push({ member: typed, name: addressOf(typed) });
  function choose(member: string) {
    const who = items.find((i) => i.member === member);
    if (!who) return;
    setText("");
    onChoose(who);
  }
  return (
    <ComboBox
      className="field member"
      aria-label={label}
      inputValue={text}
      onInputChange={setText}
      items={text.trim() ? items : []}
      value={null}
      onChange={(key) => key !== null && choose(String(key))}
      allowsEmptyCollection={text.trim() !== ""}
      menuTrigger="input"
      allowsCustomValue
    >
      <Label className="unseen">{label}</Label>
      <div className="box">
        {before}
        <Input
          placeholder={placeholder}
          autoFocus={autoFocus ?? false}
          onKeyDown={(e) => {
            if (e.key === "Enter" && typed && !e.currentTarget.getAttribute("aria-activedescendant")) {
              e.preventDefault();
              choose(typed);
            }
            if (e.key === "Backspace" && text === "") onBackspace?.();
          }}
        />
      </div>
      <Popover className="ui popover people-found">
        <ListBox className="menu" renderEmptyState={() => <p className="quiet">{found.isFetching || asked !== text.trim() ? "Searching…" : "Nobody is called so. A whole address can be given too."}</p>}>
          {(who: Somebody) => (
            <ListBoxItem id={who.member} textValue={who.name} className="menu-item">
              {who.member.startsWith("group:") ? <Icon name="users-round" /> : <Face name={who.name} />}
              <Text slot="label">{who.name}</Text>
              <Text slot="description" className="detail">
                {addressOf(who.member)}
              </Text>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
