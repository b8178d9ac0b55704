// The Tags menu: it shows the tags as they are now, and never replaces newer ones by what it showed before.
//
// What the menu showed last is the field's default value: as long as its value is that, nobody has changed it.

import { current } from "./live.js";

const now = (page = document) => JSON.parse(page.querySelector("#tags-now")?.dataset.tags ?? "[]").join("\n");
const field = () => document.querySelector("#tags-of-chat");

function show(tags = now()) {
  field().defaultValue = tags;
  field().value = tags;
}

/** Ask the mock; whether the tags differ from those that the menu showed, which it shows then.
 *
 * A refresh would not do: one that a newer one overtakes changes nothing.
 */
export async function tagsAreNewer() {
  const asked = field();
  const page = await current().catch(() => null);
  if (!page || asked !== field() || now(page) === asked.defaultValue) return false;
  show(now(page));
  return true;
}

export function startTags() {
  // "toggle" comes later than the menu opens, and would overwrite what was written in between.
  document.addEventListener("click", (event) => {
    const menu = event.target.closest("#tags-menu > summary")?.parentElement;
    if (menu && !menu.open) show();
  });
  // What nobody has changed follows the mock, so that a menu opened in any way shows the tags of now.
  document.addEventListener("page", () => {
    if (field() && field().value === field().defaultValue) show();
  });
}
