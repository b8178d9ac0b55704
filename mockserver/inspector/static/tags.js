// The Tags menu: it shows the tags as they are now, and never replaces newer ones by what it showed before.

import { refresh } from "./live.js";

const now = () => JSON.parse(document.querySelector("#tags-now")?.dataset.tags ?? "[]").join("\n");
const field = () => document.querySelector("#tags-of-chat");
let shown = ""; // the tags that were there when the menu showed them last

function show() {
  shown = now();
  field().value = shown;
}

/** Ask the mock; whether the tags differ from those that the menu showed, which it shows then. */
export async function tagsAreNewer() {
  await refresh();
  if (now() === shown) return false;
  show();
  return true;
}

export function startTags() {
  document.addEventListener("toggle", (event) => {
    if (event.target.id === "tags-menu" && event.target.open) show();
  }, true);
  // What nobody has changed in the menu follows the mock.
  document.addEventListener("page", () => {
    if (document.querySelector("#tags-menu")?.open && field().value === shown) show();
  });
}
