// The Tags menu: it shows the tags as they are now, and never replaces newer ones by what it showed before.

import { current } from "./live.js";

const now = (page = document) => JSON.parse(page.querySelector("#tags-now")?.dataset.tags ?? "[]").join("\n");
const field = () => document.querySelector("#tags-of-chat");
let shown = ""; // the tags that were there when the menu showed them last

function show(tags = now()) {
  shown = tags;
  field().value = shown;
}

/** Ask the mock; whether the tags differ from those that the menu showed, which it shows then.
 *
 * A refresh would not do: one that a newer one overtakes changes nothing.
 */
export async function tagsAreNewer() {
  const page = await current().catch(() => null);
  if (!page || now(page) === shown) return false;
  show(now(page));
  return true;
}

export function startTags() {
  // "toggle" comes later than the menu opens, and would overwrite what was written in between.
  document.addEventListener("click", (event) => {
    const menu = event.target.closest("#tags-menu > summary")?.parentElement;
    if (menu && !menu.open) show();
  });
  // What nobody has changed in the menu follows the mock.
  document.addEventListener("page", () => {
    if (document.querySelector("#tags-menu")?.open && field().value === shown) show();
  });
}
