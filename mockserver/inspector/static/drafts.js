// Keeps what was written and not sent, for each conversation, as long as the tab is open.

const name = (draft) => `draft ${draft}`;
const fields = () => [...document.querySelectorAll("[data-draft]")];

function bringBack() {
  for (const field of fields()) {
    if (!field.value) field.value = sessionStorage.getItem(name(field.dataset.draft)) ?? "";
  }
}

function keep(draft, text) {
  if (text) sessionStorage.setItem(name(draft), text);
  else sessionStorage.removeItem(name(draft));
}

/** Keep drafts from now on. */
export function keepDrafts() {
  bringBack();
  document.addEventListener("page", bringBack);
  document.addEventListener("input", ({ target }) => {
    if (target.matches("[data-draft]")) keep(target.dataset.draft, target.value);
  });
}

/** The draft that a form writes; undefined if it writes none. */
export const draftOf = (form) => form.querySelector("[data-draft]")?.dataset.draft;

/** Take what was sent out of its draft; what was written since stays, whether the draft is shown or not. */
export function forgetDraft(draft, sent) {
  const rest = (text) => (text.startsWith(sent) ? text.slice(sent.length).trimStart() : text);
  keep(draft, rest(sessionStorage.getItem(name(draft)) ?? ""));
  for (const field of fields()) {
    if (field.dataset.draft === draft && field.value !== rest(field.value)) field.value = rest(field.value);
  }
}
