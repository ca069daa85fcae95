let sprite = "";

/** setSprite says where the picture is that has all icons. It is called once, before anything is drawn. */
export function setSprite(address: string) {
  sprite = address;
}

/** Icon is a picture that says nothing: what it means is said beside it. */
export function Icon({ name, className = "" }: { name: string; className?: string }) {
  return (
    <svg className={`icon ${className}`} aria-hidden="true" width="16" height="16">
      <use href={`${sprite}#${name}`} />
    </svg>
  );
}
