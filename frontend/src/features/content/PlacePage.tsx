import { useTitle } from "../../app/useTitle";
import { Empty } from "../../ui/States";
import { Listing } from "./Listing";

const places = {
  starred: { title: "Starred", icon: "star", empty: "Nothing is starred yet. The star beside a name keeps it here." },
  recent: { title: "Recent", icon: "clock", empty: "Nothing yet. What you open is listed here." },
  shared: { title: "Shared with me", icon: "users-round", empty: "Nothing yet. What others share with you is listed here." },
  trash: { title: "Trash", icon: "trash-2", empty: "The trash is empty." },
};

/** PlacePage lists what is not in one folder. */
export function PlacePage({ place }: { place: keyof typeof places }) {
  const { title, icon, empty } = places[place];
  useTitle(title);
  return (
    <>
      <div className="page-head">
        <h1>{title}</h1>
      </div>
      <Listing key={place} place={{ in: place }} label={title} empty={<Empty icon={icon}>{empty}</Empty>} />
    </>
  );
}
